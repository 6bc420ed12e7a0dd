/*
 * No more TLS connections than info.simultaneous_ssl_restriction allows: the next one
 * fails, and another one succeeds when the first has ended.
 *
 *   client_tls_limit PORT CA
 *
 * Expected output: client_tls_limit.expected
 */
#include "harness.h"

static struct lws *first;
static int established, failed, closed;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("error %s", in ? (const char *)in : "");
		failed++;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		first = wsi;
		established++;
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		closed++;
		return 0;

	default:
		return 0;
	}
}

static void start(struct lws_context *context, const char *port)
{
	struct lws_client_connect_info connect = to_port(context, port, "limit");

	connect.host = "localhost";
	connect.ssl_connection = LCCSCF_USE_SSL;
	CHECK(lws_client_connect_via_info(&connect) != NULL);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "limit", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_context *context;

	CHECK(argc == 3);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = argv[2];
	info.simultaneous_ssl_restriction = 1;
	context = lws_create_context(&info);
	CHECK(context != NULL);

	start(context, argv[1]);
	while (!established && lws_service(context, 0) >= 0)
		;
	start(context, argv[1]);
	while (!failed && lws_service(context, 0) >= 0)
		;
	lws_set_timeout(first, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	while (!closed && lws_service(context, 0) >= 0)
		;
	start(context, argv[1]);
	while (established < 2 && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	return 0;
}
