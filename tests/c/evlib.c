/*
 * A server and its client in the loop of an event library: echo, timers, other threads, and the end of the context in
 * every place where a program can ask for it.
 *
 * Arguments: `internal` or `foreign` loop, where the end comes from, then nothing or certificate and key for wss:
 *
 *   receive   lws_context_destroy() in CLIENT_RECEIVE
 *   timer     lws_context_destroy() in a timer of the library
 *   native    lws_context_destroy() in a timer of the event library (foreign)
 *   signal    SIGINT (internal)
 *   after     lws_context_destroy() when the loop has ended (foreign)
 *   unused    lws_context_destroy() before anything ran
 */
#include "harness.h"
#include "native_loop.h"
#ifndef ORACLE
#include <oxlws.h>
#endif

#define MESSAGES 100

static struct lws_context *context, *given;
static native_loop *foreign;
static const char *end;
static struct lws *client;
static int received, cancelled, closed_callbacks, destroys, native_ticks, ended;
static long long scheduled;
static lws_sorted_usec_list_t sul, failsafe;

static void destroy(const char *where)
{
	say("destroying in %s", where);
	ended = 1;
	lws_context_destroy(context);
}

static void too_late(lws_sorted_usec_list_t *timer)
{
	(void)timer;
	say("the loop did not end");
	_exit(1);
}

static void native_tick(void)
{
	native_ticks++;
	if (!strcmp(end, "native") && !ended) {
		destroy("a timer of the event library");
		native_after(foreign, 30, native_tick);
		return;
	}
	/* Behind the end of the context the loop goes on. */
	if (ended) {
		say("the foreign loop goes on");
		native_stop(foreign);
	}
}

static void finish(void)
{
	if (!strcmp(end, "timer"))
		destroy("a timer");
	else if (!strcmp(end, "signal"))
		raise(SIGINT);
	else if (!strcmp(end, "after"))
		native_stop(foreign);
	else if (!strcmp(end, "native")) {
		native_after(foreign, 10, native_tick);
		return;
	}
	if (foreign && strcmp(end, "after"))
		native_after(foreign, 30, native_tick);
}

static void *canceller(void *arg)
{
	(void)arg;
	lws_cancel_service(context);
	return NULL;
}

static void on_sul(lws_sorted_usec_list_t *timer)
{
	pthread_t thread;

	(void)timer;
	CHECK(now_us() - scheduled >= 20000);
	say("a timer fires");
	if (!strcmp(end, "receive")) {
		lws_callback_on_writable(client);
		return;
	}
	cancelled = 0;
	CHECK(pthread_create(&thread, NULL, canceller, NULL) == 0);
	pthread_join(thread, NULL);
}

static void on_finish(lws_sorted_usec_list_t *timer)
{
	(void)timer;
	finish();
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	unsigned char echo[LWS_PRE + 64];

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (received < MESSAGES || (received == MESSAGES && !strcmp(end, "receive") && scheduled))
			CHECK(send_text(wsi, "ping") == 4);
		break;
	case LWS_CALLBACK_RECEIVE:
		CHECK(len <= 64);
		memcpy(echo + LWS_PRE, in, len);
		CHECK(lws_write(wsi, echo + LWS_PRE, len, LWS_WRITE_TEXT) == (int)len);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		received++;
		if (received < MESSAGES) {
			lws_callback_on_writable(wsi);
		} else if (received == MESSAGES) {
			say("%d echoes", MESSAGES);
			lws_set_timer_usecs(wsi, 20000);
		} else {
			if (foreign)
				native_after(foreign, 30, native_tick);
			destroy("CLIENT_RECEIVE");
		}
		break;
	case LWS_CALLBACK_TIMER:
		say("the timer of a connection fires");
		scheduled = now_us();
		lws_sul_schedule(context, 0, &sul, on_sul, 20000);
		break;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		if (cancelled++ == 0 && scheduled && !ended) {
			say("cancelled by another thread");
			lws_sul_schedule(context, 0, &sul, on_finish, 1000);
		}
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? (char *)in : "-");
		break;
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLIENT_CLOSED:
		closed_callbacks++;
		ended = 1;
		break;
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		destroys++;
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

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect_info;
	void *loops[1];
	char port[12];
	int is_tls = argc > 4;

	CHECK(argc >= 3);
	end = argv[2];
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.pcontext = &given;
	info.iface = "127.0.0.1";
	info.options = LOOP_OPTION;
	if (is_tls) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = argv[3];
		info.ssl_private_key_filepath = argv[4];
	}
	if (!strcmp(argv[1], "foreign")) {
		foreign = native_new();
		loops[0] = foreign;
		info.foreign_loops = loops;
	}
	context = given = lws_create_context(&info);
	CHECK(context != NULL);
#ifndef ORACLE
	CHECK(foreign ? oxlws_event_loop(context) == foreign : oxlws_event_loop(context) != NULL);
#endif
	if (!strcmp(end, "unused")) {
		lws_context_destroy(context);
		say("destroyed unused");
		if (foreign && given) {
			native_run(foreign);
			lws_context_destroy(given);
		}
		CHECK(given == NULL);
		if (foreign)
			native_free(foreign);
		return 0;
	}
	snprintf(port, sizeof(port), "%d", lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
	connect_info = to_port(context, port, "echo");
	if (is_tls)
		connect_info.ssl_connection = LCCSCF_USE_SSL | LCCSCF_ALLOW_SELFSIGNED |
					      LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK | LCCSCF_ALLOW_INSECURE;
	connect_info.pwsi = &client;
	CHECK(lws_client_connect_via_info(&connect_info) != NULL);
	lws_sul_schedule(context, 0, &failsafe, too_late, 8 * LWS_US_PER_SEC);
	if (foreign) {
		native_run(foreign);
		say("the loop ended");
	} else
		say("lws_service() returned %d", lws_service(context, 0));
	if (!strcmp(end, "after"))
		destroy("main");
#if defined(LOOP_UV)
	/* libuv closes handles in its loop: the context goes with the second call. */
	if (foreign) {
		CHECK(given != NULL);
		native_run(foreign);
	}
#endif
	if (given)
		lws_context_destroy(given);
	CHECK(given == NULL);
	CHECK(closed_callbacks == 2 && destroys == 1);
	if (foreign)
		native_free(foreign);
	say("gone");
	return 0;
}
