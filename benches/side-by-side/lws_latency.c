/* Latency inside one context: how late timers are, and how long it takes from lws_callback_on_writable() to the callback.
 *
 * lws_latency PORT SECS [builtin|uv|ev|glib|event|sd]
 *
 * A client and a server of the same context hold one ws connection. A timer is due every millisecond; its callback notes how late
 * it is and asks for a WRITEABLE callback of the client, which notes how long that took. Prints percentiles in microseconds:
 *
 *   latency loop=NAME timers=N timer_p50_us=.. timer_p99_us=.. writeable_p50_us=.. writeable_p99_us=..
 */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000000
#define EVERY_US 1000

static struct lws_context *cx;
static struct lws *client;
static lws_sorted_usec_list_t sul, begin;
static lws_usec_t due, asked, ends;
static int port, seconds, failed, over;
static unsigned int late[MOST], waited[MOST];
static size_t lates, waits;

static int by_size(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return x < y ? -1 : x > y;
}

static unsigned int percentile(unsigned int *values, size_t count, double part)
{
	return count ? values[(size_t)((double)(count - 1) * part)] : 0;
}

static void finish(void)
{
	over = 1;
	/* With a loop of an event library lws_service() runs until the context goes. */
	lws_cancel_service(cx);
	lws_context_destroy(cx);
}

static void tick(lws_sorted_usec_list_t *s)
{
	lws_usec_t now = lws_now_usecs();

	if (now >= ends) {
		finish();
		return;
	}
	if (lates < MOST)
		late[lates++] = (unsigned int)(now - due);
	if (!asked) {
		asked = lws_now_usecs();
		lws_callback_on_writable(client);
	}
	due = now + EVERY_US;
	lws_sul_schedule(cx, 0, s, tick, EVERY_US);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		client = wsi;
		ends = lws_now_usecs() + (lws_usec_t)seconds * LWS_US_PER_SEC;
		due = lws_now_usecs() + EVERY_US;
		lws_sul_schedule(cx, 0, &sul, tick, EVERY_US);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (asked && waits < MOST)
			waited[waits++] = (unsigned int)(lws_now_usecs() - asked);
		asked = 0;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		failed = 1;
		finish();
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "latency", callback, 0, 0, 0, NULL, 0 }, { NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void connect_now(lws_sorted_usec_list_t *s)
{
	struct lws_client_connect_info info;

	(void)s;
	memset(&info, 0, sizeof info);
	info.context = cx;
	info.address = info.host = info.origin = "127.0.0.1";
	info.port = port;
	info.path = "/";
	info.protocol = "latency";
	if (!lws_client_connect_via_info(&info)) {
		failed = 1;
		finish();
	}
}

int main(int argc, char **argv)
{
	static const struct { const char *name; uint64_t option; } loops[] = {
		{ "builtin", 0 },
		{ "uv", LWS_SERVER_OPTION_LIBUV },
		{ "ev", LWS_SERVER_OPTION_LIBEV },
		{ "glib", LWS_SERVER_OPTION_GLIB },
		{ "event", LWS_SERVER_OPTION_LIBEVENT },
#ifdef LWS_SERVER_OPTION_SDEVENT
		{ "sd", LWS_SERVER_OPTION_SDEVENT },
#endif
	};
	struct lws_context_creation_info info;
	const char *loop = argc > 3 ? argv[3] : "builtin";
	size_t i;

	if (argc < 3)
		return 2;
	port = atoi(argv[1]);
	seconds = atoi(argv[2]);
	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof info);
	info.port = port;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	for (i = 0; i < sizeof loops / sizeof *loops; i++)
		if (!strcmp(loops[i].name, loop))
			break;
	if (i == sizeof loops / sizeof *loops)
		return 2;
	info.options = loops[i].option;
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	lws_sul_schedule(cx, 0, &begin, connect_now, 50 * LWS_US_PER_MS);
	while (!over && lws_service(cx, 0) >= 0)
		;
	if (failed || !waits)
		return 1;
	qsort(late, lates, sizeof *late, by_size);
	qsort(waited, waits, sizeof *waited, by_size);
	printf("latency loop=%s timers=%zu timer_p50_us=%u timer_p99_us=%u writeable_p50_us=%u writeable_p99_us=%u\n", loop, lates,
	       percentile(late, lates, 0.5), percentile(late, lates, 0.99), percentile(waited, waits, 0.5), percentile(waited, waits, 0.99));
	return 0;
}
