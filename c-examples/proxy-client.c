/*
 * proxy-client: a websocket client behind an HTTP proxy.
 *
 *   proxy-client [USER:PASSWORD@]PROXY_HOST PROXY_PORT HOST PORT [CA_FILE]
 *
 * Shown: http_proxy_address and http_proxy_port of the vhost (the environment
 * variable http_proxy does the same where they are not set), and what a refusal
 * by the proxy looks like. With CA_FILE the connection inside the tunnel is wss.
 *
 * Expected output:
 *
 *   through the proxy: connected
 *   echoed: hello through the proxy
 *   closed
 *
 * or, if the proxy refuses: "failed: http_proxy -> 403", with its status line behind.
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
	int echoed, done;
};

static const char message[] = "hello through the proxy";

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));
	unsigned char buffer[LWS_PRE + sizeof(message)];

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("failed: %s\n", in ? (const char *)in : "no reason given");
		c->done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		printf("through the proxy: connected\n");
		memcpy(buffer + LWS_PRE, message, sizeof(message) - 1);
		return lws_write(wsi, buffer + LWS_PRE, sizeof(message) - 1, LWS_WRITE_TEXT) < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		printf("echoed: %.*s\n", (int)len, (const char *)in);
		c->echoed = 1;
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;

	case LWS_CALLBACK_CLIENT_CLOSED:
		printf("closed\n");
		c->done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "proxied", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	struct client client = { 0, 0 };
	int n = 0;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: proxy-client [USER:PASSWORD@]PROXY_HOST PROXY_PORT HOST "
				"PORT [CA_FILE]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR, NULL);

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.http_proxy_address = argv[1];
	info.http_proxy_port = (unsigned int)atoi(argv[2]);
	info.user = &client;
	if (argc == 6) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = argv[5];
	}
	context = lws_create_context(&info);
	if (!context)
		return 1;

	memset(&connect, 0, sizeof(connect));
	connect.context = context;
	connect.address = argv[3];
	connect.port = atoi(argv[4]);
	connect.path = "/";
	connect.host = argv[3];
	connect.local_protocol_name = "proxied";
	if (argc == 6)
		connect.ssl_connection = LCCSCF_USE_SSL;
	if (!lws_client_connect_via_info(&connect)) {
		printf("not started\n");
		client.done = 1;
	}
	while (n >= 0 && !client.done)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	return !client.echoed;
}
