/*
 * lws-ws-ext.h: websocket extensions.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_WS_EXT_H
#define OXLWS_LWS_WS_EXT_H

/* generated:enums */

/** What values an extension option takes. */
enum lws_ext_options_types {
	EXTARG_NONE = 0,
	EXTARG_DEC = 1,
	EXTARG_OPT_DEC = 2
};

/** Why an extension callback is called. */
enum lws_extension_callback_reasons {
	LWS_EXT_CB_CONSTRUCT = 4,
	LWS_EXT_CB_CLIENT_CONSTRUCT = 5,
	LWS_EXT_CB_DESTROY = 8,
	LWS_EXT_CB_PACKET_TX_PRESEND = 12,
	LWS_EXT_CB_PAYLOAD_TX = 21,
	LWS_EXT_CB_PAYLOAD_RX = 22,
	LWS_EXT_CB_OPTION_DEFAULT = 23,
	LWS_EXT_CB_OPTION_SET = 24,
	LWS_EXT_CB_OPTION_CONFIRM = 25,
	LWS_EXT_CB_NAMED_OPTION_SET = 26
};

/* end of generated:enums */

/** The callback of an extension. */
typedef int lws_extension_callback_function(struct lws_context *context, const struct lws_extension *ext,
		struct lws *wsi, enum lws_extension_callback_reasons reason, void *user, void *in, size_t len);

/* generated:types */

/** A websocket extension that a vhost or client connection offers; a table of them ends with a NULL name. */
struct lws_extension {
	const char *name;
	lws_extension_callback_function *callback;
	const char *client_offer;
};

/** An option that an extension understands; a table of them ends with a NULL name. */
struct lws_ext_options {
	const char *name;
	enum lws_ext_options_types type;
};

/** One parsed extension option, as passed with `LWS_EXT_CB_OPTION_SET` and `LWS_EXT_CB_NAMED_OPTION_SET`. */
struct lws_ext_option_arg {
	const char *option_name;
	int option_index;
	const char *start;
	int len;
};

/* end of generated:types */

/* generated:functions */

/**
 * Reads `len` bytes of option text, `a; b=1`, against a table that ends with a NULL name, and calls the extension with
 * LWS_EXT_CB_OPTION_SET and a `struct lws_ext_option_arg` for each option.
 *
 * EXTARG_NONE options take no value, EXTARG_DEC ones need a decimal number, EXTARG_OPT_DEC ones may have one; without
 * one `start` is NULL and `len` 0. Returns 0, or -1: an unknown option, a bad value, or the extension returned nonzero.
 */
int lws_ext_parse_options(const struct lws_extension *ext, struct lws *wsi, void *ext_user,
		const struct lws_ext_options *opts, const char *o, int len);

/** The entry programs put into their extension table for permessage-deflate. Does nothing when called; returns 0. */
int lws_extension_callback_pm_deflate(struct lws_context *context, const struct lws_extension *ext,
		struct lws *wsi, enum lws_extension_callback_reasons reason, void *user, void *in,
		size_t len);

/**
 * Sets an option of an extension that is active on the connection. Returns 0, or -1: not active, or no such option.
 *
 * Of permessage-deflate, `rx_buf_size` counts from the next message on; the others were settled when the connection was
 * made (LWS_CALLBACK_WS_EXT_DEFAULTS is the place for them) and are only checked.
 *
 * One option is our own: with `max_inflate_ratio` of N, a message that inflates to more than N times its size, beyond its
 * first 64 KiB, ends the connection. 0, the default, is no limit; deflate cannot do more than 1032.
 */
int lws_set_extension_option(struct lws *wsi, const char *ext_name, const char *opt_name,
		const char *opt_val);

/* end of generated:functions */

#endif
