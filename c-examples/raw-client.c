/*
 * raw-client: plain TCP through the library's event loop, without websocket or
 * HTTP: sends lines and prints what comes back.
 *
 *   raw-client HOST PORT LINE [LINE ...]
 *
 * Shown: the method "RAW", its own set of reasons, lws_write with LWS_WRITE_RAW.
 *
 * Expected output with a server that echoes bytes:
 *
 *   connected
 *   > first
 *   > second
 *   < first
 *   < second
 *   closed
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
	char **lines;
	int count, sent, done, failed;
	char received[4096]; /* what came and was not printed yet */
	size_t received_len;
	int answered;
};

/* Prints the whole lines that have been received. */
static void print_lines(struct client *c)
{
	char *end;

	while ((end = memchr(c->received, '\n', c->received_len))) {
		size_t len = (size_t)(end - c->received);

		printf("< %.*s\n", (int)len, c->received);
		c->received_len -= len + 1;
		memmove(c->received, end + 1, c->received_len);
		c->answered++;
	}
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));
	unsigned char buffer[LWS_PRE + 1024];
	int n;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("connection failed: %s\n", in ? (const char *)in : "no reason given");
		c->failed = c->done = 1;
		return 0;

	case LWS_CALLBACK_RAW_CONNECTED:
		printf("connected\n");
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_RAW_WRITEABLE:
		if (c->sent == c->count)
			return 0;
		printf("> %s\n", c->lines[c->sent]);
		n = snprintf((char *)buffer + LWS_PRE, 1024, "%s\n", c->lines[c->sent++]);
		if (n >= 1024 || lws_write(wsi, buffer + LWS_PRE, (size_t)n, LWS_WRITE_RAW) < 0)
			return -1;
		if (c->sent < c->count)
			lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_RAW_RX:
		if (len > sizeof(c->received) - c->received_len)
			return -1;
		memcpy(c->received + c->received_len, in, len);
		c->received_len += len;
		if (c->sent < c->count)
			return 0; /* printed when all has been sent */
		print_lines(c);
		return c->answered == c->count ? -1 : 0;

	case LWS_CALLBACK_RAW_CLOSE:
		printf("closed\n");
		c->done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "raw", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	struct client client;
	int n = 0;

	if (argc < 4) {
		fprintf(stderr, "usage: raw-client HOST PORT LINE [LINE ...]\n");
		return 2;
	}
	memset(&client, 0, sizeof(client));
	client.lines = argv + 3;
	client.count = argc - 3;

	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = &client;
	context = lws_create_context(&info);
	if (!context)
		return 1;

	memset(&connect, 0, sizeof(connect));
	connect.context = context;
	connect.address = argv[1];
	connect.port = atoi(argv[2]);
	connect.host = argv[1];
	connect.method = "RAW";
	connect.local_protocol_name = "raw";
	if (!lws_client_connect_via_info(&connect)) {
		printf("not started\n");
		client.failed = client.done = 1;
	}
	while (n >= 0 && !client.done)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	return client.failed || client.answered != client.count;
}
