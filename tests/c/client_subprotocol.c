/*
 * What is sent as a subprotocol and what selects the code are two things: a name
 * the server does not know fails the handshake with a text that names both sides
 * (in oxlws); local_protocol_name selects the code without sending anything.
 *
 *   client_subprotocol PORT OFFER LOCAL_NAME   ("-" stands for NULL)
 *
 * Expected output: client_subprotocol_*.expected
 */
#include "harness.h"

static int done;
static const char *offer;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const struct lws_protocols *protocol = lws_get_protocol(wsi);

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(in != NULL && len > 0);
		say("refused: %.*s", (int)strlen("HS: PROTOCOL malformed"), (const char *)in);
#ifndef ORACLE
		CHECK(strstr((const char *)in, offer) != NULL);
		CHECK(strstr((const char *)in, "other") != NULL);
#endif
		done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established, handled by %s", protocol ? protocol->name : "nobody");
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("received %.*s in %s", (int)len, (const char *)in,
		    protocol ? protocol->name : "nobody");
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
		{ "first", on_event, 8, 0, 0, NULL, 0 },
		{ "second", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_client_connect_info info;

	CHECK(argc == 4);
	offer = strcmp(argv[2], "-") ? argv[2] : NULL;
	info = to_port(context, argv[1], strcmp(argv[3], "-") ? argv[3] : NULL);
	info.protocol = offer;
	CHECK(lws_client_connect_via_info(&info) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
