/*
 * oxlws_context_fd(): one descriptor is all that the program's loop watches. A server and its client echo over it; timers,
 * other threads and calls from outside of the service turn reach it; when nothing is to be done it is silent.
 *
 * Arguments: nothing, or certificate and key for wss.
 */
#include "harness.h"
#include <oxlws.h>
#include <poll.h>
#include <sys/epoll.h>

#define MESSAGES 500

static struct lws_context *context;
static struct lws *client;
static int received, go, client_up, cancelled, timer_fired, destroy_at_close;

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	unsigned char echo[LWS_PRE + 64];

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		cancelled++;
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		client_up = 1;
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (go)
			CHECK(send_text(wsi, "ping") == 4);
		break;
	case LWS_CALLBACK_RECEIVE:
		CHECK(len <= 64);
		memcpy(echo + LWS_PRE, in, len);
		CHECK(lws_write(wsi, echo + LWS_PRE, len, LWS_WRITE_TEXT) == (int)len);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (++received < MESSAGES)
			lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_TIMER:
		timer_fired = 1;
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		if (destroy_at_close)
			lws_context_destroy(context);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? (char *)in : "-");
		CHECK(0);
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{"echo", callback, 0, 64, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

static int readable(int fd, int ms)
{
	struct pollfd watched = {fd, POLLIN, 0};

	return poll(&watched, 1, ms) == 1;
}

/* The program's loop, until `*flag` reaches `value`; at most 8 s. Returns how many turns it took. */
static int run_until(int fd, const int *flag, int value)
{
	long long end = now_us() + 8000000;
	int turns = 0;

	while (*flag < value) {
		CHECK(now_us() < end);
		if (!readable(fd, 1000))
			continue;
		turns++;
		if (lws_service(context, -1) < 0)
			return -1;
	}
	return turns;
}

static void settle(int fd)
{
	while (readable(fd, 20))
		CHECK(lws_service(context, -1) == 0);
}

static long long fired_at;
static int suls;

static void on_sul(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	fired_at = now_us();
	suls++;
}

static void *canceller(void *arg)
{
	(void)arg;
	lws_cancel_service(context);
	return NULL;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect_info;
	struct lws_context *given = NULL;
	lws_sorted_usec_list_t sul;
	struct epoll_event event;
	pthread_t thread;
	long long start;
	char port[12];
	int fd, epoll, n, was;

	memset(&sul, 0, sizeof(sul));
	CHECK(oxlws_context_fd(NULL) == -1);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.pcontext = &given;
	info.iface = "127.0.0.1";
	if (argc > 2) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = argv[1];
		info.ssl_private_key_filepath = argv[2];
	}
	context = lws_create_context(&info);
	CHECK(context != NULL);
	given = context;
	fd = oxlws_context_fd(context);
	CHECK(fd >= 0 && oxlws_context_fd(context) == fd);
	CHECK(readable(fd, 0));
	say("readable from the start");

	/* It may be watched through another epoll set, which is what most loops do. */
	epoll = epoll_create1(EPOLL_CLOEXEC);
	memset(&event, 0, sizeof(event));
	event.events = EPOLLIN;
	CHECK(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	CHECK(epoll_wait(epoll, &event, 1, 0) == 1);
	CHECK(lws_service(context, -1) == 0);
	settle(fd);
	CHECK(epoll_wait(epoll, &event, 1, 0) == 0);
	say("silent when nothing is to be done");

	snprintf(port, sizeof(port), "%d", lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
	connect_info = to_port(context, port, "echo");
	if (argc > 2)
		connect_info.ssl_connection = LCCSCF_USE_SSL | LCCSCF_ALLOW_SELFSIGNED |
					      LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK | LCCSCF_ALLOW_INSECURE;
	connect_info.pwsi = &client;
	CHECK(lws_client_connect_via_info(&connect_info) != NULL);
	run_until(fd, &client_up, 1);
	say("connected");
	settle(fd);
	CHECK(received == 0);
	go = 1;
	lws_callback_on_writable(client);
	CHECK(readable(epoll, 0));
	n = run_until(fd, &received, MESSAGES);
	say("%d echoes", received);
	CHECK(n >= 2);
	settle(fd);

	/* Timers set outside of a turn; an earlier one in front of a later one; one that was cancelled. */
	start = now_us();
	lws_sul_schedule(context, 0, &sul, on_sul, 5000000);
	settle(fd);
	lws_sul_schedule(context, 0, &sul, on_sul, 30000);
	n = run_until(fd, &suls, 1);
	CHECK(fired_at - start >= 30000);
	say("a timer fires");
	CHECK(n <= 4);
	lws_sul_schedule(context, 0, &sul, on_sul, 10000);
	settle(fd);
	lws_sul_cancel(&sul);
	start = now_us();
	while (now_us() - start < 30000)
		if (readable(fd, 10))
			CHECK(lws_service(context, -1) == 0);
	CHECK(suls <= 2);
	lws_set_timer_usecs(client, 20000);
	run_until(fd, &timer_fired, 1);
	say("the timer of a connection fires");
	settle(fd);

	was = cancelled;
	CHECK(pthread_create(&thread, NULL, canceller, NULL) == 0);
	CHECK(readable(fd, 5000));
	CHECK(lws_service(context, -1) == 0);
	pthread_join(thread, NULL);
	CHECK(cancelled == was + 1);
	say("cancelled by another thread");

	/* Idle seconds cost no turns. */
	settle(fd);
	for (n = 0, start = now_us(); now_us() - start < 300000;)
		if (readable(fd, 50)) {
			CHECK(lws_service(context, -1) == 0);
			n++;
		}
	CHECK(n <= 2);
	say("idle");

	destroy_at_close = 1;
	lws_set_timeout(client, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	was = 0;
	CHECK(run_until(fd, &was, 1) == -1);
	CHECK(given == NULL);
	/* The set forgot the closed descriptor. */
	CHECK(epoll_wait(epoll, &event, 1, 0) == 0);
	close(epoll);
	say("destroyed inside a callback: the loop is told");
	return 0;
}
