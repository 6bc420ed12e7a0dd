/*
 * Several contexts in one process do not know of each other: one thread services
 * three in turn, each with its own connection; destroying one leaves the others.
 *
 * Expected output: context_several.expected
 */
#include "harness.h"

#define CONTEXTS 3

struct one {
	struct lws_context *context;
	int number, echoed, closed;
};

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct one *o = lws_context_user(lws_get_context(wsi));
	char text[32];

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (o->echoed)
			return 0;
		snprintf(text, sizeof(text), "I am context %d", o->number);
		return send_text(wsi, text) < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		snprintf(text, sizeof(text), "I am context %d", o->number);
		CHECK(len == strlen(text) && !memcmp(in, text, len));
		o->echoed = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		o->closed = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "several", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct one ones[CONTEXTS];
	int i, waiting;

	CHECK(argc == 2);
	memset(ones, 0, sizeof(ones));
	for (i = 0; i < CONTEXTS; i++) {
		ones[i].number = i;
		ones[i].context = make_context(protocols, &ones[i]);
		CHECK(connect_to(ones[i].context, argv[1], "several") != NULL);
	}
	do {
		waiting = 0;
		for (i = 0; i < CONTEXTS; i++) {
			CHECK(lws_service(ones[i].context, -1) >= 0);
			waiting += !ones[i].echoed;
		}
		usleep(1000);
	} while (waiting);
	for (i = 0; i < CONTEXTS; i++)
		say("context %d: echoed", i);

	lws_context_destroy(ones[1].context);
	CHECK(ones[1].closed && !ones[0].closed && !ones[2].closed);
	say("context 1 destroyed, the others live");
	CHECK(lws_service(ones[0].context, -1) >= 0);
	CHECK(lws_service(ones[2].context, -1) >= 0);
	lws_context_destroy(ones[0].context);
	lws_context_destroy(ones[2].context);
	CHECK(ones[0].closed && ones[2].closed);
	say("all closed");
	return 0;
}
