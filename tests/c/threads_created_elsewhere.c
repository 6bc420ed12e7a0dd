/*
 * A context is made in one thread, connects and is serviced in a second, and is destroyed in
 * the first when the second has ended: what seafile-daemon does.
 *
 * Expected output: threads_created_elsewhere.expected
 */
#include "harness.h"

static struct lws_context *context;
static const char *port;
static int closed;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("CONNECTION_ERROR\n");
		closed = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		printf("ESTABLISHED\n");
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return send_text(wsi, "hello") < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		printf("RECEIVE %.*s\n", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		printf("CLOSED\n");
		closed = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "elsewhere", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void *other_thread(void *unused)
{
	struct lws_client_connect_info info;

	(void)unused;
	memset(&info, 0, sizeof(info));
	info.context = context;
	info.address = info.host = "127.0.0.1";
	info.port = atoi(port);
	info.path = "/";
	info.local_protocol_name = "elsewhere";
	CHECK(lws_client_connect_via_info(&info) != NULL);
	while (!closed && lws_service(context, 0) >= 0)
		;
	return NULL;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	pthread_t thread;

	CHECK(argc == 2);
	port = argv[1];
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	CHECK(!pthread_create(&thread, NULL, other_thread, NULL));
	CHECK(!pthread_join(thread, NULL));
	lws_context_destroy(context);
	printf("destroyed\n");
	return 0;
}
