/*
 * lws_write outside WRITEABLE: at ESTABLISHED, at RECEIVE, at TIMER, from a timer of
 * the application, two in a row. All arrive in order.
 *
 * Expected output: ws_write_anywhere.expected
 */
#include "harness.h"

static struct lws *the_wsi;
static lws_sorted_usec_list_t sul;
static int done;

static void on_sul(lws_sorted_usec_list_t *s)
{
	(void)s;
	CHECK(send_text(the_wsi, "from sul") == 8);
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
		CHECK(send_text(wsi, "at ESTABLISHED") == 14);
		CHECK(send_text(wsi, "and again") == 9);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("echo: %.*s", (int)len, (const char *)in);
		if (!strncmp(in, "and again", len))
			CHECK(send_text(wsi, "at RECEIVE") == 10);
		if (!strncmp(in, "at RECEIVE", len))
			lws_set_timer_usecs(wsi, 1000);
		if (!strncmp(in, "at TIMER", len))
			lws_sul_schedule(lws_get_context(wsi), 0, &sul, on_sul, 1000);
		if (!strncmp(in, "from sul", len))
			return close_normally(wsi);
		return 0;

	case LWS_CALLBACK_TIMER:
		CHECK(send_text(wsi, "at TIMER") == 8);
		return 0;

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
		{ "writes", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	CHECK(argc == 2);
	CHECK(connect_to(context, argv[1], "writes") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
