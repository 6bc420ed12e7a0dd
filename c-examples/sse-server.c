/*
 * sse-server: server-sent events, a number per interval for each who listens.
 *
 *   sse-server [--port N] [--ms N]
 *
 *   --port N   port to listen on (8000); 0 lets the system choose
 *   --ms N     between two events (1000)
 *
 *   /events    the stream; a browser reads it with `new EventSource("/events")`
 *
 * Shown: an answer without end, a timer per connection, and no timeout for a listener
 * that has nothing to say.
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 8000
 *   stopped: 1 streams, 3 events
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* One per connection. */
struct session {
	unsigned int number;
};

static volatile sig_atomic_t stopping;
static struct lws_context *context;
static unsigned int streams, events;
static int interval_ms = 1000;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

/* The head of a stream: neither a length nor an end. */
static int begin_stream(struct lws *wsi)
{
	unsigned char buffer[LWS_PRE + 512], *start = buffer + LWS_PRE, *p = start;
	unsigned char *end = buffer + sizeof(buffer) - 1;

	if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, "text/event-stream",
					LWS_ILLEGAL_HTTP_CONTENT_LEN, &p, end) ||
	    lws_add_http_header_by_name(wsi, (const unsigned char *)"cache-control:",
					(const unsigned char *)"no-store", 8, &p, end) ||
	    lws_finalize_write_http_header(wsi, start, &p, end))
		return -1;
	lws_http_mark_sse(wsi);
	lws_callback_on_writable(wsi);
	streams++;
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct session *s = user;
	unsigned char buffer[LWS_PRE + 64];
	int n;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		if (strcmp(in, "/events"))
			break; /* the default handler says 404 */
		if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0)
			return lws_return_http_status(wsi, HTTP_STATUS_METHOD_NOT_ALLOWED, NULL) ?
				       -1 :
				       lws_http_transaction_completed(wsi) ? -1 : 0;
		return begin_stream(wsi);

	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return 0; /* whatever came with the request: the stream is its answer */

	case LWS_CALLBACK_HTTP_WRITEABLE:
		n = lws_snprintf((char *)buffer + LWS_PRE, 64, "id: %u\ndata: event %u\n\n",
				 s->number, s->number);
		s->number++;
		events++;
		if (lws_write(wsi, buffer + LWS_PRE, (size_t)n, LWS_WRITE_HTTP) != n)
			return -1;
		lws_set_timer_usecs(wsi, (lws_usec_t)interval_ms * LWS_US_PER_MS);
		return 0;

	case LWS_CALLBACK_TIMER:
		lws_callback_on_writable(wsi);
		return 0;

	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "events", on_event, sizeof(struct session), 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	int n;

	memset(&info, 0, sizeof(info));
	info.port = 8000;
	for (n = 1; n + 1 < argc; n += 2)
		if (!strcmp(argv[n], "--port"))
			info.port = atoi(argv[n + 1]);
		else if (!strcmp(argv[n], "--ms"))
			interval_ms = atoi(argv[n + 1]);
	info.protocols = protocols;
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);

	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "cannot listen on port %d\n", info.port);
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	printf("listening on port %d\n",
	       lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));

	n = 0;
	while (n >= 0 && !stopping)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	printf("stopped: %u streams, %u events\n", streams, events);
	return 0;
}
