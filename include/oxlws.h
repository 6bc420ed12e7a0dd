/*
 * oxlws.h: what oxlws offers beyond libwebsockets.
 *
 * Only oxlws has this header and these functions; all their names begin with oxlws_. A program that is also to be built with
 * libwebsockets asks first:
 *
 *     #include <libwebsockets.h>
 *     #if defined(__has_include) && __has_include(<oxlws.h>)
 *     #include <oxlws.h>
 *     #endif
 *     ...
 *     #ifdef OXLWS_VERSION_NUMBER
 *
 * C99 and C++98 and later. The man page is oxlws.h(3).
 */
#ifndef OXLWS_H
#define OXLWS_H

#include <libwebsockets.h>

/** Version of oxlws, and the same as one number for comparisons: major * 1000000 + minor * 1000 + patch. */
#define OXLWS_VERSION "0.1.0"
#define OXLWS_VERSION_NUMBER 1000

#ifdef __cplusplus
extern "C" {
#endif

/** Who ended a connection: `by` of struct oxlws_ended. */
enum {
	OXLWS_ENDED_BY_US = 1, /**< the program, or the library for it */
	OXLWS_ENDED_BY_PEER = 2,
	OXLWS_ENDED_BY_TIMEOUT = 3,
	OXLWS_ENDED_BY_FAILURE = 4 /**< a client connection that did not come about */
};

/** How far a connection was: `step` of struct oxlws_ended. */
enum {
	OXLWS_STEP_RESOLVING = 1,
	OXLWS_STEP_CONNECTING = 2,
	OXLWS_STEP_PROXY = 3,
	OXLWS_STEP_TLS = 4,
	OXLWS_STEP_HTTP = 5, /**< request or reply head */
	OXLWS_STEP_OPEN = 6, /**< websocket or raw data, http bodies */
	OXLWS_STEP_CLOSING = 7
};

/** The end of connections that a TLS configuration is for: `oxlws_tls_new()`. */
enum {
	OXLWS_TLS_CLIENT = 1,
	OXLWS_TLS_SERVER = 2
};

/** Versions of TLS, with the numbers of the protocol: `oxlws_tls_set_versions()`. */
enum {
	OXLWS_TLS_1_2 = 0x0303,
	OXLWS_TLS_1_3 = 0x0304
};

/** Whether a server asks clients for certificates: `oxlws_tls_set_client_certs()`. */
enum {
	OXLWS_TLS_CERTS_NONE = 0,
	OXLWS_TLS_CERTS_OPTIONAL = 1,
	OXLWS_TLS_CERTS_REQUIRED = 2
};

/** What the library found out about a certificate: `verdict` of struct oxlws_tls_peer. */
enum {
	OXLWS_TLS_GOOD = 0,
	OXLWS_TLS_ALLOWED_BY_FLAGS = 1, /**< not good, but LCCSCF_ flags of the connection let it pass */
	OXLWS_TLS_NO_CERTIFICATE = 2,	/**< a client that shows none, where that is allowed */
	/* Without a hook the connection would end: */
	OXLWS_TLS_UNKNOWN_ISSUER = 3,
	OXLWS_TLS_SELF_SIGNED = 4, /**< it, or one above it, and not trusted */
	OXLWS_TLS_WRONG_NAME = 5,
	OXLWS_TLS_EXPIRED = 6,
	OXLWS_TLS_NOT_YET_VALID = 7,
	OXLWS_TLS_OTHER_PROBLEM = 8 /**< `openssl_number` and `text` tell which */
};

/** What a verification hook answers. Everything else is as OXLWS_TLS_REFUSE. */
enum {
	OXLWS_TLS_AS_VERIFIED = 0, /**< the library's verdict counts */
	OXLWS_TLS_ACCEPT = 1,	   /**< good, whatever the verdict is */
	OXLWS_TLS_REFUSE = 2
};

/** What a peer may send only so much of: `oxlws_vhost_set_limit()`. */
enum {
	OXLWS_LIMIT_MESSAGE = 1, /**< bytes of a websocket message */
	OXLWS_LIMIT_BODY = 2	 /**< bytes of the body of a request or reply */
};

/** A TLS configuration that the program builds. Its pointer is a name: checked by each call, and nothing to look into. */
struct oxlws_tls_config;

/** liboxlws-rustls.so: what `oxlws_rustls_object()` gives. */
struct oxlws_rustls;

/* Of rustls.h, which liboxlws-rustls.so comes with. */
struct rustls_client_config;
struct rustls_server_config;

/**
 * The object that makes and runs rustls configurations: link with -loxlws-rustls, which also has the `rustls_` functions of
 * rustls.h. This function is in liboxlws-rustls.so, which is built with -DOXLWS_RUSTLS=ON only.
 */
const struct oxlws_rustls *oxlws_rustls_object(void);

/* generated:types */

/** Why a connection ended. Filled by `oxlws_wsi_ended()`. */
struct oxlws_ended {
	/** OXLWS_ENDED_BY_*. */
	int by;
	/** OXLWS_STEP_*: how far the connection was when that happened. */
	int step;
	/** The close code of RFC 6455 that travelled; 0: none. */
	int close_code;
	/** Microseconds since then. */
	uint64_t ago_us;
	/** What happened, as the library's log has it; UTF-8, always ends with NUL, cut if it is longer. */
	char text[256];
};

/** What a context counted since it was made. Filled by `oxlws_context_stats()`. */
struct oxlws_context_stats {
	/** Client connections that were begun, and those that exist now. */
	uint64_t clients;
	uint64_t clients_now;
	/** Client connections that did not come about (CLIENT_CONNECTION_ERROR, or NULL from the connect call). */
	uint64_t clients_failed;
	/** Connections that were accepted or adopted, and those that exist now. */
	uint64_t accepted;
	uint64_t accepted_now;
	/** Connections of both sides that became websockets. */
	uint64_t upgraded;
	/** Connections that were ended by a timeout. */
	uint64_t timed_out;
	/**
	 * Bytes on the wire, of ended and living connections; with TLS those of its records. Datagrams and files are not
	 * counted.
	 */
	uint64_t bytes_in;
	uint64_t bytes_out;
	/** Whole ws messages of data. */
	uint64_t messages_in;
	uint64_t messages_out;
};

/** What a connection counted. Filled by `oxlws_wsi_stats()`. */
struct oxlws_wsi_stats {
	/** Bytes on the wire; with TLS those of its records. */
	uint64_t bytes_in;
	uint64_t bytes_out;
	/** Whole ws messages of data, modulo 2^32. */
	uint64_t messages_in;
	uint64_t messages_out;
	/** Bytes that were written and wait to be sent. */
	uint64_t queued;
};

/** What a verification hook decides about. All that it points to is valid during the call. */
struct oxlws_tls_peer {
	/** Size of this struct, which grows at its end. */
	size_t size;
	/** The connection. It may be closed from inside the hook, by `lws_set_timeout()` with LWS_TO_KILL_ASYNC for example. */
	struct lws *wsi;
	/** What was given with the hook. */
	void *user;
	/** The name or address that the certificate has to be for; NULL where the peer is a client. */
	const char *host;
	/** OXLWS_TLS_GOOD and up: what the library found, with the LCCSCF_ flags of the connection. */
	int verdict;
	/** OpenSSL's number of the first problem (X509_V_ERR_...); 0: none. */
	int openssl_number;
	/** The same in words; empty: no problem. */
	const char *text;
	/** Certificates in DER as the peer sent them, its own first; 0: a client that shows none. */
	size_t certificates;
	const uint8_t *const *der;
	const size_t *der_len;
	/** SHA-256 of the peer's certificate in DER; zeros without one. */
	uint8_t certificate_sha256[32];
	/**
	 * SHA-256 of its public key (SubjectPublicKeyInfo in DER), which renewed certificates keep if they are for the same
	 * key; zeros without one.
	 */
	uint8_t key_sha256[32];
};

/** Decides about a certificate: OXLWS_TLS_AS_VERIFIED, OXLWS_TLS_ACCEPT or OXLWS_TLS_REFUSE. Any other value refuses. */
typedef int (*oxlws_tls_verify_cb)(const struct oxlws_tls_peer *peer);

/** Takes a line of a key log, without its newline. `user`: what was given with the hook. */
typedef void (*oxlws_tls_key_log_cb)(struct lws *wsi, const char *line, void *user);

/* end of generated:types */

/* generated:functions */

/**
 * Starts a client connection with a TLS configuration of its own; else as `lws_client_connect_via_info()`.
 *
 * `config` was made for clients. `info->ssl_connection` must have LCCSCF_USE_SSL; its other flags count as always. The
 * vhost needs no TLS. Redirects go on with the configuration. Http connections that share a TCP connection
 * (LCCSCF_PIPELINE) share it only if they have the same configuration.
 *
 * Returns the connection, or NULL; `oxlws_tls_why()` or the log tells.
 */
struct lws *oxlws_client_connect(const struct lws_client_connect_info *info,
		struct oxlws_tls_config *config);

/**
 * A descriptor that any event loop can watch in place of all connections, timers and wake-ups of a context.
 *
 * It is readable (POLLIN, by level) whenever a service call has something to do, also when a timer is due, when another
 * thread called `lws_cancel_service()` or queued something, and when work is pending that no socket tells of. When it is,
 * call `lws_service(context, -1)`, which does what there is and does not wait; there is no timeout to compute:
 *
 * ```c
 * struct pollfd watched = { oxlws_context_fd(context), POLLIN, 0 };
 * int ended = 0;
 * while (!ended && poll(&watched, 1, -1) >= 0)
 *     ended = watched.revents && lws_service(context, -1) < 0;
 * ```
 *
 * Readable is all it ever is: it cannot be read or written, and events other than POLLIN mean nothing. Edge-triggered
 * watchers must call `lws_service(context, -1)` until poll() says that it is no longer readable.
 *
 * It may be watched by several means at a time and added to an epoll set. It belongs to the library, stays the same and
 * open until the context is destroyed, and must not be closed; a loop that does not notice closed descriptors has to be
 * told to stop watching before `lws_context_destroy()`. Other calls (writes, timers, connects) may come from anywhere in
 * the program's loop, in the thread that services the context. Contexts that this was not called for pay nothing.
 *
 * Returns the descriptor; -1: not a context, another thread's, or no descriptor left. The log says which.
 */
int oxlws_context_fd(struct lws_context *context);

/**
 * Tells what a context counted. From any thread. `size`: sizeof(*stats).
 *
 * Costs a look at every living connection; the counting itself costs nothing to speak of. Returns 0; -1: not a
 * context, `stats` is NULL, or, from another thread, a callback of it took longer than a second. The log says which.
 */
int oxlws_context_stats(struct lws_context *context, struct oxlws_context_stats *stats,
		size_t size);

/**
 * The loop of the event library that the context is in: `uv_loop_t *`, `struct ev_loop *`, `GMainLoop *`,
 * `struct event_base *` or `sd_event *`.
 *
 * What was given in `info.foreign_loops`, or the loop that the library made and `lws_service()` runs; the program may put
 * its own timers and descriptors in there, and stop it, which makes `lws_service()` return 1. NULL: the context has the
 * built-in loop, or was destroyed.
 */
void *oxlws_event_loop(struct lws_context *context);

/**
 * Trusts the certificates of a PEM file, or the one of a DER file: for a client issuers of servers' certificates, for a
 * server those of clients'. May be called several times.
 *
 * A self-signed certificate may be what the server itself shows. Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_add_roots_file(struct oxlws_tls_config *config, const char *path);

/** The same from memory, PEM or DER of `len` bytes. */
int oxlws_tls_add_roots_pem(struct oxlws_tls_config *config, const void *pem, size_t len);

/**
 * Clients: trusts the certificate authorities of the operating system.
 *
 * Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_add_system_roots(struct oxlws_tls_config *config);

/**
 * Frees a TLS configuration. What uses it goes on with it.
 *
 * NULL: nothing is done.
 */
void oxlws_tls_free(struct oxlws_tls_config *config);

/**
 * Makes a TLS configuration. `side`: OXLWS_TLS_CLIENT or OXLWS_TLS_SERVER.
 *
 * It is filled by the functions below; what is not set is as in a plain `lws_create_context()`, but for the roots: a
 * client trusts nobody until some are added. The first use freezes it. It may be used by any number of connections,
 * vhosts and contexts. The functions may be called from any thread, for one configuration from one at a time.
 *
 * Returns a pointer to free by `oxlws_tls_free()`; it is checked wherever it is used, so a stale one does no harm. NULL:
 * an unknown `side`, or 65536 configurations exist.
 */
struct oxlws_tls_config *oxlws_tls_new(int side);

/**
 * The ALPN names (RFC 7301) in order of preference, separated by commas.
 *
 * A client offers them where the connect info has no `alpn`; h2 is offered by raw connections only. A server selects from
 * them. Unset: as without a configuration. Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_alpn(struct oxlws_tls_config *config, const char *names);

/**
 * Our own certificate with its chain, and its key, from files; PEM or DER.
 *
 * `key` NULL: the key is in the certificate's file. `password`: of an encrypted key, else NULL. Both are read at once and
 * must belong together. Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_cert_file(struct oxlws_tls_config *config, const char *certificate,
		const char *key, const char *password);

/** The same from memory. `key` NULL: the key is in the certificate's PEM. */
int oxlws_tls_set_cert_pem(struct oxlws_tls_config *config, const void *certificate,
		size_t certificate_len, const void *key, size_t key_len, const char *password);

/**
 * The cipher suites of TLS 1.2 and of TLS 1.3, as OpenSSL writes them: names or classes, separated by colons, in order of
 * preference. NULL: the usual ones. What does not exist here is passed over; something must be left.
 *
 * Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_ciphers(struct oxlws_tls_config *config, const char *tls_1_2,
		const char *tls_1_3);

/**
 * Servers: whether clients are asked for a certificate: OXLWS_TLS_CERTS_NONE (unset), OXLWS_TLS_CERTS_OPTIONAL (none is
 * fine, a bad one is not) or OXLWS_TLS_CERTS_REQUIRED. The roots of the configuration issue them.
 *
 * Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_client_certs(struct oxlws_tls_config *config, int demand);

/**
 * The groups of the key exchange, which OpenSSL also calls curves, separated by colons, commas or blanks, in order of
 * preference; no others are used. NULL: the usual ones, which are X25519, P-256, P-384 and X25519MLKEM768.
 *
 * Names are those of OpenSSL (`P-256` or `prime256v1`, `X25519`) and of the registry (`secp256r1`, `X25519MLKEM768`,
 * `SecP256r1MLKEM768`, `MLKEM768`, `MLKEM1024`); those with MLKEM resist quantum computers and need TLS 1.3. What does
 * not exist here is passed over; something must be left. Groups of which none works with the versions that are set are
 * refused where the configuration is used. Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_groups(struct oxlws_tls_config *config, const char *groups);

/**
 * Tells the program the secrets of each connection, as lines of the format that NSS calls SSLKEYLOGFILE and Wireshark
 * reads; NULL: nobody is told.
 *
 * For debugging: who has these lines can read the connection. The library never writes them anywhere, and no environment
 * variable makes it do so. The hook is called in the service thread and may call any function.
 *
 * Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_key_log_hook(struct oxlws_tls_config *config, oxlws_tls_key_log_cb hook,
		void *user);

/**
 * How many TLS sessions are remembered, so that a later connection can resume one: shorter, and without certificates.
 * 0: none is resumed.
 *
 * For a client the number of servers (unset: 10), for a server that of clients without tickets (unset: 256); tickets,
 * which nearly all clients have, cost a server no memory, and are off with 0 as well. At most 100000. Sessions are
 * remembered for one configuration and live no longer than it and what uses it. Returns 0, or -1: `oxlws_tls_why()`
 * tells.
 */
int oxlws_tls_set_sessions(struct oxlws_tls_config *config, unsigned int count);

/**
 * Has the program decide about each peer's certificate; NULL: the library alone decides.
 *
 * The hook is called in the service thread, when the peer has shown its certificate and proved that it holds the key, and
 * before anything that depends on it is sent: no request, no data, no certificate of ours with TLS 1.3. It may call any
 * function. A peer that it refuses, or does not answer for, ends: a client connection with CLIENT_CONNECTION_ERROR.
 * Sessions of such a configuration are not resumed, so every connection is asked about. Servers: ask for certificates,
 * see `oxlws_tls_set_client_certs()`.
 *
 * Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_verify_hook(struct oxlws_tls_config *config, oxlws_tls_verify_cb hook,
		void *user);

/**
 * The versions that are spoken: OXLWS_TLS_1_2 or OXLWS_TLS_1_3, `lowest` to `highest`. Unset: both.
 *
 * Returns 0, or -1: `oxlws_tls_why()` tells.
 */
int oxlws_tls_set_versions(struct oxlws_tls_config *config, int lowest, int highest);

/**
 * Why the last call with this configuration failed; an empty text if it did not. Never NULL.
 *
 * The text is valid until the next call with the configuration. The log has it, too.
 */
const char *oxlws_tls_why(const struct oxlws_tls_config *config);

/**
 * Client connections of the vhost that begin from now on use this TLS configuration, which was made for clients. The
 * vhost may have been made without TLS.
 *
 * Returns 0, or -1: `oxlws_tls_why()` or the log tells.
 */
int oxlws_vhost_set_client_tls(struct lws_vhost *vhost, struct oxlws_tls_config *config);

/**
 * Limits how many bytes a peer of `vhost` may send in one message or in one body, as `what` says. `most` 0: no limit, as
 * it is without this call.
 *
 * OXLWS_LIMIT_MESSAGE: in a websocket message, all its frames together, counted as it arrives in the callback, that is,
 * after inflating. A longer one ends the connection with the code 1009, before the frame that exceeds the limit is
 * delivered, where its header tells.
 *
 * OXLWS_LIMIT_BODY: in the body of a request; the client gets 413 and the connection ends, at once where a Content-Length
 * announces too much. And in the body of a reply to our request: CLIENT_CONNECTION_ERROR at the head, or the connection
 * ends inside the body without COMPLETED_CLIENT_HTTP.
 *
 * May be called at any time in the service thread, and counts for what arrives from then on, on both sides. Returns 0;
 * -1: no vhost, or no such limit.
 */
int oxlws_vhost_set_limit(struct lws_vhost *vhost, int what, uint64_t most);

/**
 * Client connections of the vhost that begin from now on use a configuration that the program made with the `rustls_`
 * functions of liboxlws-rustls.so; all of it counts, and nothing else: roots, versions, ALPN, verification.
 *
 * `object`: `oxlws_rustls_object()`. The vhost keeps the configuration; the program may free its own. LCCSCF_ flags do
 * not loosen its checks. Returns 0, or -1: the log tells, for example that the object is of another build.
 */
int oxlws_vhost_set_rustls_client_config(struct lws_vhost *vhost, const struct oxlws_rustls *object,
		const struct rustls_client_config *config);

/**
 * Clients that the vhost accepts from now on are served with a configuration that the program made with the `rustls_`
 * functions of liboxlws-rustls.so; all of it counts, and nothing else. A vhost that was made without TLS has it from now
 * on.
 *
 * As `oxlws_vhost_set_rustls_client_config()` otherwise.
 */
int oxlws_vhost_set_rustls_server_config(struct lws_vhost *vhost, const struct oxlws_rustls *object,
		const struct rustls_server_config *config);

/**
 * Clients that the vhost accepts from now on are served with this TLS configuration, which was made for servers and has a
 * certificate. A vhost that was made without TLS has it from now on; connections that exist stay as they are.
 *
 * To exchange a certificate make another configuration and set that. Without names of its own (`oxlws_tls_set_alpn()`)
 * those of the vhost count. Returns 0, or -1: `oxlws_tls_why()` or the log tells.
 */
int oxlws_vhost_set_server_tls(struct lws_vhost *vhost, struct oxlws_tls_config *config);

/**
 * Tells why a connection ended.
 *
 * To be called in its CLOSED, CLIENT_CLOSED, CLOSED_HTTP, RAW_CLOSE or CLIENT_CONNECTION_ERROR callback, or later with the
 * dead pointer, which is recognised as such: what is known stays until the place in the library's table is used by another
 * connection (at the earliest 256 connections later). `size`: sizeof(*ended).
 *
 * Returns 1 and fills `*ended`; 0: the connection has not ended; -1: nothing is known (the log says
 * why it is no connection).
 */
int oxlws_wsi_ended(struct lws *wsi, struct oxlws_ended *ended, size_t size);

/**
 * Tells what a connection counted. From any thread; `size`: sizeof(*stats). For connections that ended as long as
 * `oxlws_wsi_ended()` knows of them.
 *
 * Returns 0; -1: not a connection, or `stats` is NULL. The log says which.
 */
int oxlws_wsi_stats(struct lws *wsi, struct oxlws_wsi_stats *stats, size_t size);

/* end of generated:functions */

#ifdef __cplusplus
}
#endif

#endif
