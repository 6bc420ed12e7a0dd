/*
 * lws-write.h: writing to a connection.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_WRITE_H
#define OXLWS_LWS_WRITE_H

/* The headroom that lws_write() may use in front of the data: room for the longest websocket or HTTP/2 frame header. */
#define LWS_SIZEOFPTR ((int)sizeof(void *))
#if defined(__x86_64__) || defined(__aarch64__) || defined(__LP64__)
#define _LWS_PAD_SIZE 16
#else
#define _LWS_PAD_SIZE 8
#endif
#define _LWS_PAD(n) (((n) % _LWS_PAD_SIZE) ? ((n) + (_LWS_PAD_SIZE - ((n) % _LWS_PAD_SIZE))) : (n))

/** How many bytes must be free in front of the data given to lws_write(). */
#define LWS_PRE _LWS_PAD(4 + 10 + 2)
#define LWS_SEND_BUFFER_PRE_PADDING LWS_PRE
#define LWS_SEND_BUFFER_POST_PADDING 0

/** What to write on a raw connection. */
#define LWS_WRITE_RAW LWS_WRITE_HTTP

/** What `lws_write` sends: the low bits are a kind, the high bits flags. */
enum lws_write_protocol {
	/** The first piece, or all, of a text message; valid UTF-8. */
	LWS_WRITE_TEXT = 0,
	/** The first piece, or all, of a binary message. */
	LWS_WRITE_BINARY = 1,
	/** A further piece of the message. */
	LWS_WRITE_CONTINUATION = 2,
	/** A piece of an HTTP body, or raw bytes. */
	LWS_WRITE_HTTP = 3,
	/** A ping with up to 125 bytes. */
	LWS_WRITE_PING = 5,
	/** A pong with up to 125 bytes. */
	LWS_WRITE_PONG = 6,
	/** The last piece of an HTTP body. */
	LWS_WRITE_HTTP_FINAL = 7,
	/** A block of HTTP headers. */
	LWS_WRITE_HTTP_HEADERS = 8,
	/** A further block of HTTP headers. */
	LWS_WRITE_HTTP_HEADERS_CONTINUATION = 9,
	/** Has no effect. */
	LWS_WRITE_BUFLIST = 32,
	/** More pieces of the message follow. */
	LWS_WRITE_NO_FIN = 64,
	/** HTTP/2: nothing follows. */
	LWS_WRITE_H2_STREAM_END = 128,
	/** Has no effect. */
	LWS_WRITE_CLIENT_IGNORE_XOR_MASK = 128
};

struct lws;

/** A write on its way through the extensions. */
struct lws_write_passthru {
	struct lws *wsi;
	unsigned char *buf;
	size_t len;
	enum lws_write_protocol wp;
};

/**
 * A raw connection is done. Returns -1: return that from the callback, it closes now; 0: output is still to be sent,
 * the connection closes when that is done.
 */
int lws_raw_transaction_completed(struct lws *wsi);

/**
 * Queues `len` bytes at `buf`; never changes them, whether or not there are `LWS_PRE` bytes in front.
 *
 * May be called at any time and any number of times after the connection is established; frames keep their order and
 * leave together. Returns `len` (for PING and PONG the bytes of the whole frame), or -1: the connection is dead or the
 * call made no sense; nothing was queued. From another thread the bytes are copied and queued, with the same result.
 */
int lws_write(struct lws *wsi, unsigned char *buf, size_t len, enum lws_write_protocol protocol);

/** lws_write() of a piece of an HTTP body. */
#define lws_write_http(wsi, buf, len) lws_write(wsi, (unsigned char *)(buf), len, LWS_WRITE_HTTP)

/**
 * The kind and flags for one piece of a websocket message: `initial` (LWS_WRITE_TEXT or LWS_WRITE_BINARY) for the
 * first, a continuation for the others, and not final unless it is the last.
 */
static LWS_INLINE int
lws_write_ws_flags(int initial, int is_start, int is_end)
{
	return (is_start ? initial : (int)LWS_WRITE_CONTINUATION) | (is_end ? 0 : (int)LWS_WRITE_NO_FIN);
}

#endif
