/*
 * The timeout of lws_service: negative does not wait, zero and positive values wait
 * until there is something to do, here a timer; lws_service_adjust_timeout tells how
 * long a program's own loop may wait.
 *
 * Expected output: service_timeout.expected
 */
#include "harness.h"

static struct lws_context *context;
static int fired;

static void on_sul(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	fired = 1;
	lws_cancel_service(context); /* the wait goes on after a timer */
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "timeout", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static const int values[] = { 0, 1, 5000 };
	lws_sorted_usec_list_t sul;
	long long start;
	unsigned int i;
	int ms;

	context = make_context(protocols, NULL);
	memset(&sul, 0, sizeof(sul));
	for (i = 0; i < 20; i++) { /* the library's own start */
		start = now_us();
		CHECK(lws_service(context, -1) >= 0);
		CHECK(now_us() - start < 1000000);
		usleep(30000);
	}
	say("-1: did not wait");
	for (i = 0; i < LWS_ARRAY_SIZE(values); i++) {
		fired = 0;
		lws_sul_schedule(context, 0, &sul, on_sul, 80 * LWS_US_PER_MS);
		start = now_us();
		while (!fired)
			CHECK(lws_service(context, values[i]) >= 0);
		CHECK(now_us() - start > 78000);
		CHECK(now_us() - start < 2000000);
		say("%d: waited for the timer", values[i]);
	}
	CHECK(lws_service(context, -1) >= 0); /* takes the last cancel */
	lws_sul_schedule(context, 0, &sul, on_sul, 80 * LWS_US_PER_MS);
	ms = lws_service_adjust_timeout(context, 1000, 0);
	CHECK(ms > 0 && ms <= 1000);
#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
	CHECK(ms <= 81); /* 4.1 did not look at its timers here */
#endif
	ms = lws_service_adjust_timeout(context, 10, 0);
	CHECK(ms > 0 && ms <= 10);
	say("adjusted to the timer, never longer than asked");
	lws_sul_cancel(&sul);
	lws_context_destroy(context);
	return 0;
}
