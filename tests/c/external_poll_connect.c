/*
 * A poll() loop of the program, and connects that begin inside a turn of it: the second of
 * two transactions makes a connection of its own when the server closes the first one's.
 *
 *   external_poll_connect PORT
 *
 * Expected output: external_poll_connect.expected
 */
#include "poll_loop.h"

static int ended;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	char buffer[LWS_PRE + 256], *p = buffer + LWS_PRE;
	int room = 256;

	(void)user;
	if (on_poll_change(reason, in))
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "");
		ended++;
		return 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &p, &room) < 0 ? -1 : 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		say("body: %.*s", (int)len, (const char *)in);
		return 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		say("completed");
		ended++;
		return 0;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "polled", on_event, 0, 0, 0, NULL, 0 },
		LWS_PROTOCOL_LIST_TERM,
	};
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_client_connect_info info;
	int i;

	CHECK(argc == 2);
	while (!lws_service_adjust_timeout(context, 60000, 0))
		lws_service_tsi(context, -1, 0);
	info = to_port(context, argv[1], "polled");
	info.method = "GET";
	info.ssl_connection = LCCSCF_PIPELINE;
	for (i = 0; i < 2; i++)
		CHECK(lws_client_connect_via_info(&info));
	while (ended < 2)
		poll_turn(context);
	lws_context_destroy(context);
	return 0;
}
