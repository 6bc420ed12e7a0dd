/*
 * PROTOCOL_INIT and PROTOCOL_DESTROY are a pair: whatever becomes of a vhost while its protocols
 * are initialised, each that did not refuse is told of the end, once, and nobody else is.
 *
 * Arguments: destroy (the second protocol destroys its vhost at PROTOCOL_INIT) or refuse (it
 * returns nonzero there), then late if the vhost is made while the loop runs; or skip, a late vhost
 * with LWS_SERVER_OPTION_SKIP_PROTOCOL_INIT; or ending (each makes a vhost at PROTOCOL_DESTROY while
 * the context ends, which is refused).
 *
 * Expected output: server_init_*.expected
 */
#include "harness.h"

static const char *what;
static struct lws_context_creation_info info;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const struct lws_protocols *protocol = lws_get_protocol(wsi);
	struct lws_vhost *vhost = lws_get_vhost(wsi);

	(void)user;
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_PROTOCOL_INIT && reason != LWS_CALLBACK_PROTOCOL_DESTROY)
		return 0;
	say("%s, %s: %s", lws_get_vhost_name(vhost), protocol->name, reason_name(reason));
	if (reason == LWS_CALLBACK_PROTOCOL_DESTROY && !strcmp(what, "ending")) {
		info.vhost_name = "too late";
		info.finalize = NULL;
		say("too late: %s", lws_create_vhost(lws_get_context(wsi), &info) ? "made" : "NULL");
	}
	if (reason == LWS_CALLBACK_PROTOCOL_INIT && !strcmp(lws_get_vhost_name(vhost), "frail") &&
	    !strcmp(protocol->name, "two")) {
		if (!strcmp(what, "refuse"))
			return 1;
		if (!strcmp(what, "destroy"))
			lws_vhost_destroy(vhost);
	}
	return 0;
}

static void on_end(struct lws_vhost *vhost, void *name)
{
	(void)vhost;
	say("%s: gone", (const char *)name);
}

/* The loop turns until what was asked of it is done. */
static void turn(struct lws_context *context)
{
	int i;

	for (i = 0; i < 3; i++) {
		lws_cancel_service(context);
		CHECK(lws_service(context, 0) >= 0);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "one", on_event, 0, 0, 0, NULL, 0 },
		{ "two", on_event, 0, 0, 0, NULL, 0 },
		{ "three", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context;
	int late = argc > 2;

	CHECK(argc > 1);
	what = argv[1];
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	info.protocols = protocols;
	info.finalize = on_end;
	info.vhost_name = "sound";
	info.finalize_arg = "sound";
	CHECK(lws_create_vhost(context, &info) != NULL);
	if (late)
		turn(context);
	info.vhost_name = "frail";
	info.finalize_arg = "frail";
	if (!strcmp(what, "skip"))
		info.options |= LWS_SERVER_OPTION_SKIP_PROTOCOL_INIT;
	say("frail: %s", lws_create_vhost(context, &info) ? "made" : "NULL");
	turn(context);
	say("the end");
	lws_context_destroy(context);
	return 0;
}
