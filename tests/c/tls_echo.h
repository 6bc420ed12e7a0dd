/*
 * tls_echo.h: what the server and the clients of tls_pair.h do: echo a message, answer a request,
 * tell how a connection went.
 */
#ifndef TLS_ECHO_H
#define TLS_ECHO_H

#include "tls_pair.h"

static int accepted_requests;
static char server_saw[64];

static inline int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			    size_t len)
{
	unsigned char buffer[LWS_PRE + 64], *start = buffer + LWS_PRE;
	union lws_tls_cert_info_results ci;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_HTTP:
		accepted_requests++;
		memset(&ci, 0, sizeof(ci));
		if (lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &ci,
					   sizeof(ci.ns.name)))
			strcpy(ci.ns.name, "nobody");
		lws_snprintf(server_saw, sizeof(server_saw), "%s", ci.ns.name);
		if (reason == LWS_CALLBACK_ESTABLISHED)
			return 0;
		return answer_text(wsi, HTTP_STATUS_OK, "ok");
	case LWS_CALLBACK_RECEIVE:
		CHECK(len <= 64);
		memcpy(start, in, len);
		return lws_write(wsi, start, len, LWS_WRITE_TEXT) == (int)len ? 0 : -1;
	default:
		return 0;
	}
}

static inline int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			    size_t len)
{
	char room[LWS_PRE + 64], *body = room + LWS_PRE;
	int left = 64;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		run.established = 1;
		CHECK(lws_get_ssl(wsi) == NULL && lws_get_ssl(wsi) == NULL);
		return send_text(wsi, "hello") < 0 ? -1 : 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		lws_snprintf(run.text, sizeof(run.text), "echo of %.*s", (int)len,
			     (const char *)in);
		return close_normally(wsi);
	case LWS_CALLBACK_RAW_CONNECTED: {
		/* the start of an http/2 client; to a server of http/1.1 a bad request */
		static const char start[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
		unsigned char words[LWS_PRE + sizeof(start)];

		memcpy(words + LWS_PRE, start, sizeof(start));
		return lws_write(wsi, words + LWS_PRE, sizeof(start), LWS_WRITE_RAW) ==
				       sizeof(start)
			       ? 0
			       : -1;
	}
	case LWS_CALLBACK_RAW_RX:
		if (len > 4 && !memcmp(in, "HTTP", 4))
			strcpy(run.text, "raw http/1");
		else
			lws_snprintf(run.text, sizeof(run.text), "raw frame of type %d",
				     len > 3 ? ((char *)in)[3] : -1);
		return -1;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &body, &left);
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		lws_snprintf(run.text, sizeof(run.text), "body %.*s", (int)len, (const char *)in);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lws_snprintf(run.text, sizeof(run.text), "%s", in ? (const char *)in : "");
		run.ended = 1;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		run.ended |= wsi == run.wsi;
		return 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		run.ended = 1;
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols client_protocols[] = {
	{ "client", on_client, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};
static const struct lws_protocols server_protocols[] = {
	{ "server", on_server, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* Makes one connection, waits for its end and tells how it went. */
static inline void go(const char *what, struct oxlws_tls_config *config,
		      const struct lws_client_connect_info *info)
{
	accepted_requests = 0;
	if (!run_once(info, config)) {
		say("%s: NULL: %s", what, config ? oxlws_tls_why(config) : "");
		return;
	}
	run.text[strcspn(run.text, ";")] = '\0'; /* the rest of certificate problems names dates */
	say("%s: %s%s%s", what, run.established ? "established, " : "", run.text,
	    accepted_requests ? "" : " (no request)");
}

static inline void connect_wss(const char *what, struct oxlws_tls_config *config)
{
	struct lws_client_connect_info info = target();

	go(what, config, &info);
}

static inline void result(const char *what, int n, struct oxlws_tls_config *config)
{
	say("%s: %d%s%s", what, n, n ? ": " : "", oxlws_tls_why(config));
}

/* Begins with the folder of the certificates. */
static inline void echo_begin(const char *certs)
{
	pair_begin(certs, server_protocols, client_protocols);
}

#endif
