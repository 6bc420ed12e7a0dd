/*
 * echo-server: sends every websocket message back to where it came from, as text
 * or binary as it came.
 *
 *   echo-server [options]
 *
 *   --port N       port to listen on (9000); 0 lets the system choose
 *   --cert FILE    PEM certificate chain, with --key FILE: serve wss
 *   --key FILE     PEM private key
 *   --pmd          accept permessage-deflate
 *   --utf8         refuse text that is not UTF-8 with close code 1007
 *   --verbose      the library's own log and a line per connection
 *
 * Shown: a listening vhost, putting messages together from the pieces in which they
 * arrive, a queue of outgoing messages per connection, flow control against peers that
 * send faster than they read, a limit with close code 1009, a clean end on SIGTERM.
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 9000 (ws)
 *   stopped: 1 connections, 3 messages
 */
#include <libwebsockets.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above this much unsent data a connection is not read from, until half is gone. */
#define QUEUE_HIGH (4u << 20)
/* Longer messages are refused. */
#define MESSAGE_MAX (64u << 20)

/* A message, growing while it arrives, then waiting to be sent back. */
struct message {
	struct message *next;
	size_t len, room;
	int is_binary;
	unsigned char data[]; /* LWS_PRE bytes, then room for the payload */
};

/* One per connection; the library makes it and fills it with zeros. */
struct session {
	struct message *incoming;
	struct message *head, **tail; /* queue of whole messages */
	size_t queued;
	int is_stopped;
};

static volatile sig_atomic_t stopping;
static struct lws_context *context;
static unsigned int connections, messages;
static int verbose;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

/* Appends a piece to the incoming message, made here with the first. -1: no memory. */
static int append(struct lws *wsi, struct session *s, const void *in, size_t len)
{
	size_t used = s->incoming ? s->incoming->len : 0;

	if (!s->incoming || used + len > s->incoming->room) {
		/* At least doubled, so that few pieces cause a copy. */
		size_t room = used + len + lws_remaining_packet_payload(wsi) + used;
		struct message *m = realloc(s->incoming, sizeof(*m) + LWS_PRE + room);

		if (!m)
			return -1;
		if (!s->incoming) {
			m->next = NULL;
			m->len = 0;
			m->is_binary = lws_frame_is_binary(wsi);
		}
		m->room = room;
		s->incoming = m;
	}
	if (len)
		memcpy(s->incoming->data + LWS_PRE + used, in, len);
	s->incoming->len += len;
	return 0;
}

/* Queues the incoming message, which is whole now. */
static void enqueue(struct lws *wsi, struct session *s)
{
	*s->tail = s->incoming;
	s->tail = &s->incoming->next;
	s->queued += s->incoming->len;
	s->incoming = NULL;
	if (s->queued > QUEUE_HIGH && !s->is_stopped) {
		s->is_stopped = 1;
		lws_rx_flow_control(wsi, 0);
	}
}

/* Takes the oldest message off the queue; the caller frees it. */
static struct message *dequeue(struct lws *wsi, struct session *s)
{
	struct message *m = s->head;

	if (!m)
		return NULL;
	s->head = m->next;
	if (!s->head)
		s->tail = &s->head;
	s->queued -= m->len;
	if (s->is_stopped && s->queued < QUEUE_HIGH / 2) {
		s->is_stopped = 0;
		lws_rx_flow_control(wsi, 1);
	}
	return m;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct session *s = user;
	struct message *m;
	int sent;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		s->tail = &s->head;
		connections++;
		if (verbose)
			printf("connection %u opened\n", connections);
		return 0;

	case LWS_CALLBACK_RECEIVE:
		if ((s->incoming ? s->incoming->len : 0) + len > MESSAGE_MAX) {
			lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
			return -1;
		}
		if (append(wsi, s, in, len))
			return -1;
		if (!lws_is_final_fragment(wsi))
			return 0; /* the rest comes with later calls */
		messages++;
		enqueue(wsi, s);
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		m = dequeue(wsi, s);
		if (!m)
			return 0;
		sent = lws_write(wsi, m->data + LWS_PRE, m->len,
				 m->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
		free(m);
		if (sent < 0)
			return -1;
		if (s->head)
			lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLOSED:
		while ((m = s->head)) {
			s->head = m->next;
			free(m);
		}
		free(s->incoming);
		if (verbose)
			printf("connection closed\n");
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "echo", on_event, sizeof(struct session), 65536, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate,
	  "permessage-deflate; client_no_context_takeover; client_max_window_bits" },
	{ NULL, NULL, NULL },
};

/* Reads the command line into info. Returns 0, or -1 if it makes no sense. */
static int parse_options(struct lws_context_creation_info *info, int argc, char **argv)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "pmd", no_argument, NULL, 'd' },
		{ "utf8", no_argument, NULL, 'u' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (c) {
		case 'p':
			info->port = atoi(optarg);
			break;
		case 'c':
			info->ssl_cert_filepath = optarg;
			break;
		case 'k':
			info->ssl_private_key_filepath = optarg;
			break;
		case 'd':
			info->extensions = extensions;
			break;
		case 'u':
			info->options |= LWS_SERVER_OPTION_VALIDATE_UTF8;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			return -1;
		}
	if (!info->ssl_cert_filepath != !info->ssl_private_key_filepath)
		return -1;
	return optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_vhost *vhost;
	int n = 0;

	memset(&info, 0, sizeof(info));
	info.port = 9000;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	info.vhost_name = "echo";
	if (parse_options(&info, argc, argv)) {
		fprintf(stderr,
			"usage: echo-server [--port N] [--cert FILE --key FILE] [--pmd] [--utf8] "
			"[--verbose]\n");
		return 2;
	}
	if (info.ssl_cert_filepath)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN | (verbose ? LLL_NOTICE : 0), NULL);

	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "no context\n");
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	vhost = lws_create_vhost(context, &info);
	if (!vhost) {
		fprintf(stderr, "cannot listen on port %d\n", info.port);
		lws_context_destroy(context);
		return 1;
	}
	printf("listening on port %d (%s)\n", lws_get_vhost_listen_port(vhost),
	       info.ssl_cert_filepath ? "wss" : "ws");

	while (n >= 0 && !stopping)
		n = lws_service(context, 0);

	lws_context_destroy(context);
	printf("stopped: %u connections, %u messages\n", connections, messages);
	return 0;
}
