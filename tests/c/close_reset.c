/*
 * A peer that resets the connection: the end says so, with TLS as without.
 *
 *   close_reset PORT [CA_FILE]
 *
 * Expected output: close_reset.expected
 */
#include "harness.h"
#include <oxlws.h>

static int ended;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct oxlws_ended why;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "");
		ended = 1;
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("received %.*s", (int)len, (const char *)in);
		return send_text(wsi, "reset me") < 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		CHECK(oxlws_wsi_ended(wsi, &why, sizeof(why)) == 1);
		say("%s: %s", why.by == OXLWS_ENDED_BY_PEER ? "by the peer" : "not by the peer",
		    strstr(why.text, "reset by peer") ? "reset by peer" : why.text);
		ended = 1;
		return 0;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "reset", on_event, 0, 0, 0, NULL, 0 },
		LWS_PROTOCOL_LIST_TERM,
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;

	CHECK(argc == 2 || argc == 3);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	if (argc == 3) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = argv[2];
	}
	context = lws_create_context(&info);
	CHECK(context);
	connect = to_port(context, argv[1], "reset");
	connect.address = connect.host = "localhost";
	if (argc == 3)
		connect.ssl_connection = LCCSCF_USE_SSL;
	CHECK(lws_client_connect_via_info(&connect));
	while (!ended)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
