/*
 * Requests to a dynamic handler: one connection for many, pipelining, stock pages,
 * redirects, header getters, and what ends slow, idle and large requests.
 *
 * Options: idle (waits of 1 s each), small (a small header table), agents (refused
 * User-Agents), tokens (a limit for the length of a cookie), few (few connections).
 */
#include "server.h"

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	unsigned char buffer[LWS_PRE + 1024], *start = buffer + LWS_PRE, *p = start;
	unsigned char *end = buffer + sizeof(buffer) - 1;
	char text[512], value[200];
	const char *path = in;
	size_t room;
	int n;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		say("HTTP %s", path);
		if (sscanf(path, "/status/%d", &n) == 1) {
			if (lws_return_http_status(wsi, (unsigned int)n, n == 418 ? "tea" : NULL))
				return -1;
			return lws_http_transaction_completed(wsi) ? -1 : 0;
		}
		if (!strcmp(path, "/redirect")) {
			n = lws_http_redirect(wsi, HTTP_STATUS_FOUND, (const unsigned char *)"/there", 6,
					      &p, end);
			if (n < 0)
				return -1;
			return lws_http_transaction_completed(wsi) ? -1 : 0;
		}
		if (!strcmp(path, "/headers")) {
			n = lws_hdr_copy(wsi, value, sizeof(value), WSI_TOKEN_HTTP_ACCEPT);
			lws_snprintf(text, sizeof(text), "accept %d '%s', ", n, n > 0 ? value : "");
			n = lws_hdr_custom_length(wsi, "x-own:", 6);
			if (n >= 0)
				lws_hdr_custom_copy(wsi, value, sizeof(value), "x-own:", 6);
			lws_snprintf(text + strlen(text), sizeof(text) - strlen(text), "x-own %d '%s', ", n,
				     n >= 0 ? value : "");
			path = lws_get_urlarg_by_name(wsi, "a=", value, sizeof(value));
			lws_snprintf(text + strlen(text), sizeof(text) - strlen(text), "a '%s', ",
				     path ? path : "(none)");
			room = sizeof(value);
			n = lws_http_cookie_get(wsi, "c", value, &room);
			lws_snprintf(text + strlen(text), sizeof(text) - strlen(text), "cookie %d '%s'\n", n,
				     n ? "" : value);
			return answer_text(wsi, HTTP_STATUS_OK, text);
		}
		if (!strcmp(path, "/never"))
			return 0; /* nothing is ever answered */
		if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI))
			return 0;
		return answer_text(wsi, HTTP_STATUS_OK, "ok\n");
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return answer_text(wsi, HTTP_STATUS_OK, "posted\n");
	case LWS_CALLBACK_CLOSED_HTTP:
		say("CLOSED_HTTP");
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", on_event, 8, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	static const struct lws_protocol_vhost_options refused = { NULL, NULL, "BadBot", "403 go away" };
	static struct lws_token_limits limits;
	struct lws_context_creation_info info;
	struct lws_context *context;
	int n;

	server_info(&info, protocols);
	for (n = 1; n < argc; n++) {
		if (!strcmp(argv[n], "idle")) {
			info.timeout_secs = 1;
			info.timeout_secs_ah_idle = 1;
			info.keepalive_timeout = 1;
		}
		if (!strcmp(argv[n], "few")) {
			info.fd_limit_per_thread = 6;
			info.options |= LWS_SERVER_OPTION_DISABLE_IPV6; /* one listener */
		}
		if (!strcmp(argv[n], "small"))
			info.max_http_header_data = 512;
		if (!strcmp(argv[n], "agents"))
			info.reject_service_keywords = &refused;
		if (!strcmp(argv[n], "tokens")) {
			limits.token_limit[WSI_TOKEN_HTTP_COOKIE] = 4;
			info.token_limits = &limits;
		}
	}
	info.server_string = "a-server";
	context = lws_create_context(&info);
	return serve(context, port_of(context, "default"));
}
