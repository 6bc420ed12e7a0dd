/*
 * lws-tls-sessions.h: storage of TLS sessions.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_TLS_SESSIONS_H
#define OXLWS_LWS_TLS_SESSIONS_H

/** Bytes of the name of a stored TLS session. */
#define LWS_SESSION_TAG_LEN 96

/** A TLS session on its way to or from the storage of the program. */
struct lws_tls_session_dump {
	char tag[96];
	void *blob;
	void *opaque;
	size_t blob_len;
};

/** Loads or saves one TLS session; 0 on success. */
typedef int (*lws_tls_sess_cb_t)(struct lws_context *cx, struct lws_tls_session_dump *info);

/** Returns 1, "not usable"; `cb_load` is not called: see `lws_tls_session_dump_save`. */
int lws_tls_session_dump_load(struct lws_vhost *vh, const char *host, uint16_t port,
		lws_tls_sess_cb_t cb_load, void *opq);

/** Returns 1, "no such session": sessions are resumed inside a process, but cannot be turned into bytes. */
int lws_tls_session_dump_save(struct lws_vhost *vh, const char *host, uint16_t port,
		lws_tls_sess_cb_t cb_save, void *opq);

#endif
