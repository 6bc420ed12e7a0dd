/*
 * lws-sha1-base64.h: SHA-1 and base64.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SHA1_BASE64_H
#define OXLWS_LWS_SHA1_BASE64_H

/** Progress of a base64 decode that is fed in pieces. */
struct lws_b64state {
	unsigned char quad[4];
	size_t done;
	size_t len;
	int i;
	int c;
};

/**
 * Writes the SHA-1 digest of the `n` bytes at `d` to the 20 bytes at `md`, and returns `md`.
 *
 * For protocols that ask for it, such as the ws handshake; not for anything that must resist an attacker.
 */
unsigned char *lws_SHA1(const unsigned char *d, size_t n, unsigned char *md);

/** Starts a decode that is fed in pieces. */
void lws_b64_decode_state_init(struct lws_b64state *state);

/**
 * Decodes the next piece of a base64 text.
 *
 * `in_len`: size of the piece, changed to what was used of it. `out_size`: room at `out`, changed to the number of bytes
 * written. `final`: nonzero with the last piece, whose incomplete group is then decoded too. Returns 0, or -1 if an
 * argument is NULL.
 */
int lws_b64_decode_stateful(struct lws_b64state *s, const char *in, size_t *in_len, uint8_t *out,
		size_t *out_size, int final);

/**
 * Decodes the base64 text `in`, with or without padding, in either alphabet, skipping everything else.
 *
 * Returns the number of bytes, and puts a NUL behind them if there is room. What does not fit in `out_size` bytes is
 * left out, in groups of three. -1 if an argument is NULL. `out` may be `in`.
 */
int lws_b64_decode_string(const char *in, char *out, int out_size);

/** As `lws_b64_decode_string` for a text of `in_len` bytes; it ends at a NUL all the same. */
int lws_b64_decode_string_len(const char *in, int in_len, char *out, int out_size);

/**
 * Encodes `in_len` bytes at `in` as base64 with padding and a NUL.
 *
 * `out_size` must be at least the length of the text plus two. Returns the length of the text, or -1 if `out_size` is
 * too small or an argument is NULL.
 */
int lws_b64_encode_string(const char *in, int in_len, char *out, int out_size);

/** As `lws_b64_encode_string` with `-` and `_` instead of `+` and `/`; the padding stays. */
int lws_b64_encode_string_url(const char *in, int in_len, char *out, int out_size);

#endif
