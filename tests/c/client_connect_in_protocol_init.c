/*
 * A client may connect from PROTOCOL_INIT, before the system is OPERATIONAL, over
 * TLS as well: the vhost is complete by then.
 *
 *   client_connect_in_protocol_init PORT [CA_FILE]
 *
 * Expected output: client_connect_in_protocol_init*.expected
 */
#include "harness.h"

static const char *port, *ca;
static int done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct lws_client_connect_info info;

	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		say("PROTOCOL_INIT");
		info = to_port(lws_get_context(wsi), port, "early");
		info.vhost = lws_get_vhost(wsi);
		if (ca) {
			info.address = info.host = "localhost";
			info.ssl_connection = LCCSCF_USE_SSL;
		}
		CHECK(lws_client_connect_via_info(&info) != NULL);
		say("connecting");
		return 0;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "(null)");
		done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		CHECK(send_text(wsi, "early bird") == 10);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("echoed: %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "early", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_context *context;

	CHECK(argc == 2 || argc == 3);
	port = argv[1];
	ca = argv[2];
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = ca;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
