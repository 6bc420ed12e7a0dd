/*
 * probe.c: one connection to the endpoint, and everything that can be learnt from it.
 */
#include "doctor.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct probe probe;

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* What a log line says about TLS, NULL if nothing. Before 4.3 lines do not begin with the
 * connection's tag. */
static const char *words_of_tls(const char *text)
{
	const char *found = strstr(text, ": tls: ");

	if (found)
		return found + 7;
	return strncmp(text, "tls: ", 5) ? NULL : text + 5;
}

/* The library's log: some facts stand only there. */
static void on_log(int level, const char *text)
{
	const char *tls = words_of_tls(text), *found;

	/* What the program did wrong: here, what an option or the environment says. */
	if (level == LLL_ERR && !probe.trouble[0]) {
		found = strstr(text, "E: "); /* behind the time */
		found = found ? found + 3 : text;
		snprintf(probe.trouble, sizeof(probe.trouble), "%.*s", (int)strcspn(found, "\n"),
			 found);
	}
	if (tls && !strncmp(tls, "TLSv", 4)) {
		snprintf(probe.tls, sizeof(probe.tls), "%s", tls);
		probe.tls[strcspn(probe.tls, "\n")] = 0;
	}
	if ((found = strstr(text, "CA file ")) && strstr(found, "not loaded")) {
		snprintf(probe.ca_trouble, sizeof(probe.ca_trouble), "%s", found);
		probe.ca_trouble[strcspn(probe.ca_trouble, "\n")] = 0;
	}
	if (tls && strstr(tls, "allowed by LCCSCF_") && probe.allowed_count < 4)
		snprintf(probe.allowed[probe.allowed_count++], sizeof(probe.allowed[0]), "%.*s",
			 (int)strcspn(tls, "\n"), tls);
}

/* Words of the peer are shown on a terminal. */
static void without_controls(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			*text = '.';
}

static void copy_header(struct lws *wsi, enum lws_token_indexes token, char *to, size_t size)
{
	if (lws_hdr_copy(wsi, to, (int)size, token) < 0)
		to[0] = 0;
	without_controls(to);
}

static void look_at_reply(struct lws *wsi)
{
	probe.status = (int)lws_http_client_http_response(wsi);
	copy_header(wsi, WSI_TOKEN_HTTP_LOCATION, probe.location, sizeof(probe.location));
	copy_header(wsi, WSI_TOKEN_HTTP_WWW_AUTHENTICATE, probe.challenge, sizeof(probe.challenge));
	copy_header(wsi, WSI_TOKEN_HTTP_SERVER, probe.server, sizeof(probe.server));
	copy_header(wsi, WSI_TOKEN_PROTOCOL, probe.server_subprotocol,
		    sizeof(probe.server_subprotocol));
	copy_header(wsi, WSI_TOKEN_EXTENSIONS, probe.extensions, sizeof(probe.extensions));
}

static void look_at_certificate(struct lws *wsi)
{
	union {
		union lws_tls_cert_info_results of;
		char room[512];
	} answer;
	const size_t room = sizeof(answer) - sizeof(answer.of) + sizeof(answer.of.ns.name);

	if (lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &answer.of, room))
		return;
	snprintf(probe.subject, sizeof(probe.subject), "%s", answer.of.ns.name);
	if (!lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_ISSUER_NAME, &answer.of, room))
		snprintf(probe.issuer, sizeof(probe.issuer), "%s", answer.of.ns.name);
	if (!lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_VALIDITY_FROM, &answer.of, 0))
		probe.from = answer.of.time;
	if (!lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_VALIDITY_TO, &answer.of, 0))
		probe.until = answer.of.time;
	probe.has_certificate = 1;
}

/* Nothing comes: stop waiting. */
static void on_timer(lws_sorted_usec_list_t *timer)
{
	struct probe *p = lws_container_of(timer, struct probe, timer);

	if (p->wsi && !p->close_us)
		lws_callback_on_writable(p->wsi);
	p->done |= !p->wsi;
}

static int close_now(struct lws *wsi)
{
	probe.close_us = now_us();
	lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
	return -1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	unsigned char ping[LWS_PRE + 6], *code = in;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		snprintf(probe.error, sizeof(probe.error), "%s",
			 in ? (const char *)in : "no reason given");
		probe.done = 1;
		return 0;

	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		look_at_reply(wsi);
		look_at_certificate(wsi);
		return 0;

	case LWS_CALLBACK_RAW_CONNECTED:
		look_at_certificate(wsi);
		probe.connected = 1;
		if (!probe.request)
			return -1;
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, opt.timeout);
		return lws_write(wsi, (unsigned char *)probe.request, strlen(probe.request),
				 LWS_WRITE_RAW) < 0
			       ? -1
			       : 0;

	case LWS_CALLBACK_RAW_RX:
		if (len > sizeof(probe.answer) - 1 - probe.answer_len)
			len = sizeof(probe.answer) - 1 - probe.answer_len;
		memcpy(probe.answer + probe.answer_len, in, len);
		probe.answer_len += len;
		probe.answer[probe.answer_len] = 0;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		probe.connected = 1;
		probe.wsi = wsi;
		look_at_certificate(wsi);
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (probe.close_us)
			return 0;
		if (!probe.ping_us) {
			memcpy(ping + LWS_PRE, "doctor", 6);
			probe.ping_us = now_us();
			if (lws_write(wsi, ping + LWS_PRE, 6, LWS_WRITE_PING) < 0)
				return -1;
			lws_sul_schedule(lws_get_context(wsi), 0, &probe.timer, on_timer,
					 (lws_usec_t)opt.timeout * LWS_US_PER_SEC);
			return 0;
		}
		/* After the ping one WRITEABLE may come that nobody asked for. */
		if (!probe.pong_us && now_us() - probe.ping_us < opt.timeout * 900000LL)
			return 0;
		return close_now(wsi);

	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		if (probe.ping_us && !probe.pong_us) {
			probe.pong_us = now_us();
			return close_now(wsi);
		}
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		probe.messages += lws_is_final_fragment(wsi);
		return 0;

	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		probe.peer_code = len >= 2 ? code[0] << 8 | code[1] : -1;
		if (len > 2)
			snprintf(probe.peer_reason, sizeof(probe.peer_reason), "%.*s", (int)len - 2,
				 (const char *)in + 2);
		without_controls(probe.peer_reason);
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		probe.closed_us = now_us();
		probe.wsi = NULL;
		probe.done = 1;
		return 0;

	case LWS_CALLBACK_RAW_CLOSE:
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		probe.done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "doctor", on_event, 0, 4096, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate,
	  "permessage-deflate; client_no_context_takeover; client_max_window_bits" },
	{ NULL, NULL, NULL },
};

int run_probe(const char *method, int flags, const char *subprotocol)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	const char *request = probe.request;
	int n = 0;

	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE | LLL_INFO, on_log);
	memset(&probe, 0, sizeof(probe));
	probe.request = request;
	probe.is_ws = !method;
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.extensions = extensions;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = opt.ca;
	info.client_ssl_cert_filepath = opt.certificate;
	info.client_ssl_private_key_filepath = opt.key;
	info.http_proxy_address = opt.proxy;
	info.timeout_secs = (unsigned int)opt.timeout;
	info.connect_timeout_secs = (unsigned int)opt.timeout;
	context = lws_create_context(&info);
	if (!context) {
		snprintf(probe.error, sizeof(probe.error), "no context: %s", probe.trouble);
		return -1;
	}
	memset(&connect, 0, sizeof(connect));
	connect.context = context;
	connect.address = host;
	connect.port = port;
	connect.path = path;
	connect.host = opt.host ? opt.host : host;
	connect.origin = opt.origin;
	connect.method = method;
	connect.protocol = subprotocol;
	connect.local_protocol_name = "doctor";
	connect.ssl_connection = flags | LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	if (!lws_client_connect_via_info(&connect)) {
		snprintf(probe.error, sizeof(probe.error), "the connect call returned NULL: %s",
			 probe.trouble);
		probe.done = 1;
	}
	while (n >= 0 && !probe.done)
		n = lws_service(context, 0);
	lws_sul_cancel(&probe.timer);
	lws_context_destroy(context);
	probe.request = NULL;
	return probe.connected ? 0 : -1;
}
