/*
 * echo-client: sends text messages to an echo server, one after the other, and
 * checks that each comes back unchanged.
 *
 *   echo-client [options] ws://HOST:PORT/PATH | wss://HOST:PORT/PATH
 *
 *   --count N      messages to send (3)
 *   --size N       bytes per message; 0 means the short text "message K" (0)
 *   --ca FILE      trust the certificates in this PEM file
 *   --insecure     accept any certificate: for experiments only
 *   --protocol P   offer this subprotocol
 *   --pmd          offer permessage-deflate
 *   --verbose      the library's own log as well
 *
 * Shown: connecting, sending from CLIENT_WRITEABLE, putting a message together
 * from its pieces, closing with a code, telling success from failure.
 *
 * Expected output with an echo server on port 9000:
 *
 *   connecting to ws://127.0.0.1:9000/
 *   established
 *   sent 9 bytes: message 1
 *   received 9 bytes: message 1
 *   ...
 *   closed: 3 of 3 messages echoed
 *
 * Exit status: 0 if all messages came back, 1 otherwise.
 */
#include <libwebsockets.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *url, *ca, *protocol;
	int count, insecure, pmd, verbose;
	size_t size;
};

/* Everything the callback needs; lives as long as the context. */
struct client {
	struct options opt;
	struct lws *wsi;
	unsigned char *message; /* LWS_PRE bytes, then the payload */
	size_t message_len;
	char *reply; /* pieces of the reply collected so far */
	size_t reply_len;
	int sent, echoed;
	int done, failed;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* Fills client->message with the text of message number n, from 1. */
static void compose(struct client *c, int n)
{
	char *text = (char *)c->message + LWS_PRE;
	size_t i;

	if (!c->opt.size) {
		c->message_len = (size_t)snprintf(text, 64, "message %d", n);
		return;
	}
	for (i = 0; i < c->opt.size; i++)
		text[i] = (char)('a' + (i + (size_t)n) % 26);
	c->message_len = c->opt.size;
}

static void report(const char *what, const char *text, size_t len)
{
	if (len <= 60)
		printf("%s %zu bytes: %.*s\n", what, len, (int)len, text);
	else
		printf("%s %zu bytes: %.20s...\n", what, len, text);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("connection failed: %s\n", in ? (const char *)in : "no reason given");
		c->failed = c->done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		printf("established\n");
		lws_callback_on_writable(wsi);
		return 0; /* anything else would refuse the connection */

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (c->sent > c->echoed || c->sent == c->opt.count)
			return 0; /* nothing to send now: such calls happen */
		compose(c, c->sent + 1);
		report("sent", (char *)c->message + LWS_PRE, c->message_len);
		c->sent++;
		if (lws_write(wsi, c->message + LWS_PRE, c->message_len, LWS_WRITE_TEXT) < 0)
			return -1;
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE: {
		char *more = realloc(c->reply, c->reply_len + len + 1);

		if (!more)
			return -1;
		c->reply = more;
		memcpy(c->reply + c->reply_len, in, len);
		c->reply_len += len;
		if (!lws_is_final_fragment(wsi))
			return 0; /* the rest of the message comes with later calls */
		report("received", c->reply, c->reply_len);
		compose(c, c->sent); /* lws_write may have changed our copy */
		if (c->reply_len != c->message_len ||
		    memcmp(c->reply, c->message + LWS_PRE, c->message_len)) {
			printf("that is not what was sent\n");
			c->failed = 1;
			return -1;
		}
		c->reply_len = 0;
		if (++c->echoed == c->opt.count) {
			lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, (unsigned char *)"done", 4);
			return -1;
		}
		lws_callback_on_writable(wsi);
		return 0;
	}

	case LWS_CALLBACK_CLIENT_CLOSED:
		printf("closed: %d of %d messages echoed\n", c->echoed, c->opt.count);
		c->done = 1;
		c->wsi = NULL; /* the handle is worth nothing from here on */
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "echo", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate,
	  "permessage-deflate; client_no_context_takeover; client_max_window_bits" },
	{ NULL, NULL, NULL },
};

static int parse_options(struct options *opt, int argc, char **argv)
{
	static const struct option names[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "size", required_argument, NULL, 's' },
		{ "ca", required_argument, NULL, 'c' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "protocol", required_argument, NULL, 'p' },
		{ "pmd", no_argument, NULL, 'd' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opt->count = 3;
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (c) {
		case 'n':
			opt->count = atoi(optarg);
			break;
		case 's':
			opt->size = (size_t)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			opt->ca = optarg;
			break;
		case 'i':
			opt->insecure = 1;
			break;
		case 'p':
			opt->protocol = optarg;
			break;
		case 'd':
			opt->pmd = 1;
			break;
		case 'v':
			opt->verbose = 1;
			break;
		default:
			return -1;
		}
	if (optind != argc - 1 || opt->count < 1)
		return -1;
	opt->url = argv[optind];
	return 0;
}

/* Starts the connection that c->opt describes. Returns 0 if it is on its way. */
static int start(struct lws_context *context, struct client *c)
{
	struct lws_client_connect_info info;
	const char *scheme, *host, *rest;
	char url[1024], path[1024];
	int port;

	snprintf(url, sizeof(url), "%s", c->opt.url);
	if (lws_parse_uri(url, &scheme, &host, &port, &rest))
		return -1;
	snprintf(path, sizeof(path), "%s%s", rest[0] == '/' ? "" : "/", rest);

	memset(&info, 0, sizeof(info));
	info.context = context;
	info.address = host;
	info.port = port;
	info.path = path;
	info.host = host;
	info.origin = host;
	info.protocol = c->opt.protocol;
	info.local_protocol_name = protocols[0].name;
	info.pwsi = &c->wsi;
	if (!strcmp(scheme, "wss") || !strcmp(scheme, "https"))
		info.ssl_connection = LCCSCF_USE_SSL;
	if (c->opt.insecure)
		info.ssl_connection |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_ALLOW_INSECURE |
				       LCCSCF_ALLOW_EXPIRED |
				       LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;

	printf("connecting to %s\n", c->opt.url);
	return lws_client_connect_via_info(&info) ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_context *context;
	struct client client;
	int n = 0;

	memset(&client, 0, sizeof(client));
	if (parse_options(&client.opt, argc, argv)) {
		fprintf(stderr,
			"usage: echo-client [--count N] [--size N] [--ca FILE] [--insecure] "
			"[--protocol P] [--pmd] [--verbose] URL\n");
		return 2;
	}
	client.message = malloc(LWS_PRE + (client.opt.size ? client.opt.size : 64));
	if (!client.message)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGINT, on_signal);
	lws_set_log_level(LLL_ERR | LLL_WARN | (client.opt.verbose ? LLL_NOTICE | LLL_INFO : 0),
			  NULL);

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = client.opt.ca;
	info.user = &client;
	if (client.opt.pmd)
		info.extensions = extensions;
	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "no context\n");
		free(client.message);
		return 1;
	}

	if (start(context, &client)) {
		if (!client.failed)
			printf("could not start the connection\n");
		client.failed = client.done = 1;
	}
	while (n >= 0 && !client.done && !interrupted)
		n = lws_service(context, 0);

	lws_context_destroy(context);
	free(client.message);
	free(client.reply);
	return client.failed || client.echoed != client.opt.count;
}
