/*
 * http-client: one HTTP request, GET or POST, whose reply goes to standard output.
 *
 *   http-client [--ca FILE] [--post TEXT] http://HOST:PORT/PATH | https://...
 *
 * Shown: the http client reasons in their order, headers and a body of our own,
 * reading the reply with lws_http_client_read, redirects (followed by the library).
 *
 * Expected output:
 *
 *   status 200, type text/plain
 *   hello over http
 *   complete
 *
 * Exit status: 0 if the whole reply with status 200 came.
 */
#include <libwebsockets.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
	const char *body; /* of a POST; NULL for GET */
	int status, complete, done;
	char last; /* byte of the reply that was printed last */
};

/* Adds Content-Type and Content-Length to the request of a POST. */
static int add_headers(struct lws *wsi, const struct client *c, unsigned char **p, size_t room)
{
	unsigned char *end = *p + room;
	char length[16];
	int n = snprintf(length, sizeof(length), "%zu", strlen(c->body));

	if (lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE,
					 (unsigned char *)"text/plain", 10, p, end) ||
	    lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH,
					 (unsigned char *)length, n, p, end))
		return -1;
	/* Asks for CLIENT_HTTP_WRITEABLE, where the body is written. */
	lws_client_http_body_pending(wsi, 1);
	lws_callback_on_writable(wsi);
	return 0;
}

static int send_body(struct lws *wsi, const struct client *c)
{
	size_t len = strlen(c->body);
	unsigned char *buffer = malloc(LWS_PRE + len);
	int n;

	if (!buffer)
		return -1;
	memcpy(buffer + LWS_PRE, c->body, len);
	n = lws_write(wsi, buffer + LWS_PRE, len, LWS_WRITE_HTTP_FINAL);
	free(buffer);
	lws_client_http_body_pending(wsi, 0);
	return n < 0 ? -1 : 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));
	char buffer[LWS_PRE + 4096], *p = buffer + LWS_PRE, type[64];
	int n = sizeof(buffer) - LWS_PRE;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("failed: %s\n", in ? (const char *)in : "no reason given");
		c->done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return c->body ? add_headers(wsi, c, (unsigned char **)in, len) : 0;

	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		return c->body ? send_body(wsi, c) : 0;

	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		c->status = (int)lws_http_client_http_response(wsi);
		if (lws_hdr_copy(wsi, type, sizeof(type), WSI_TOKEN_HTTP_CONTENT_TYPE) <= 0)
			strcpy(type, "not said");
		printf("status %d, type %s\n", c->status, type);
		return 0;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		/* There is something to read: it comes with the next case. */
		return lws_http_client_read(wsi, &p, &n) < 0 ? -1 : 0;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		fwrite(in, 1, len, stdout);
		if (len)
			c->last = ((const char *)in)[len - 1];
		return 0;

	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		printf("%scomplete\n", c->last == '\n' ? "" : "\n");
		c->complete = c->done = 1;
		return 0;

	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		if (!c->complete)
			printf("closed before the end\n");
		c->done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "ca", required_argument, NULL, 'c' },
		{ "post", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	const char *scheme, *host, *rest, *ca = NULL;
	char url[1024], path[1024];
	struct client client;
	int option, port, n = 0;

	memset(&client, 0, sizeof(client));
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (option == 'c')
			ca = optarg;
		else if (option == 'p')
			client.body = optarg;
		else
			return 2;
	if (optind != argc - 1) {
		fprintf(stderr, "usage: http-client [--ca FILE] [--post TEXT] URL\n");
		return 2;
	}
	snprintf(url, sizeof(url), "%s", argv[optind]);
	if (lws_parse_uri(url, &scheme, &host, &port, &rest))
		return 2;
	snprintf(path, sizeof(path), "%s%s", rest[0] == '/' ? "" : "/", rest);

	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = ca;
	info.user = &client;
	context = lws_create_context(&info);
	if (!context)
		return 1;

	memset(&connect, 0, sizeof(connect));
	connect.context = context;
	connect.address = host;
	connect.port = port;
	connect.path = path;
	connect.host = host;
	connect.origin = host;
	connect.method = client.body ? "POST" : "GET";
	connect.alpn = "http/1.1";
	connect.protocol = protocols[0].name;
	if (!strcmp(scheme, "https"))
		connect.ssl_connection = LCCSCF_USE_SSL;
	if (!lws_client_connect_via_info(&connect)) {
		printf("not started\n");
		client.done = 1;
	}
	while (n >= 0 && !client.done)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	return !client.complete || client.status != 200;
}
