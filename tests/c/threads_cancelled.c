/*
 * driftnet and others end the thread that services the context with pthread_cancel while it
 * sleeps in lws_service. The thread's own cleanup runs, and afterwards the context belongs
 * to whoever comes next: it can be serviced and destroyed.
 *
 * Expected output: threads_cancelled.expected
 */
#include "harness.h"

static struct lws_context *context;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int cancelled_waits, timers;
static lws_sorted_usec_list_t timer;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi, (void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED) {
		pthread_mutex_lock(&lock);
		cancelled_waits++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	if (reason == LWS_CALLBACK_PROTOCOL_DESTROY)
		say("destroyed");
	return 0;
}

static void on_timer(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	timers++;
}

static void cleanup(void *number)
{
	say("cleanup of thread %d", *(int *)number);
}

static void *service(void *number)
{
	pthread_cleanup_push(cleanup, number);
	while (lws_service(context, 0) >= 0)
		;
	pthread_cleanup_pop(0);
	return NULL;
}

int main(void)
{
	static const struct lws_protocols protocols[] = { { "p", on_event, 0, 0, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };
	pthread_t thread;
	void *result;
	int number, wanted;

	context = make_context(protocols, NULL);
	for (number = 1; number <= 3; number++) {
		pthread_mutex_lock(&lock);
		wanted = cancelled_waits + 1;
		pthread_mutex_unlock(&lock);
		CHECK(!pthread_create(&thread, NULL, service, &number));
		/* It services: this wakes it, and then it sleeps again, or is about to. */
		pthread_mutex_lock(&lock);
		while (cancelled_waits < wanted) {
			pthread_mutex_unlock(&lock);
			lws_cancel_service(context);
			pthread_mutex_lock(&lock);
		}
		pthread_mutex_unlock(&lock);
		CHECK(!pthread_cancel(thread));
		CHECK(!pthread_join(thread, &result));
		say("thread %d: %s", number, result == PTHREAD_CANCELED ? "cancelled" : "ended by itself");
	}
	lws_sul_schedule(context, 0, &timer, on_timer, 1000);
	while (!timers)
		CHECK(lws_service(context, 0) >= 0);
	say("serviced by the main thread");
	lws_context_destroy(context);
	return 0;
}
