/*
 * lws_rx_flow_control(wsi, 0) stops delivery after the current callback; nothing comes
 * while it is off, and everything in order when it is on again.
 *
 * Expected output: ws_rx_flow_control.expected
 */
#include "harness.h"

static struct lws *the_wsi;
static lws_sorted_usec_list_t sul;
static int done, stopped, count;

static void on_sul(lws_sorted_usec_list_t *s)
{
	(void)s;
	CHECK(count == 1);
	stopped = 0;
	say("on again");
	CHECK(lws_rx_flow_control(the_wsi, 1) == 0);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		the_wsi = wsi;
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(!stopped);
		say("received %.*s", (int)len, (const char *)in);
		if (++count == 1) {
			stopped = 1;
			say("off");
			CHECK(lws_rx_flow_control(wsi, 0) == 0);
			lws_sul_schedule(lws_get_context(wsi), 0, &sul, on_sul,
					 150 * LWS_US_PER_MS);
		}
		return count == 4 ? close_normally(wsi) : 0;

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
		{ "flow", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	CHECK(argc == 2);
	CHECK(connect_to(context, argv[1], "flow") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
