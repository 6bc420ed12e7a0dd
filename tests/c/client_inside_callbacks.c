/*
 * What may be done from inside a callback, for each reason a client sees: start a
 * connection, end another one (now or later), end this one, and in oxlws call
 * lws_service, which is refused. The other connections go on.
 *
 *   client_inside_callbacks PORT REFUSING_PORT ACTION
 *
 * Each reason gets a context with two connections, a bystander and an actor; the
 * actor performs ACTION at that reason.
 *
 * Expected output: client_inside_callbacks_*.expected
 */
#include "harness.h"

enum who { BYSTANDER = 1, ACTOR, NEWCOMER };

static const enum lws_callback_reasons reasons[] = {
	LWS_CALLBACK_WSI_CREATE,	 LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH,
	LWS_CALLBACK_CLIENT_ESTABLISHED, LWS_CALLBACK_CLIENT_WRITEABLE,
	LWS_CALLBACK_CLIENT_RECEIVE,	 LWS_CALLBACK_TIMER,
	LWS_CALLBACK_CLIENT_CLOSED,	 LWS_CALLBACK_CLIENT_CONNECTION_ERROR,
	LWS_CALLBACK_WSI_DESTROY,
};

/* One run: one reason, one context. */
static struct run {
	enum lws_callback_reasons reason;
	struct lws *bystander;
	int acted, actor_destroyed, actor_closed, bystander_up, bystander_down, newcomer_up;
} run;

static const char *port, *refusing_port, *action;
static struct lws_context *context;

static void start(enum who who, const char *to)
{
	struct lws_client_connect_info info = to_port(context, to, "inside");

	info.opaque_user_data = (void *)(intptr_t)who;
	info.pwsi = who == BYSTANDER ? &run.bystander : NULL;
	CHECK(lws_client_connect_via_info(&info) != NULL);
}

static void act(struct lws *wsi)
{
	run.acted = 1;
	if (!strcmp(action, "connect"))
		start(NEWCOMER, port);
	else if (!strcmp(action, "kill_other"))
		lws_wsi_close(run.bystander, LWS_TO_KILL_ASYNC);
	else if (!strcmp(action, "kill_other_now"))
		lws_wsi_close(run.bystander, LWS_TO_KILL_SYNC);
	else if (!strcmp(action, "kill_self"))
		lws_wsi_close(wsi, LWS_TO_KILL_ASYNC);
	else if (!strcmp(action, "nested_service"))
		CHECK(lws_service(context, -1) < 0);
}

/* Takes the actor through all its reasons, one leading to the next. */
static int play_actor(struct lws *wsi, enum lws_callback_reasons reason)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (lws_wsi_user(wsi) && !*(int *)lws_wsi_user(wsi)) {
			*(int *)lws_wsi_user(wsi) = 1;
			return send_text(wsi, "hi") < 0;
		}
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		lws_set_timer_usecs(wsi, 1000);
		return 0;
	case LWS_CALLBACK_TIMER:
		return close_normally(wsi);
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		run.actor_closed++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		run.actor_destroyed++;
		return 0;
	default:
		return 0;
	}
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	enum who who = (enum who)(intptr_t)lws_get_opaque_user_data(wsi);

	(void)user;
	(void)in;
	(void)len;
	if (!reason_name(reason) || reason == LWS_CALLBACK_PROTOCOL_INIT ||
	    reason == LWS_CALLBACK_PROTOCOL_DESTROY)
		return 0;
	switch (who) {
	case BYSTANDER:
		if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED)
			run.bystander_up = 1;
		if (reason == LWS_CALLBACK_CLIENT_CLOSED)
			run.bystander_down = 1;
		return 0;
	case NEWCOMER:
		CHECK(reason != LWS_CALLBACK_CLIENT_CONNECTION_ERROR);
		if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED)
			run.newcomer_up = 1;
		return 0;
	default:
		if (reason == run.reason && !run.acted)
			act(wsi);
		return play_actor(wsi, reason);
	}
}

/* Has the run come to its end, with what the action must have brought about? */
static int is_complete(void)
{
	if (!run.acted || !run.actor_destroyed)
		return 0;
	if (!strcmp(action, "connect"))
		return run.newcomer_up;
	if (!strncmp(action, "kill_other", 10))
		return run.bystander_down;
	return 1;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "inside", on_event, sizeof(int), 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	unsigned int i;

	CHECK(argc == 4);
	port = argv[1];
	refusing_port = argv[2];
	action = argv[3];
	for (i = 0; i < LWS_ARRAY_SIZE(reasons); i++) {
		enum lws_callback_reasons reason = reasons[i];

		if (!strcmp(action, "kill_self") &&
		    (reason == LWS_CALLBACK_CLIENT_CLOSED || reason == LWS_CALLBACK_WSI_DESTROY))
			continue; /* it is ending anyway */
		memset(&run, 0, sizeof(run));
		run.reason = reason;
		context = make_context(protocols, NULL);
		start(BYSTANDER, port);
		while (!run.bystander_up)
			CHECK(lws_service(context, 0) >= 0);
		start(ACTOR, reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR ? refusing_port : port);
		while (!is_complete())
			CHECK(lws_service(context, 0) >= 0);
		CHECK(run.actor_destroyed == 1);
		if (strncmp(action, "kill_other", 10))
			CHECK(!run.bystander_down);
		lws_context_destroy(context);
		CHECK(run.bystander_down);
		say("%s: ok", reason_name(reason));
	}
	return 0;
}
