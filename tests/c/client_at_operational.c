/*
 * The documented place for a first connection: a state notifier that connects when
 * the system has become OPERATIONAL.
 *
 * Expected output: client_at_operational.expected
 */
#include "harness.h"

static const char *port;
static int done, operational;

static int on_state(lws_state_manager_t *manager, lws_state_notify_link_t *link, int current,
		    int target)
{
	struct lws_context *context = lws_system_context_from_system_mgr(manager);

	(void)link;
	if (current != LWS_SYSTATE_OPERATIONAL || target != LWS_SYSTATE_OPERATIONAL)
		return 0;
	say("operational");
	operational++;
	CHECK(connect_to(context, port, "late") != NULL);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		CHECK(!operational);
		say("PROTOCOL_INIT");
		return 0;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "(null)");
		done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("received: %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "late", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	lws_state_notify_link_t notifier = { { NULL, NULL, NULL }, on_state, "app" };
	lws_state_notify_link_t *notifiers[] = { &notifier, NULL };
	struct lws_context_creation_info info;
	struct lws_context *context;

	CHECK(argc == 2);
	port = argv[1];
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.register_notifier_list = notifiers;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	CHECK(operational == 1);
	lws_context_destroy(context);
	return 0;
}
