/*
 * wscat: sends each line of standard input as a text message and prints what
 * comes back, like cat over a websocket. Ends when the input has ended and every
 * line has been answered.
 *
 *   wscat [--ca FILE] URL
 *
 * Shown: a thread that waits for input that the library knows nothing about, and
 * the one call it may make, lws_cancel_service. The rest happens in the service
 * thread, at LWS_CALLBACK_EVENT_WAIT_CANCELLED.
 *
 * Expected output for the input "one", "two" with an echo server:
 *
 *   connected
 *   < one
 *   < two
 *   closed
 */
#include <libwebsockets.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
	struct line *next;
	size_t len;
	unsigned char data[]; /* LWS_PRE bytes, then the text */
};

/* Lines on their way from the reader to the service thread. */
struct inbox {
	pthread_mutex_t lock;
	struct line *head, **tail;
	int has_ended;
};

struct cat {
	struct inbox inbox;
	struct lws_context *context;
	struct lws *wsi; /* while the connection is up */
	unsigned int sent, answered;
	int closed, failed;
};

static void *read_stdin(void *arg)
{
	struct cat *cat = arg;
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&text, &room, stdin)) >= 0) {
		struct line *line;

		if (len && text[len - 1] == '\n')
			len--;
		line = malloc(sizeof(*line) + LWS_PRE + (size_t)len);
		if (!line)
			break;
		line->next = NULL;
		line->len = (size_t)len;
		memcpy(line->data + LWS_PRE, text, (size_t)len);

		pthread_mutex_lock(&cat->inbox.lock);
		*cat->inbox.tail = line;
		cat->inbox.tail = &line->next;
		pthread_mutex_unlock(&cat->inbox.lock);
		lws_cancel_service(cat->context);
	}
	free(text);
	pthread_mutex_lock(&cat->inbox.lock);
	cat->inbox.has_ended = 1;
	pthread_mutex_unlock(&cat->inbox.lock);
	lws_cancel_service(cat->context);
	return NULL;
}

/* The next line to send, or NULL; *is_over tells that no more will come. */
static struct line *next_line(struct inbox *inbox, int *is_over)
{
	struct line *line;

	pthread_mutex_lock(&inbox->lock);
	line = inbox->head;
	if (line) {
		inbox->head = line->next;
		if (!inbox->head)
			inbox->tail = &inbox->head;
	}
	*is_over = !line && inbox->has_ended;
	pthread_mutex_unlock(&inbox->lock);
	return line;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct cat *cat = lws_context_user(lws_get_context(wsi));
	struct line *line;
	int is_over, n;

	switch (reason) {
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		/* wsi is not a connection here: use the one that we know. */
		if (cat->wsi)
			lws_callback_on_writable(cat->wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("connection failed: %s\n", in ? (const char *)in : "no reason given");
		cat->failed = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		printf("connected\n");
		cat->wsi = wsi;
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (!cat->wsi)
			return 0; /* closing */
		line = next_line(&cat->inbox, &is_over);
		if (line) {
			n = lws_write(wsi, line->data + LWS_PRE, line->len, LWS_WRITE_TEXT);
			free(line);
			if (n < 0)
				return -1;
			cat->sent++;
			lws_callback_on_writable(wsi);
			return 0;
		}
		if (is_over && cat->answered == cat->sent) {
			cat->wsi = NULL;
			lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
			return -1;
		}
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (lws_is_first_fragment(wsi))
			printf("< ");
		printf("%.*s", (int)len, (const char *)in);
		if (lws_is_final_fragment(wsi)) {
			printf("\n");
			cat->answered++;
			lws_callback_on_writable(wsi);
		}
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		printf("closed\n");
		cat->wsi = NULL;
		cat->closed = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "wscat", on_event, 0, 4096, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	const char *scheme, *host, *rest, *ca = NULL;
	char url[1024], path[1024];
	struct line *line;
	struct cat cat;
	pthread_t reader;
	int port, is_over, n = 0;

	if (argc == 4 && !strcmp(argv[1], "--ca"))
		ca = argv[2];
	else if (argc != 2) {
		fprintf(stderr, "usage: wscat [--ca FILE] URL\n");
		return 2;
	}
	snprintf(url, sizeof(url), "%s", argv[argc - 1]);
	if (lws_parse_uri(url, &scheme, &host, &port, &rest)) {
		fprintf(stderr, "wscat: not a URL: %s\n", argv[argc - 1]);
		return 2;
	}
	snprintf(path, sizeof(path), "%s%s", rest[0] == '/' ? "" : "/", rest);

	memset(&cat, 0, sizeof(cat));
	pthread_mutex_init(&cat.inbox.lock, NULL);
	cat.inbox.tail = &cat.inbox.head;
	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = ca;
	info.user = &cat;
	cat.context = lws_create_context(&info);
	if (!cat.context)
		return 1;

	memset(&connect, 0, sizeof(connect));
	connect.context = cat.context;
	connect.address = host;
	connect.port = port;
	connect.path = path;
	connect.host = host;
	connect.local_protocol_name = "wscat";
	if (!strcmp(scheme, "wss"))
		connect.ssl_connection = LCCSCF_USE_SSL;
	if (!lws_client_connect_via_info(&connect) ||
	    pthread_create(&reader, NULL, read_stdin, &cat)) {
		lws_context_destroy(cat.context);
		return 1;
	}

	while (n >= 0 && !cat.closed && !cat.failed)
		n = lws_service(cat.context, 0);

	/* The reader may be waiting for a line that never comes. */
	pthread_cancel(reader);
	pthread_join(reader, NULL);
	lws_context_destroy(cat.context);
	while ((line = next_line(&cat.inbox, &is_over)))
		free(line);
	pthread_mutex_destroy(&cat.inbox.lock);
	return cat.failed || cat.answered != cat.sent;
}
