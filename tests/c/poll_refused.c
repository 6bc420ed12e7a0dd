/*
 * What a program does that refuses a descriptor in the callbacks of external polling:
 * the connection ends, and the program is told like of any other end.
 *
 *   poll_refused PORT add|lock|change NUMBER
 *
 * NUMBER: which of these callbacks returns nonzero, from 1. Expected output:
 * poll_refused_REASON_NUMBER.expected
 */
#include "harness.h"

static enum lws_callback_reasons refused;
static int number, seen, done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)wsi;
	(void)user;
	if (reason == refused && ++seen == number) {
		say("refusing");
		return -1;
	}
	if (reason_name(reason) && reason != LWS_CALLBACK_PROTOCOL_INIT &&
	    reason != LWS_CALLBACK_PROTOCOL_DESTROY)
		say("%s", reason_name(reason));
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		say("  %s", in ? (const char *)in : "");
	if (reason == LWS_CALLBACK_CLIENT_RECEIVE) {
		say("  %.*s", (int)len, (const char *)in);
		lws_rx_flow_control(wsi, 0);
	}
	if (reason == LWS_CALLBACK_WSI_DESTROY)
		done = 1;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "first", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context;
	struct lws *wsi;

	CHECK(argc == 4);
	refused = !strcmp(argv[2], "add")  ? LWS_CALLBACK_ADD_POLL_FD :
		  !strcmp(argv[2], "lock") ? LWS_CALLBACK_LOCK_POLL :
					     LWS_CALLBACK_CHANGE_MODE_POLL_FD;
	number = atoi(argv[3]);
	context = make_context(protocols, NULL);
	wsi = connect_to(context, argv[1], "first");
	say(wsi ? "connecting" : "no connection");
	while (wsi && !done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
