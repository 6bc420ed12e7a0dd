/*
 * lws_cancel_service wakes a waiting lws_service, from another thread and from a
 * signal handler; each protocol of the vhost gets EVENT_WAIT_CANCELLED.
 *
 * Expected output: service_cancel.expected
 */
#include "harness.h"

static struct lws_context *context;
static int calls[2], phase;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const struct lws_protocols *protocol;

	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED && phase) {
		protocol = lws_get_protocol(wsi);
		CHECK(protocol != NULL && lws_get_context(wsi) == context);
		calls[!strcmp(protocol->name, "second")]++;
	}
	return 0;
}

static void *cancel_later(void *arg)
{
	(void)arg;
	usleep(50000);
	lws_cancel_service(context);
	return NULL;
}

static void on_alarm(int sig)
{
	(void)sig;
	lws_cancel_service(context);
}

/* Services until both protocols have been called for this phase. */
static void expect_wake(const char *what)
{
	long long start = now_us();

	calls[0] = calls[1] = 0;
	while (!calls[0] || !calls[1])
		CHECK(lws_service(context, 0) >= 0);
	CHECK(now_us() - start < 5000000);
	say("%s: woken, both protocols called", what);
}

static void ignore_sul(lws_sorted_usec_list_t *sul)
{
	(void)sul;
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "first", on_event, 0, 0, 0, NULL, 0 },
		{ "second", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct itimerval in_50_ms = { { 0, 0 }, { 0, 50000 } };
	lws_sorted_usec_list_t sul;
	pthread_t thread;
	int i;

	context = make_context(protocols, NULL);
	/* Let what the library does at its start pass by. */
	memset(&sul, 0, sizeof(sul));
	for (i = 0; i < 20; i++) {
		CHECK(lws_service(context, -1) >= 0);
		usleep(30000);
	}
	/* So that the wait has an end even if nothing wakes it. */
	lws_sul_schedule(context, 0, &sul, ignore_sul, 6 * LWS_US_PER_SEC);
	phase = 1;

	lws_cancel_service(context);
	expect_wake("before the wait");

	CHECK(!pthread_create(&thread, NULL, cancel_later, NULL));
	expect_wake("from a thread");
	pthread_join(thread, NULL);

	signal(SIGALRM, on_alarm);
	CHECK(!setitimer(ITIMER_REAL, &in_50_ms, NULL));
	expect_wake("from a signal handler");

	lws_sul_cancel(&sul);
	lws_context_destroy(context);
	return 0;
}
