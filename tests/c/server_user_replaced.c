/*
 * A program that replaces its session memory inside callbacks, request after request on one connection: what the
 * library allocated stays readable while the callback runs, and all of it is given back.
 */
#include "server.h"

#define REQUESTS 3

static int outstanding, requests, closed;

static void *counting(void *ptr, size_t size, const char *reason)
{
	(void)reason;
	if (!size) {
		outstanding -= ptr != NULL;
		free(ptr);
		return NULL;
	}
	outstanding += ptr == NULL;
	return realloc(ptr, size);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
		memset(user, 'x', 24);
		lws_set_wsi_user(wsi, NULL);
		/* Still ours until this callback returns. */
		CHECK(((char *)user)[23] == 'x');
		say("request %d, user is %s", ++requests, lws_wsi_user(wsi) ? "kept" : "gone");
		break;
	case LWS_CALLBACK_HTTP:
		return answer_text(wsi, HTTP_STATUS_OK, "ok\n");
	case LWS_CALLBACK_CLOSED_HTTP:
		closed++;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "http", on_event, 24, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct lws_context_creation_info info;
	struct lws_context *context;
	struct sockaddr_in address;
	int fd, n, before;

	server_info(&info, protocols);
	lws_set_allocator(counting);
	before = outstanding;
	info.iface = "127.0.0.1";
	info.vhost_name = "here";
	context = lws_create_context(&info);
	CHECK(context != NULL);
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_port = htons((uint16_t)port_of(context, "here"));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	for (n = 0; n < REQUESTS; n++)
		CHECK(send(fd, request, sizeof(request) - 1, 0) == (ssize_t)sizeof(request) - 1);
	while (requests < REQUESTS)
		CHECK(lws_service(context, 0) >= 0);
	close(fd);
	while (!closed)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	say("blocks that were not given back: %d", outstanding - before);
	return 0;
}
