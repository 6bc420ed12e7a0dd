/*
 * lws-smd.h: system messages.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SMD_H
#define OXLWS_LWS_SMD_H

/** The listener is a proxied stream. */
#define LWSSMDREG_FLAG_PROXIED_SS 1

/** The stream type that carries system messages. */
#define LWS_SMD_STREAMTYPENAME "_lws_smd"
/** Bytes of a class where messages are serialised. */
#define LWS_SMD_CLASS_BITFIELD_BYTES 4
/** Bytes in front of a serialised message. */
#define LWS_SMD_SS_RX_HEADER_LEN 16
/** Bytes of the longest system message. */
#define LWS_SMD_MAX_PAYLOAD 384

/** The classes of system messages; bits of `lws_smd_class_t`. */
enum {
	LWSSMDCL_INTERACTION = 1,
	LWSSMDCL_SYSTEM_STATE = 2,
	LWSSMDCL_NETWORK = 4,
	LWSSMDCL_METRICS = 8,
	LWSSMDCL_USER_BASE_BITNUM = 24
};

/** One or several classes of system messages. */
typedef uint32_t lws_smd_class_t;

/** Called with each system message of the wanted classes: opaque, class, time, payload, length. */
typedef int (*lws_smd_notification_cb_t)(void *opaque, lws_smd_class_t _class, lws_usec_t timestamp,
		void *buf, size_t len);

/**
 * Makes a message of `len` bytes for the caller to fill.
 *
 * Returns its payload, to be given to `lws_smd_msg_send` or `lws_smd_msg_free`; NULL if nobody wants the class, `len`
 * is above `LWS_SMD_MAX_PAYLOAD`, or there is no memory. Any thread.
 */
void *lws_smd_msg_alloc(struct lws_context *ctx, lws_smd_class_t _class, size_t len);

/** Frees a message that was not sent; `*payload` becomes NULL. */
void lws_smd_msg_free(void **payload);

/**
 * Sends a text to whoever registered for `_class`.
 *
 * Returns 0 if it was queued or nobody wants the class, 1 if it is longer than `LWS_SMD_MAX_PAYLOAD` or the queue is
 * full. Any thread.
 */
int lws_smd_msg_printf(struct lws_context *ctx, lws_smd_class_t _class, const char *format,
		...) LWS_FORMAT(3);

/**
 * Sends a message; all its bytes are filled in.
 *
 * Returns 0, the message is the library's then; 1 if the queue is full, and the caller frees it. Any thread.
 */
int lws_smd_msg_send(struct lws_context *ctx, void *payload);

/**
 * Registers `cb(opaque, class, timestamp_us, buf, len)` for messages of the classes in `_class_filter`.
 *
 * Returns the peer, or NULL. It lives until `lws_smd_unregister`, or the end of the context. `flags` is 0. Any thread.
 */
struct lws_smd_peer *lws_smd_register(struct lws_context *ctx, void *opaque, int flags,
		lws_smd_class_t _class_filter, lws_smd_notification_cb_t cb);

/**
 * Ends a registration: `pr` gets no more messages, also not those on their way. Any thread.
 *
 * If the service thread is calling `pr` just now, another thread waits for that, at most a second: hold no lock that
 * the callback wants.
 */
void lws_smd_unregister(struct lws_smd_peer *pr);

#endif
