/*
 * Races on purpose: `make tsan` must report them, or it would not find others either.
 *
 *   planted_race program    a thread changes what a callback in the service thread reads
 *   planted_race library    a thread changes a timer of its own while the library has it scheduled:
 *                           one of the two accesses is made by Rust code
 *   planted_race none       the same with the library's own means: nothing to report
 *
 * The monitor cannot know a race that the library's locks order by chance, so the thread
 * waits for nothing and is waited for only at the end.
 */
#include "harness.h"

static struct lws_context *context;
static lws_sorted_usec_list_t timer;
static int shared, seen, over;
static const char *mode;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi, (void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED && !strcmp(mode, "program"))
		seen += shared;
	return 0;
}

static void on_timer(lws_sorted_usec_list_t *sul)
{
	(void)sul;
}

static void *other(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 200; i++) {
		if (!strcmp(mode, "program"))
			shared++;
		else if (!strcmp(mode, "library"))
			timer.us += 1000000;
		else
			lws_sul_schedule(context, 0, &timer, on_timer, 1000000 + i);
		/* Nothing that orders the two threads: no call of the library but in the last case. */
		usleep(1000);
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = { { "p", on_event, 0, 0, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };
	pthread_t thread;

	CHECK(argc == 2);
	mode = argv[1];
	context = make_context(protocols, NULL);
	CHECK(!pthread_create(&thread, NULL, other, NULL));
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		if (!strcmp(mode, "library"))
			lws_sul_schedule(context, 0, &timer, on_timer, 1000000);
		lws_cancel_service(context);
		CHECK(lws_service(context, 0) >= 0);
	}
	CHECK(!pthread_join(thread, NULL));
	lws_sul_cancel(&timer);
	lws_context_destroy(context);
	say("over");
	return 0;
}
