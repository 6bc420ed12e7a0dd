/*
 * The timer of a connection: one shot, replaced by a new call, removed with
 * LWS_SET_TIMER_USEC_CANCEL (which 4.3.5 does not honour, so only here).
 *
 *   timers_connection PORT
 *
 * Expected output: timers_connection.expected
 */
#include "harness.h"

static int done, ticks;
static long long due;
#ifndef ORACLE
static struct lws *the_wsi;
static lws_sorted_usec_list_t sul;

static void after_cancel(lws_sorted_usec_list_t *s)
{
	(void)s;
	CHECK(ticks == 3);
	done = 1;
	lws_cancel_service(lws_get_context(the_wsi));
}
#endif

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		/* A timer counts from the call, however long the callback has run. */
		usleep(20000);
		lws_set_timer_usecs(wsi, 5 * LWS_US_PER_MS);
		lws_set_timer_usecs(wsi, 60 * LWS_US_PER_MS); /* replaces it */
		due = now_us() + 60000;
		return 0;

	case LWS_CALLBACK_TIMER:
		ticks++;
		say("timer %d", ticks);
		if (ticks == 1)
			CHECK(now_us() > due - 2000);
		if (ticks < 3) {
			lws_set_timer_usecs(wsi, 5 * LWS_US_PER_MS);
			return 0;
		}
#ifdef ORACLE
		done = 1;
		lws_cancel_service(lws_get_context(wsi));
#else
		the_wsi = wsi;
		lws_set_timer_usecs(wsi, 5 * LWS_US_PER_MS);
		lws_set_timer_usecs(wsi, LWS_SET_TIMER_USEC_CANCEL);
		lws_sul_schedule(lws_get_context(wsi), 0, &sul, after_cancel, 50 * LWS_US_PER_MS);
#endif
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "timer", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	CHECK(argc == 2);
	CHECK(connect_to(context, argv[1], "timer") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
