/*
 * lws-http.h: HTTP headers, status, files and transactions.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_HTTP_H
#define OXLWS_LWS_HTTP_H

/** The status code in the argument of lws_add_http_header_status() and its relatives. */
#define LWSAHH_CODE_MASK 0xFFFF
/** Leave out the Server header. */
#define LWSAHH_FLAG_NO_SERVER_NAME (1 << 30)

/** As a stream id: the stream of this connection. */
#define LWS_H2_STREAM_SID (-1)

/** As a content length: not known. */
#define LWS_ILLEGAL_HTTP_CONTENT_LEN ((lws_filepos_t)-1)

/** Room for response headers that is enough for most. */
#define LWS_RECOMMENDED_MIN_HEADER_SPACE 2048

/* generated:enums */

/** The request methods by number, as `lws_http_get_uri_and_method` returns them. */
enum {
	LWSHUMETH_GET = 0,
	LWSHUMETH_POST = 1,
	LWSHUMETH_OPTIONS = 2,
	LWSHUMETH_PUT = 3,
	LWSHUMETH_PATCH = 4,
	LWSHUMETH_DELETE = 5,
	LWSHUMETH_CONNECT = 6,
	LWSHUMETH_HEAD = 7,
	LWSHUMETH_COLON_PATH = 8
};

/** HTTP status codes. */
enum http_status {
	HTTP_STATUS_CONTINUE = 100,
	HTTP_STATUS_OK = 200,
	HTTP_STATUS_NO_CONTENT = 204,
	HTTP_STATUS_PARTIAL_CONTENT = 206,
	HTTP_STATUS_MOVED_PERMANENTLY = 301,
	HTTP_STATUS_FOUND = 302,
	HTTP_STATUS_SEE_OTHER = 303,
	HTTP_STATUS_NOT_MODIFIED = 304,
	HTTP_STATUS_BAD_REQUEST = 400,
	HTTP_STATUS_UNAUTHORIZED = 401,
	HTTP_STATUS_PAYMENT_REQUIRED = 402,
	HTTP_STATUS_FORBIDDEN = 403,
	HTTP_STATUS_NOT_FOUND = 404,
	HTTP_STATUS_METHOD_NOT_ALLOWED = 405,
	HTTP_STATUS_NOT_ACCEPTABLE = 406,
	HTTP_STATUS_PROXY_AUTH_REQUIRED = 407,
	HTTP_STATUS_REQUEST_TIMEOUT = 408,
	HTTP_STATUS_CONFLICT = 409,
	HTTP_STATUS_GONE = 410,
	HTTP_STATUS_LENGTH_REQUIRED = 411,
	HTTP_STATUS_PRECONDITION_FAILED = 412,
	HTTP_STATUS_REQ_ENTITY_TOO_LARGE = 413,
	HTTP_STATUS_REQ_URI_TOO_LONG = 414,
	HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE = 415,
	HTTP_STATUS_REQ_RANGE_NOT_SATISFIABLE = 416,
	HTTP_STATUS_EXPECTATION_FAILED = 417,
	HTTP_STATUS_INTERNAL_SERVER_ERROR = 500,
	HTTP_STATUS_NOT_IMPLEMENTED = 501,
	HTTP_STATUS_BAD_GATEWAY = 502,
	HTTP_STATUS_SERVICE_UNAVAILABLE = 503,
	HTTP_STATUS_GATEWAY_TIMEOUT = 504,
	HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED = 505
};

/** Settings of HTTP/2 by their identifier (RFC 9113 §6.5.2). */
enum lws_h2_settings {
	H2SET_HEADER_TABLE_SIZE = 1,
	H2SET_ENABLE_PUSH = 2,
	H2SET_MAX_CONCURRENT_STREAMS = 3,
	H2SET_INITIAL_WINDOW_SIZE = 4,
	H2SET_MAX_FRAME_SIZE = 5,
	H2SET_MAX_HEADER_LIST_SIZE = 6,
	H2SET_RESERVED7 = 7,
	H2SET_ENABLE_CONNECT_PROTOCOL = 8,
	H2SET_COUNT = 9
};

/** The headers the parser knows by number, and some internal states behind them. */
enum lws_token_indexes {
	WSI_TOKEN_GET_URI = 0,
	WSI_TOKEN_POST_URI = 1,
	WSI_TOKEN_OPTIONS_URI = 2,
	WSI_TOKEN_HOST = 3,
	WSI_TOKEN_CONNECTION = 4,
	WSI_TOKEN_UPGRADE = 5,
	WSI_TOKEN_ORIGIN = 6,
	WSI_TOKEN_DRAFT = 7,
	WSI_TOKEN_CHALLENGE = 8,
	WSI_TOKEN_EXTENSIONS = 9,
	WSI_TOKEN_KEY1 = 10,
	WSI_TOKEN_KEY2 = 11,
	WSI_TOKEN_PROTOCOL = 12,
	WSI_TOKEN_ACCEPT = 13,
	WSI_TOKEN_NONCE = 14,
	WSI_TOKEN_HTTP = 15,
	WSI_TOKEN_HTTP2_SETTINGS = 16,
	WSI_TOKEN_HTTP_ACCEPT = 17,
	WSI_TOKEN_HTTP_AC_REQUEST_HEADERS = 18,
	WSI_TOKEN_HTTP_IF_MODIFIED_SINCE = 19,
	WSI_TOKEN_HTTP_IF_NONE_MATCH = 20,
	WSI_TOKEN_HTTP_ACCEPT_ENCODING = 21,
	WSI_TOKEN_HTTP_ACCEPT_LANGUAGE = 22,
	WSI_TOKEN_HTTP_PRAGMA = 23,
	WSI_TOKEN_HTTP_CACHE_CONTROL = 24,
	WSI_TOKEN_HTTP_AUTHORIZATION = 25,
	WSI_TOKEN_HTTP_COOKIE = 26,
	WSI_TOKEN_HTTP_CONTENT_LENGTH = 27,
	WSI_TOKEN_HTTP_CONTENT_TYPE = 28,
	WSI_TOKEN_HTTP_DATE = 29,
	WSI_TOKEN_HTTP_RANGE = 30,
	WSI_TOKEN_HTTP_REFERER = 31,
	WSI_TOKEN_KEY = 32,
	WSI_TOKEN_VERSION = 33,
	WSI_TOKEN_SWORIGIN = 34,
	WSI_TOKEN_HTTP_COLON_AUTHORITY = 35,
	WSI_TOKEN_HTTP_COLON_METHOD = 36,
	WSI_TOKEN_HTTP_COLON_PATH = 37,
	WSI_TOKEN_HTTP_COLON_SCHEME = 38,
	WSI_TOKEN_HTTP_COLON_STATUS = 39,
	WSI_TOKEN_HTTP_ACCEPT_CHARSET = 40,
	WSI_TOKEN_HTTP_ACCEPT_RANGES = 41,
	WSI_TOKEN_HTTP_ACCESS_CONTROL_ALLOW_ORIGIN = 42,
	WSI_TOKEN_HTTP_AGE = 43,
	WSI_TOKEN_HTTP_ALLOW = 44,
	WSI_TOKEN_HTTP_CONTENT_DISPOSITION = 45,
	WSI_TOKEN_HTTP_CONTENT_ENCODING = 46,
	WSI_TOKEN_HTTP_CONTENT_LANGUAGE = 47,
	WSI_TOKEN_HTTP_CONTENT_LOCATION = 48,
	WSI_TOKEN_HTTP_CONTENT_RANGE = 49,
	WSI_TOKEN_HTTP_ETAG = 50,
	WSI_TOKEN_HTTP_EXPECT = 51,
	WSI_TOKEN_HTTP_EXPIRES = 52,
	WSI_TOKEN_HTTP_FROM = 53,
	WSI_TOKEN_HTTP_IF_MATCH = 54,
	WSI_TOKEN_HTTP_IF_RANGE = 55,
	WSI_TOKEN_HTTP_IF_UNMODIFIED_SINCE = 56,
	WSI_TOKEN_HTTP_LAST_MODIFIED = 57,
	WSI_TOKEN_HTTP_LINK = 58,
	WSI_TOKEN_HTTP_LOCATION = 59,
	WSI_TOKEN_HTTP_MAX_FORWARDS = 60,
	WSI_TOKEN_HTTP_PROXY_AUTHENTICATE = 61,
	WSI_TOKEN_HTTP_PROXY_AUTHORIZATION = 62,
	WSI_TOKEN_HTTP_REFRESH = 63,
	WSI_TOKEN_HTTP_RETRY_AFTER = 64,
	WSI_TOKEN_HTTP_SERVER = 65,
	WSI_TOKEN_HTTP_SET_COOKIE = 66,
	WSI_TOKEN_HTTP_STRICT_TRANSPORT_SECURITY = 67,
	WSI_TOKEN_HTTP_TRANSFER_ENCODING = 68,
	WSI_TOKEN_HTTP_USER_AGENT = 69,
	WSI_TOKEN_HTTP_VARY = 70,
	WSI_TOKEN_HTTP_VIA = 71,
	WSI_TOKEN_HTTP_WWW_AUTHENTICATE = 72,
	WSI_TOKEN_PATCH_URI = 73,
	WSI_TOKEN_PUT_URI = 74,
	WSI_TOKEN_DELETE_URI = 75,
	WSI_TOKEN_HTTP_URI_ARGS = 76,
	WSI_TOKEN_PROXY = 77,
	WSI_TOKEN_HTTP_X_REAL_IP = 78,
	WSI_TOKEN_HTTP1_0 = 79,
	WSI_TOKEN_X_FORWARDED_FOR = 80,
	WSI_TOKEN_CONNECT = 81,
	WSI_TOKEN_HEAD_URI = 82,
	WSI_TOKEN_TE = 83,
	WSI_TOKEN_REPLAY_NONCE = 84,
	WSI_TOKEN_COLON_PROTOCOL = 85,
	WSI_TOKEN_X_AUTH_TOKEN = 86,
	WSI_TOKEN_DSS_SIGNATURE = 87,
	_WSI_TOKEN_CLIENT_SENT_PROTOCOLS = 88,
	_WSI_TOKEN_CLIENT_PEER_ADDRESS = 89,
	_WSI_TOKEN_CLIENT_URI = 90,
	_WSI_TOKEN_CLIENT_HOST = 91,
	_WSI_TOKEN_CLIENT_ORIGIN = 92,
	_WSI_TOKEN_CLIENT_METHOD = 93,
	_WSI_TOKEN_CLIENT_IFACE = 94,
	_WSI_TOKEN_CLIENT_ALPN = 95,
	/** How many headers there are; the rest are states of the parser. */
	WSI_TOKEN_COUNT = 96,
	WSI_TOKEN_NAME_PART = 97,
	WSI_TOKEN_UNKNOWN_VALUE_PART = 98,
	WSI_TOKEN_SKIPPING = 99,
	WSI_TOKEN_SKIPPING_SAW_CR = 100,
	WSI_PARSING_COMPLETE = 101,
	WSI_INIT_TOKEN_MUXURL = 102
};

/* end of generated:enums */

/* generated:types */

/** The longest value accepted for each known header. */
struct lws_token_limits {
	unsigned short token_limit[96];
};

/** Called with name, name length and user pointer for each header without a number. */
typedef void (*lws_hdr_custom_fe_cb_t)(const char *name, int nlen, void *opaque);

/**
 * A piece of a response body or header area, as passed with `LWS_CALLBACK_PROCESS_HTML` and
 * `LWS_CALLBACK_ADD_HEADERS`.
 */
struct lws_process_html_args {
	char *p;
	int len;
	int max_len;
	int final;
	int chunked;
};

/** Returns the text for variable number `index`, or NULL. */
typedef const char *(*lws_process_html_state_cb)(void *data, int index);

/** State of the substitution of `$variables` in a body, for `lws_chunked_html_process`. */
struct lws_process_html_state {
	char *start;
	char swallow[16];
	int pos;
	void *data;
	const char *const *vars;
	int count_vars;
	lws_process_html_state_cb replace;
};

/** A piece of payload on its way through an extension. */
struct lws_tokens {
	unsigned char *token;
	int len;
};

/* end of generated:types */

/* generated:functions */

/**
 * Adds status line, `content-type` (NULL: none) and `content-length`.
 *
 * `LWS_ILLEGAL_HTTP_CONTENT_LEN` as length adds `connection: close` instead: the connection ends with the transaction.
 * Returns 0; 1: it does not fit, nothing was written.
 */
int lws_add_http_common_headers(struct lws *wsi, unsigned int code, const char *content_type,
		lws_filepos_t content_len, unsigned char **p, unsigned char *end);

/**
 * Adds one header line. `name` may end with a colon or not; `value` has `length` bytes and no line end.
 *
 * Returns 0; 1: it does not fit or is no valid line, nothing was written.
 */
int lws_add_http_header_by_name(struct lws *wsi, const unsigned char *name,
		const unsigned char *value, int length, unsigned char **p, unsigned char *end);

/**
 * Adds one header line by the number of its name.
 *
 * Returns 0; 1: no such header, or it does not fit, nothing was written.
 */
int lws_add_http_header_by_token(struct lws *wsi, enum lws_token_indexes token,
		const unsigned char *value, int length, unsigned char **p, unsigned char *end);

/** Adds `content-length`. Returns 0; 1: it does not fit. */
int lws_add_http_header_content_length(struct lws *wsi, lws_filepos_t content_length,
		unsigned char **p, unsigned char *end);

/**
 * Adds the status line for `code`, the vhost's `headers`, and the lines that its options ask for.
 *
 * `LWSAHH_FLAG_NO_SERVER_NAME` in `code` leaves out `server:`. Returns 0; 1: it does not fit, nothing was written.
 */
int lws_add_http_header_status(struct lws *wsi, unsigned int code, unsigned char **p,
		unsigned char *end);

/**
 * Replaces the names that `s->vars` lists (with their `$`) in the text of `args` by what `s->replace` gives.
 *
 * With `args->chunked` the result is framed as a chunk, whose size stands in front of `args->p`: 10 bytes there must be
 * writable, as with LWS_PRE; `args->final` ends the body. Returns 0, or -1: the result is longer than `args->max_len`.
 */
int lws_chunked_html_process(struct lws_process_html_args *args, struct lws_process_html_state *s);

/** Adds the empty line that ends the head. Returns 0; 1: it does not fit. */
int lws_finalize_http_header(struct lws *wsi, unsigned char **p, unsigned char *end);

/** Adds the empty line and sends everything from `start` to `*p`. Returns 0; nonzero: failed, close the connection. */
int lws_finalize_write_http_header(struct lws *wsi, unsigned char *start, unsigned char **p,
		unsigned char *end);

/**
 * Content type of a file by the end of its name, in any case.
 *
 * `m`: a mount whose `extra_mimetypes` (name: suffix, value: type) come before the built-in list, and whose `*` entry is
 * used for everything unknown; may be NULL. Returns a static string or one of the mount's; NULL if the type is unknown.
 */
const char *lws_get_mimetype(const char *file, const struct lws_http_mount *m);

/** Like `lws_get_urlarg_by_name_safe`, but returns `buf`, or NULL if absent or too long. */
const char *lws_get_urlarg_by_name(struct lws *wsi, const char *name, char *buf, int len);

/**
 * Copies the value of the url argument `name` with a final NUL. Returns its length, -1 if absent or too long for `len`.
 *
 * `name` may end with `=` and should: without it, it is compared as the beginning of the argument's name.
 */
int lws_get_urlarg_by_name_safe(struct lws *wsi, const char *name, char *buf, int len);

/** Returns 1: not a stream of an HTTP/2 client. */
int lws_h2_client_stream_long_poll_rxonly(struct lws *wsi);

/** Bytes that the peer may still send on this HTTP/2 stream; 0 for other connections. */
int lws_h2_get_peer_txcredit_estimate(struct lws *wsi);

/**
 * Lets the peer send `bump` bytes more on stream `sid` of the HTTP/2 connection (`LWS_H2_STREAM_SID`: this stream).
 *
 * Returns 0; -1: there is no such stream.
 */
int lws_h2_update_peer_txcredit(struct lws *wsi, unsigned int sid, int bump);

/** Copies a header's value with a final NUL. Returns its length, 0 if absent, -1 if `len` is too small. */
int lws_hdr_copy(struct lws *wsi, char *dest, int len, enum lws_token_indexes h);

/**
 * Copies fragment `frag_idx` of a header with a final NUL. Returns its length, -1 if there is none or `len` is too
 * small.
 */
int lws_hdr_copy_fragment(struct lws *wsi, char *dest, int len, enum lws_token_indexes h,
		int frag_idx);

/** Copies a header that has no token, with a final NUL. Returns its length, -1 if absent or `len` is too small. */
int lws_hdr_custom_copy(struct lws *wsi, char *dst, int len, const char *name, int nlen);

/** Length of a header that has no token; `name` in lower case with its colon. -1 if absent. */
int lws_hdr_custom_length(struct lws *wsi, const char *name, int nlen);

/**
 * Calls `cb` with name (lower case, with its colon), length and `opaque` for each header that has no token.
 *
 * Returns 0; -1: there is no message with headers.
 */
int lws_hdr_custom_name_foreach(struct lws *wsi, lws_hdr_custom_fe_cb_t cb, void *opaque);

/** Length of fragment `frag_idx` of a header; 0 if there is none. */
int lws_hdr_fragment_length(struct lws *wsi, enum lws_token_indexes h, int frag_idx);

/** Length of a header's value, several lines joined; 0 if absent. */
int lws_hdr_total_length(struct lws *wsi, enum lws_token_indexes h);

/**
 * Raises `*us_interval_in_out` to what the Retry-After header of the reply asks for.
 *
 * Returns 0 if it was raised; 1 if it stays: no such header, not understandable, or not longer.
 */
int lws_http_check_retry_after(struct lws *wsi, lws_usec_t *us_interval_in_out);

/** Compression of answers is not built in, as in the original's usual builds: 0, nothing is compressed. */
int lws_http_compression_apply(struct lws *wsi, const char *name, unsigned char **p,
		unsigned char *end, char decomp);

/**
 * Copies the cookie `name` of the request with a final NUL; `*max` is the size of `buf` and becomes the length.
 *
 * Returns 0: found; 1: absent; 2: the buffer is too small, nothing was copied.
 */
int lws_http_cookie_get(struct lws *wsi, const char *name, char *buf, size_t *max);

/**
 * Reads the HTTP date at `b`, of which `len` bytes may be looked at, into `t`.
 *
 * Returns 0, or -1 (and leaves `t`) if there is no date of the form `Sun, 06 Nov 1994 08:49:37 GMT`. The weekday need
 * not fit the date.
 */
int lws_http_date_parse_unix(const char *b, size_t len, time_t *t);

/**
 * Writes the time `t` as an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT`.
 *
 * `len`: size of `buf`; 30 for the whole date and its NUL, with 29 the last letter is cut. Returns 0, or -1 if it is
 * smaller, for NULL, and for years that do not have four digits.
 */
int lws_http_date_render_from_unix(char *buf, size_t len, const time_t *t);

/**
 * The method of the request as an `LWSHUMETH_` number; `*puri_ptr` and `*puri_len` become its decoded path.
 *
 * The text belongs to the connection and lives as long as its headers. Returns -1 if there is no request.
 */
int lws_http_get_uri_and_method(struct lws *wsi, char **puri_ptr, int *puri_len);

/** Gives the request's headers back: `lws_hdr_...` finds nothing from here on. Returns 0. */
int lws_http_headers_detach(struct lws *wsi);

/** 1 if a redirect turned the request into GET. */
int lws_http_is_redirected_to_get(struct lws *wsi);

/** The answer is a stream of events without end: gives the request's headers back and clears the timeout. Returns 0. */
int lws_http_mark_sse(struct lws *wsi);

/**
 * Answers with a redirect to `loc` (`len` bytes): status `code`, `location`, an empty body.
 *
 * The head is composed at `*p`. Returns its length, above 0; negative: it does not fit or the connection is dead.
 */
int lws_http_redirect(struct lws *wsi, int code, const unsigned char *loc, int len,
		unsigned char **p, unsigned char *end);

/** The transaction is over. Returns 1: the connection must be closed, return -1 from the callback; 0: it stays. */
int lws_http_transaction_completed(struct lws *wsi);

/**
 * Queues a whole answer: status, a stock page with `html_body` (NULL: nothing) in it. Does not complete the transaction.
 *
 * With 404 and an `error_document_404` of the vhost it is a redirect there. Returns 0, or nonzero: the connection is to
 * be closed.
 */
int lws_return_http_status(struct lws *wsi, unsigned int code, const char *html_body);

/**
 * Sends a file as the answer to the request of `wsi`, through the file operations of the context.
 *
 * `content_type`: NULL or "" for none. `other_headers`: NULL, or whole header lines of `other_headers_len` bytes; without a
 * cache-control among them `no-store` is said. A Range header is honoured.
 *
 * Returns 0: the file is on its way, LWS_CALLBACK_HTTP_FILE_COMPLETION follows (for HEAD the transaction is completed
 * already); positive: the answer is complete, for a missing file with 404, call `lws_http_transaction_completed()`;
 * negative: close, return -1 from the callback.
 */
int lws_serve_http_file(struct lws *wsi, const char *file, const char *content_type,
		const char *other_headers, int other_headers_len);

/**
 * Goes on with the file of `lws_serve_http_file()`. The loop does that by itself.
 *
 * Returns 0: more is to come, 1: no file is under way, negative: close.
 */
int lws_serve_http_file_fragment(struct lws *wsi);

/**
 * Name of a known header, in lower case with its colon, as `lws_add_http_header_by_name` takes it.
 *
 * Static. NULL for numbers that are no header of the protocol.
 */
const unsigned char *lws_token_to_string(enum lws_token_indexes token);

/**
 * Undoes URL escapes in `escaped`, `+` included.
 *
 * `len`: the most characters to write; `string` needs room for a NUL behind them, and may be `escaped` itself. Returns
 * 0, or -1 for a bad escape or NULL. An escape that is cut short at the end is dropped. `%00` gives a NUL.
 */
int lws_urldecode(char *string, const char *escaped, int len);

/**
 * Escapes `string` for use in a URL: letters and digits stay, a blank becomes `+`, every other byte `%XX`.
 *
 * `len`: size of `escaped`; what does not fit is left out, and up to three bytes stay unused. Returns `escaped`.
 */
const char *lws_urlencode(char *escaped, const char *string, int len);

/* end of generated:functions */

/** Nonzero for a status code that is an error: 400 and above. */
#define lws_http_client_http_resp_is_error(code) (!((code) < 400))

#endif
