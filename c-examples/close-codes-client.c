/*
 * close-codes-client: how connections end, and how a program learns of it.
 *
 *   close-codes-client HOST PORT
 *
 * Makes three connections, one after the other:
 *   1. we close, with code 1001 and a text;
 *   2. the server closes, with a code and a text that we print;
 *   3. the connection just breaks.
 * CLIENT_CLOSED comes last in each case and carries no reason: what there is to
 * know was said before, in WS_PEER_INITIATED_CLOSE.
 *
 * Expected output with a server that does its part:
 *
 *   connection 1: open, closing with 1001 "moving on"
 *   connection 1: closed by us
 *   connection 2: open
 *   connection 2: server closes with 4001 "no more for you"
 *   connection 2: closed by the server
 *   connection 3: open
 *   connection 3: lost without a close frame
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS 3

enum ending { LOST, BY_US, BY_SERVER };

struct client {
	struct lws_context *context;
	const char *host;
	int port, number, failed;
	enum ending ending;
};

static void connect_next(struct client *c)
{
	struct lws_client_connect_info info;

	if (++c->number > CONNECTIONS)
		return;
	c->ending = LOST;
	memset(&info, 0, sizeof(info));
	info.context = c->context;
	info.address = c->host;
	info.port = c->port;
	info.path = "/";
	info.host = c->host;
	info.local_protocol_name = "closing";
	if (!lws_client_connect_via_info(&info)) {
		printf("connection %d: not started\n", c->number);
		c->failed = 1;
	}
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	static const char *const endings[] = { "lost without a close frame", "closed by us",
					       "closed by the server" };
	struct client *c = lws_context_user(lws_get_context(wsi));
	static char text[] = "moving on";

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("connection %d: failed: %s\n", c->number,
		       in ? (const char *)in : "no reason given");
		c->failed = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		if (c->number != 1) {
			printf("connection %d: open\n", c->number);
			return 0;
		}
		printf("connection %d: open, closing with 1001 \"%s\"\n", c->number, text);
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (c->number != 1 || c->ending == BY_US)
			return 0;
		/* The reason is only stored here; returning nonzero makes it happen. */
		c->ending = BY_US;
		lws_close_reason(wsi, LWS_CLOSE_STATUS_GOINGAWAY, (unsigned char *)text,
				 strlen(text));
		return -1;

	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: {
		const unsigned char *p = in;

		c->ending = BY_SERVER;
		if (len < 2)
			printf("connection %d: server closes without a code\n", c->number);
		else
			printf("connection %d: server closes with %d \"%.*s\"\n", c->number,
			       p[0] << 8 | p[1], (int)len - 2, (const char *)p + 2);
		return 0; /* 0: answer it politely */
	}

	case LWS_CALLBACK_CLIENT_CLOSED:
		printf("connection %d: %s\n", c->number, endings[c->ending]);
		connect_next(c);
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "closing", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct client client;
	int n = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: close-codes-client HOST PORT\n");
		return 2;
	}
	memset(&client, 0, sizeof(client));
	client.host = argv[1];
	client.port = atoi(argv[2]);

	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = &client;
	client.context = lws_create_context(&info);
	if (!client.context)
		return 1;

	connect_next(&client);
	while (n >= 0 && !client.failed && client.number <= CONNECTIONS)
		n = lws_service(client.context, 0);
	lws_context_destroy(client.context);
	return client.failed;
}
