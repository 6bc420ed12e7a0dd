/*
 * lws_context_destroy from inside a callback: it returns, the callbacks of closing
 * follow when the callback has returned, then lws_service returns a negative value and
 * the context has gone.
 *
 *   context_destroy_inside PORT REASON
 *
 * Expected output: context_destroy_inside_*.expected
 */
#include "harness.h"

static const char *where;
static int destroyed;

static void destroy_here(struct lws_context *context)
{
	if (destroyed++)
		return;
	say("destroy");
	lws_context_destroy(context);
	say("destroy returned");
}

static struct timer {
	lws_sorted_usec_list_t sul;
	struct lws_context *context;
} timer;

static void on_sul(lws_sorted_usec_list_t *sul)
{
	destroy_here(lws_container_of(sul, struct timer, sul)->context);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const char *name = reason_name(reason);

	(void)user;
	(void)in;
	(void)len;
	if (name && reason != LWS_CALLBACK_PROTOCOL_INIT)
		say("%s%s", name, destroyed ? " (destroyed)" : "");
	if (name && !strcmp(name, where))
		destroy_here(lws_get_context(wsi));
	if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED) {
		if (!strcmp(where, "TIMER"))
			lws_set_timer_usecs(wsi, 1000);
		if (!strcmp(where, "SUL")) {
			timer.context = lws_get_context(wsi);
			lws_sul_schedule(timer.context, 0, &timer.sul, on_sul, 1000);
		}
		if (!strcmp(where, "CLIENT_WRITEABLE"))
			lws_callback_on_writable(wsi);
	}
	if (reason == LWS_CALLBACK_CLIENT_RECEIVE && !strcmp(where, "CLIENT_CLOSED"))
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "inside", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_context *context;
	int n = 0;

	CHECK(argc == 3);
	where = argv[2];
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.pcontext = &context;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	CHECK(connect_to(context, argv[1], "inside") != NULL);
	while (n >= 0)
		n = lws_service(context, 0);
	say("lws_service returned %d", n);
#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
	CHECK(context == NULL); /* 4.1 did not do that */
#endif
	CHECK(destroyed);
	return 0;
}
