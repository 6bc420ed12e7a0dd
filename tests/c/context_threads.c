/*
 * One context per thread, four at a time, each made, serviced and destroyed by its own
 * thread, twenty messages back and forth.
 *
 * Expected output: context_threads.expected
 */
#include "harness.h"

#define THREADS 4
#define MESSAGES 20

struct one {
	const char *port;
	pthread_t thread;
	int sent, echoed, closed;
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
		CHECK(pthread_equal(pthread_self(), o->thread));
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (o->sent != o->echoed)
			return 0;
		snprintf(text, sizeof(text), "message %d", o->sent++);
		return send_text(wsi, text) < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		snprintf(text, sizeof(text), "message %d", o->echoed++);
		CHECK(len == strlen(text) && !memcmp(in, text, len));
		if (o->echoed == MESSAGES)
			return close_normally(wsi);
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		o->closed = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "threads", on_event, 8, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void *run(void *arg)
{
	struct lws_context_creation_info info;
	struct lws_context *context;
	struct one *o = arg;

	o->thread = pthread_self();
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = o;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	CHECK(connect_to(context, o->port, "threads") != NULL);
	while (!o->closed)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return NULL;
}

int main(int argc, char **argv)
{
	struct one ones[THREADS];
	pthread_t threads[THREADS];
	int i;

	CHECK(argc == 2);
	memset(ones, 0, sizeof(ones));
	lws_set_log_level(0, NULL);
	for (i = 0; i < THREADS; i++) {
		ones[i].port = argv[1];
		CHECK(!pthread_create(&threads[i], NULL, run, &ones[i]));
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		say("thread %d: %d of %d echoed", i, ones[i].echoed, MESSAGES);
	}
	return 0;
}
