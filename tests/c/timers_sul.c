/*
 * Timers of the application: they fire in the order of their times, not before, once;
 * may be moved and cancelled, and schedule themselves or others from their callback.
 *
 * Expected output: timers_sul.expected
 */
#include "harness.h"

struct timer {
	lws_sorted_usec_list_t sul;
	const char *name;
	long long due;
	int fired;
};

static struct lws_context *context;
static struct timer a, b, c, d, again, last;
static int done;

static void fire(lws_sorted_usec_list_t *sul);

static void schedule(struct timer *t, const char *name, long ms)
{
	t->name = name;
	t->due = now_us() + ms * 1000;
	lws_sul_schedule(context, 0, &t->sul, fire, ms * LWS_US_PER_MS);
}

static void fire(lws_sorted_usec_list_t *sul)
{
	struct timer *t = lws_container_of(sul, struct timer, sul);
	long long late = now_us() - t->due;

	say("%s fires", t->name);
	/* Up to 2 ms early is rounding in the wait of the poll loop. */
	CHECK(late > -2000);
	CHECK(late < 1500000);
	t->fired++;
	if (t == &again && t->fired < 3)
		schedule(t, "again", 5);
	if (t == &b) {
		lws_sul_cancel(&c.sul);
		lws_sul_cancel(&c.sul); /* no harm */
		schedule(&last, "last", 150);
	}
	if (t == &last) {
		done = 1;
		lws_cancel_service(context); /* nothing else would end the wait */
	}
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "timers", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};

	context = make_context(protocols, NULL);
	schedule(&c, "c", 220);
	schedule(&b, "b", 180);
	schedule(&a, "a", 120);
	schedule(&d, "d", 400);
	schedule(&again, "again", 20);
	schedule(&d, "d", 60); /* moved, fires once */
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	CHECK(a.fired == 1 && b.fired == 1 && c.fired == 0 && d.fired == 1 && again.fired == 3);

	/* A scheduled timer does not fire when its context is destroyed. */
	schedule(&a, "a", 1);
	lws_context_destroy(context);
	CHECK(a.fired == 1);
	say("destroyed");
	return 0;
}
