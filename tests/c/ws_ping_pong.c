/*
 * Pings both ways: ours is answered and comes back as RECEIVE_PONG with its payload;
 * the peer's is answered by the library without a callback; a pong that nobody asked
 * for is delivered too.
 *
 * Expected output: ws_ping_pong.expected
 */
#include "harness.h"

static int done, sent;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	unsigned char buffer[LWS_PRE + 16];

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (sent++)
			return 0;
		memcpy(buffer + LWS_PRE, "are you there", 13);
		CHECK(lws_write(wsi, buffer + LWS_PRE, 13, LWS_WRITE_PING) > 0);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		say("pong: %.*s", (int)len, (const char *)in);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("text: %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "pings", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	CHECK(argc == 2);
	CHECK(connect_to(context, argv[1], "pings") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
