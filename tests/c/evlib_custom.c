/*
 * A loop of the program's own behind info.event_lib_custom: it only uses what <libwebsockets.h>
 * offers, as the example of the original for such loops does. A server and its client live in it.
 *
 * Argument: outside (the program runs the loop, passed in foreign_loops) or inside (lws_service()
 * runs it, by run_pt), or refused (init_pt fails), ended (init_pt destroys the context) or early
 * (init_pt services it, then as outside).
 *
 * Expected output: evlib_custom_*.expected
 */
#include "harness.h"
#include <poll.h>

struct loop {
	struct pollfd watched[8];
	int count, ended;
};

/* Lives in memory of the library. */
struct part {
	struct loop *loop;
};

static struct loop loop;
static struct lws_context *context;
static int refuses, ends, services, rounds;

static struct loop *loop_of(struct lws *wsi)
{
	struct part *part = lws_evlib_wsi_to_evlib_pt(wsi);

	CHECK(part != NULL);
	CHECK(part == lws_evlib_tsi_to_evlib_pt(lws_get_context(wsi), 0));
	return part->loop;
}

static int init_pt(struct lws_context *cx, void *foreign, int tsi)
{
	struct part *part = lws_evlib_tsi_to_evlib_pt(cx, tsi);

	say("init_pt %s", foreign ? "with a loop" : "without a loop");
	CHECK(part != NULL && part->loop == NULL);
	CHECK((uintptr_t)part % 16 == 0);
	part->loop = foreign ? foreign : &loop;
	if (ends)
		lws_context_destroy(cx);
	if (services)
		lws_service(cx, -1);
	return refuses;
}

static int sock_accept(struct lws *wsi)
{
	struct loop *mine = loop_of(wsi);

	CHECK(mine->count < 8);
	mine->watched[mine->count].fd = lws_get_socket_fd(wsi);
	CHECK(mine->watched[mine->count].fd >= 0);
	mine->watched[mine->count++].events = 0;
	say("sock_accept");
	return 0;
}

static struct pollfd *find(struct lws *wsi)
{
	struct loop *mine = loop_of(wsi);
	int i;

	for (i = 0; i < mine->count; i++)
		if (mine->watched[i].fd == lws_get_socket_fd(wsi))
			return &mine->watched[i];
	return NULL;
}

static void io(struct lws *wsi, unsigned int flags)
{
	struct pollfd *pollfd = find(wsi);
	short events =
		(short)((flags & LWS_EV_READ ? POLLIN : 0) | (flags & LWS_EV_WRITE ? POLLOUT : 0));

	CHECK(pollfd != NULL);
	if (flags & LWS_EV_START)
		pollfd->events |= events;
	else
		pollfd->events &= (short)~events;
}

static int wsi_logical_close(struct lws *wsi)
{
	struct pollfd *pollfd = find(wsi);

	CHECK(pollfd != NULL);
	CHECK(pollfd->events == 0);
	*pollfd = loop.watched[--loop.count];
	say("wsi_logical_close, %d left", loop.count);
	return 0;
}

static void destroy_pt(struct lws_context *cx, int tsi)
{
	CHECK((ends || cx == context) && tsi == 0);
	say("destroy_pt");
}

static int destroy_context(struct lws_context *cx)
{
	CHECK(ends || refuses || cx == context);
	say("destroy_context");
	return 0;
}

static void run(struct lws_context *cx, int tsi)
{
	int wait, i;

	(void)tsi;
	while (!loop.ended && loop.count) {
		wait = lws_service_adjust_timeout(cx, 5000, 0);
		if (!wait)
			lws_service_tsi(cx, -1, 0);
		if (loop.ended || poll(loop.watched, (nfds_t)loop.count, wait) < 0)
			return;
		for (i = 0; i < loop.count; i++)
			if (loop.watched[i].revents && lws_service_fd(cx, &loop.watched[i]) < 0)
				return;
		rounds++;
	}
}

static void on_time(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	say("the time has come");
	loop.ended = 1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	static lws_sorted_usec_list_t sul;
	unsigned char text[LWS_PRE + 8];

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		say("%s", reason_name(reason));
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		memcpy(text + LWS_PRE, "hello", 5);
		return lws_write(wsi, text + LWS_PRE, 5, LWS_WRITE_TEXT) != 5;
	case LWS_CALLBACK_RECEIVE:
		say("server: %.*s", (int)len, (const char *)in);
		return lws_write(wsi, in, len, LWS_WRITE_TEXT) != (int)len;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("client: %.*s", (int)len, (const char *)in);
		lws_sul_schedule(context, 0, &sul, on_time, 50 * LWS_US_PER_MS);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "(null)");
		loop.ended = 1;
		return 0;
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("%s", reason_name(reason));
		return 0;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "echo", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static struct lws_event_loop_ops ops = {
		.name = "mine",
		.init_pt = init_pt,
		.sock_accept = sock_accept,
		.io = io,
		.wsi_logical_close = wsi_logical_close,
		.destroy_pt = destroy_pt,
		.destroy_context2 = destroy_context,
		.evlib_size_pt = sizeof(struct part),
	};
	static const struct lws_plugin_evlib plugin = { .ops = &ops };
	struct lws_client_connect_info ccinfo;
	struct lws_context_creation_info info;
	void *loops[1] = { &loop };
	int outside;

	CHECK(argc == 2);
	refuses = !strcmp(argv[1], "refused");
	ends = !strcmp(argv[1], "ended");
	services = !strcmp(argv[1], "early");
	outside = services || !strcmp(argv[1], "outside");
	if (!outside)
		ops.run_pt = run;
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.event_lib_custom = &plugin;
	info.pcontext = &context;
	if (outside)
		info.foreign_loops = loops;
	context = lws_create_context(&info);
	if (refuses || ends) {
		say("context: %s", context ? "made" : "NULL");
		return 0;
	}
	CHECK(context != NULL);
	memset(&ccinfo, 0, sizeof(ccinfo));
	ccinfo.context = context;
	ccinfo.address = ccinfo.host = ccinfo.origin = "127.0.0.1";
	ccinfo.port = lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default"));
	ccinfo.path = "/";
	ccinfo.protocol = "echo";
	CHECK(lws_client_connect_via_info(&ccinfo) != NULL);
	if (outside)
		run(context, 0);
	else
		say("lws_service: %d", lws_service(context, 0));
	CHECK(loop.ended && rounds > 0 && rounds < 200);
	lws_context_destroy(context);
	say("%s", context ? "the context is still there" : "the context is gone");
	CHECK(loop.count == 0);
	return 0;
}
