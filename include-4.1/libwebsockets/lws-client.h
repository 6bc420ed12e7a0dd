/*
 * lws-client.h: client connections.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_CLIENT_H
#define OXLWS_LWS_CLIENT_H

/** Bits of `ssl_connection` in the connect info. */
enum lws_client_connect_ssl_connection_flags {
	/** Use TLS. */
	LCCSCF_USE_SSL = 1,
	/** Accept a self-signed certificate. */
	LCCSCF_ALLOW_SELFSIGNED = 2,
	/** Accept a certificate for another name. */
	LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK = 4,
	/** Accept a certificate that is expired or not yet valid. */
	LCCSCF_ALLOW_EXPIRED = 8,
	/** Accept a certificate of an unknown authority. */
	LCCSCF_ALLOW_INSECURE = 16,
	LCCSCF_H2_QUIRK_NGHTTP2_END_STREAM = 32,
	LCCSCF_H2_QUIRK_OVERFLOWS_TXCR = 64,
	LCCSCF_H2_AUTH_BEARER = 128,
	LCCSCF_H2_HEXIFY_AUTH_TOKEN = 256,
	/** HTTP/2: the program decides what the server may send. */
	LCCSCF_H2_MANUAL_RXFLOW = 512,
	/** The request body is a multipart form. */
	LCCSCF_HTTP_MULTIPART_MIME = 1024,
	/** The request body is an urlencoded form. */
	LCCSCF_HTTP_X_WWW_FORM_URLENCODED = 2048,
	/** Deliver redirects instead of following them. */
	LCCSCF_HTTP_NO_FOLLOW_REDIRECT = 4096,
	/** HTTP: share a connection to the same server. */
	LCCSCF_PIPELINE = 65536,
	LCCSCF_MUXABLE_STREAM = 131072,
	/** HTTP/2 from the first byte, without TLS. */
	LCCSCF_H2_PRIOR_KNOWLEDGE = 262144,
	/** Checks of validity may wake a suspended system. */
	LCCSCF_WAKE_SUSPEND__VALIDITY = 524288,
	/** Read on before other connections are served. */
	LCCSCF_PRIORITIZE_READS = 1048576,
	LCCSCF_SECSTREAM_CLIENT = 2097152,
	LCCSCF_SECSTREAM_PROXY_LINK = 4194304,
	LCCSCF_SECSTREAM_PROXY_ONWARD = 8388608,
	LCCSCF_IP_LOW_LATENCY = 16777216,
	LCCSCF_IP_HIGH_THROUGHPUT = 33554432,
	LCCSCF_IP_HIGH_RELIABILITY = 67108864,
	LCCSCF_IP_LOW_COST = 134217728,
	/** Take timings, see lws_conmon_wsi_take(). */
	LCCSCF_CONMON = 268435456,
	/** Follow a redirect from https to http. */
	LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS = 536870912,
	/** Use the cookie jar of the context. */
	LCCSCF_CACHE_COOKIES = 1073741824
};

/** How to connect as a client: argument of `lws_client_connect_via_info`. Zero it, then set what is needed. */
struct lws_client_connect_info {
	/** Required. */
	struct lws_context *context;
	/** Required: name or address of the server; `+path` is a unix socket, `+@name` an abstract one. */
	const char *address;
	/** Required, apart from unix sockets. */
	int port;
	/** LCCSCF_ bits; 0: no TLS. */
	int ssl_connection;
	/** Path of the request; a missing first slash is added. */
	const char *path;
	/** Value of the Host header, and the name the certificate must have. */
	const char *host;
	/** Host for the Origin header; NULL: no such header. */
	const char *origin;
	/** Websocket subprotocols to offer, separated by commas; NULL: none. */
	const char *protocol;
	/** Version of websocket; 0 and -1: 13. */
	int ietf_version_or_minus_one;
	/** Session data to use instead of allocated memory; NULL: allocate. */
	void *userdata;
	/** Not used. */
	const void *client_exts;
	/** NULL: websocket; `GET`, `POST` ..: HTTP; `RAW`: a plain connection. */
	const char *method;
	/** The connection whose child this is; NULL: none. */
	struct lws *parent_wsi;
	/** Only for proxying, which is not built. */
	const char *uri_replace_from;
	/** Only for proxying, which is not built. */
	const char *uri_replace_to;
	/** The vhost to use; NULL: `default`, or the first. */
	struct lws_vhost *vhost;
	/** Where to store the new connection, before the call returns; NULL: nowhere. */
	struct lws **pwsi;
	/** Interface or address to connect from; NULL: any. */
	const char *iface;
	/** Name of the protocol that handles the connection; NULL: as offered. */
	const char *local_protocol_name;
	/** Protocols to offer with ALPN, separated by commas. */
	const char *alpn;
	/** Not built. */
	struct lws_sequencer *seq;
	/** See lws_get_opaque_user_data(). */
	void *opaque_user_data;
	/** When the connection is pinged and given up if idle; NULL: that of the vhost. */
	const lws_retry_bo_t *retry_and_idle_policy;
	/** HTTP/2 with LCCSCF_H2_MANUAL_RXFLOW: what the server may send at first. */
	int manual_initial_tx_credit;
	/** Nonzero n: client certificate n-1 of the system blobs. */
	uint8_t sys_tls_client_cert;
	/** Not built. */
	void *mqtt_cp;
	/** How long an HTTP connection is kept for the next transaction; 0: 5. */
	uint16_t keep_warm_secs;
	/** Room for later releases; leave it zero. */
	void *_unused[4];
};

/**
 * Starts a client connection.
 *
 * Returns the connection, or NULL if it failed at once. After a connection was returned exactly one of
 * CLIENT_CONNECTION_ERROR, CLIENT_CLOSED, CLOSED_CLIENT_HTTP, RAW_CLOSE follows. Callable inside callbacks and at any
 * time after the context was made; not from other threads.
 */
struct lws *lws_client_connect_via_info(const struct lws_client_connect_info *ccinfo);

/** Tells whether body bytes of the request are still to be sent: CLIENT_HTTP_WRITEABLE comes while they are. */
void lws_client_http_body_pending(struct lws *wsi, int something_left_to_send);

/**
 * Writes what stands in front of a part of a multipart/form-data body at `*p`, and moves `*p` behind it.
 *
 * For connections made with LCCSCF_HTTP_MULTIPART_MIME. `filename` and `content_type` may be NULL. `name` NULL: the end
 * of the body. Returns 0; 1 and writes nothing if it does not fit before `end`, or the connection is not such a one.
 */
int lws_client_http_multipart(struct lws *wsi, const char *name, const char *filename,
		const char *content_type, char **p, char *end);

/**
 * Writes the value of an `Authorization` header for basic authentication, `Basic` and the encoded `user:pw`, with a NUL.
 *
 * `len`: size of `buf`. Returns 0, 1 if `buf` is too small (or an argument is NULL), 2 if user and password together
 * are longer than 123 characters.
 */
int lws_http_basic_auth_gen(const char *user, const char *pw, char *buf, size_t len);

/** Status code of the reply to a client connection; 0 before there is one. */
unsigned int lws_http_client_http_response(struct lws *wsi);

/**
 * Reads body bytes of the reply into `*buf`, at most `*len`; they come in RECEIVE_CLIENT_HTTP_READ from inside.
 *
 * To be called in RECEIVE_CLIENT_HTTP. At the end of the body COMPLETED_CLIENT_HTTP comes, also from inside. Returns 0,
 * or -1: return -1 from the callback.
 */
int lws_http_client_read(struct lws *wsi, char **buf, int *len);

/**
 * Makes the client TLS of a vhost that was created without: the `client_ssl_` and CA members of `info` count.
 *
 * A vhost that has client TLS keeps it. Returns 0, or 1: the log says why.
 */
int lws_init_vhost_client_ssl(const struct lws_context_creation_info *info,
		struct lws_vhost *vhost);

/**
 * Trusts one more CA, DER, for client connections of the vhost that are made from now on.
 *
 * Returns 0; -1 when the vhost has no client TLS or the bytes are no certificate.
 */
int lws_tls_client_vhost_extra_cert_mem(struct lws_vhost *vh, const uint8_t *der, size_t der_len);

/** 1 if the TLS handshake of the connection resumed an earlier session, else 0. */
int lws_tls_session_is_reused(struct lws *wsi);

#endif
