/*
 * Plain http requests: what becomes of a form when the server answers 303, and how a
 * connection ends whose program returns nonzero at COMPLETED_CLIENT_HTTP.
 *
 *   client_http_ends PORT see_other|completed
 *
 * Expected output: client_http_ends_CASE.expected
 */
#include "harness.h"

static const char *test_case;
static int done, is_form;
static long long completed_at;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	char buffer[LWS_PRE + 64], *p = buffer + LWS_PRE;
	int room = 64;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %.*s", (int)len, in ? (const char *)in : "");
		done = 1;
		return 0;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: {
		unsigned char **at = (unsigned char **)in;

		say("request%s", lws_http_is_redirected_to_get(wsi) ? ", now a GET" : "");
		if (!is_form || lws_http_is_redirected_to_get(wsi))
			return 0;
		if (lws_add_http_header_content_length(wsi, 3, at, *at + len))
			return -1;
		lws_client_http_body_pending(wsi, 1);
		lws_callback_on_writable(wsi);
		return 0;
	}
	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		/* The server answers before it has the body: it stays pending. */
		say("body may be sent");
		return 0;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		say("status %d", (int)lws_http_client_http_response(wsi));
		return 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &p, &room) < 0 ? -1 : 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		say("completed");
		completed_at = now_us();
		return -1;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		say("closed");
		/* Neither the server's end nor the 5 s of keep-alive were waited for. */
		CHECK(completed_at && now_us() - completed_at < 2500000);
		done = 1;
		return 0;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "http", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_client_connect_info info;
	struct lws_context *context;

	CHECK(argc == 3);
	test_case = argv[2];
	is_form = !strcmp(test_case, "see_other");
	context = make_context(protocols, NULL);
	info = to_port(context, argv[1], "http");
	info.method = is_form ? "POST" : "GET";
	if (is_form)
		info.ssl_connection = LCCSCF_HTTP_X_WWW_FORM_URLENCODED;
	CHECK(lws_client_connect_via_info(&info) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
