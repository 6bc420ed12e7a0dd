/*
 * Only oxlws: what a second thread may do while the first is in lws_service.
 * lws_callback_on_writable and lws_write work promptly from there; lws_cancel_service
 * wakes the loop; lws_client_connect_via_info is refused; a second lws_service too.
 *
 * Expected output: threads_second_thread.expected
 */
#include "harness.h"

static struct lws_context *context;
static struct lws *wsi_of_main;
static volatile int established, writeable, cancelled, received, closing, done;
static const char *port;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void set(volatile int *what, int value)
{
	pthread_mutex_lock(&lock);
	*what = value;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* Waits at most three seconds; the loop has no other reason to wake in that time. */
static int wait_for(volatile int *what, int value)
{
	struct timespec until;
	int reached;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 3;
	pthread_mutex_lock(&lock);
	while (*what < value && !pthread_cond_timedwait(&changed, &lock, &until))
		;
	reached = *what >= value;
	pthread_mutex_unlock(&lock);
	return reached;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		wsi_of_main = wsi;
		set(&established, 1);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		set(&writeable, writeable + 1);
		return closing ? close_normally(wsi) : 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("received %.*s", (int)len, (const char *)in);
		set(&received, received + 1);
		return 0;

	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		set(&cancelled, cancelled + 1);
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		set(&done, 1);
		return 0;

	default:
		return 0;
	}
}

static void *other_thread(void *arg)
{
	struct lws_client_connect_info info;
	int before;

	(void)arg;
	while (!wait_for(&established, 1))
		;

	before = writeable;
	CHECK(lws_callback_on_writable(wsi_of_main) == 1);
	CHECK(wait_for(&writeable, before + 1));
	say("lws_callback_on_writable from a second thread: WRITEABLE came");

	CHECK(send_text(wsi_of_main, "one") == 3);
	CHECK(send_text(wsi_of_main, "two") == 3);
	CHECK(wait_for(&received, 2));
	say("lws_write from a second thread: both echoed, in order");

	before = cancelled;
	lws_cancel_service(context);
	CHECK(wait_for(&cancelled, before + 1));
	say("lws_cancel_service from a second thread: EVENT_WAIT_CANCELLED came");

	CHECK(lws_get_protocol(wsi_of_main) != NULL);
	say("a getter answers");

	CHECK(lws_service(context, -1) == -1);
	info = to_port(context, port, "threads");
	CHECK(lws_client_connect_via_info(&info) == NULL);
	say("lws_service and lws_client_connect_via_info are refused");

	set(&closing, 1);
	CHECK(lws_callback_on_writable(wsi_of_main) == 1);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "threads", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	pthread_t thread;

	CHECK(argc == 2);
	port = argv[1];
	context = make_context(protocols, NULL);
	CHECK(connect_to(context, port, "threads") != NULL);
	CHECK(!pthread_create(&thread, NULL, other_thread, NULL));
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	pthread_join(thread, NULL);
	lws_context_destroy(context);
	return 0;
}
