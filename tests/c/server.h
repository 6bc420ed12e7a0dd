/*
 * server.h: what the server test programs share. A program sets the context up, calls
 * serve(), and is driven by tests/peers/http_script.py; the test framework ends it by
 * SIGTERM and compares what it printed.
 */
#ifndef SERVER_H
#define SERVER_H

#include "harness.h"

static volatile sig_atomic_t server_stops;
static struct lws_context *server_context;

static inline void server_on_signal(int sig)
{
	(void)sig;
	server_stops = 1;
	lws_cancel_service(server_context);
}

/* Zeroed info on a port of the system's choice; nothing is logged. */
static inline void server_info(struct lws_context_creation_info *info, const struct lws_protocols *protocols)
{
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(info, 0, sizeof(*info));
	info->protocols = protocols;
	signal(SIGTERM, server_on_signal);
}

/* Prints the line that the framework waits for and serves until SIGTERM. */
static inline int serve(struct lws_context *context, int port)
{
	int n = 0;

	server_context = context;
	CHECK(context != NULL);
	say("READY %d", port);
	while (n >= 0 && !server_stops)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	say("stopped");
	return 0;
}

/* The port of a vhost by name. */
static inline int port_of(struct lws_context *context, const char *vhost)
{
	struct lws_vhost *vh = lws_get_vhost_by_name(context, vhost);

	CHECK(vh != NULL);
	return lws_get_vhost_listen_port(vh);
}

/* Answers with a text of known length and completes the transaction. */
static inline int answer_text(struct lws *wsi, unsigned int status, const char *text)
{
	unsigned char buffer[LWS_PRE + 4096], *start = buffer + LWS_PRE, *p = start;
	unsigned char *end = buffer + sizeof(buffer) - 1;
	size_t len = strlen(text);

	if (lws_add_http_common_headers(wsi, status, "text/plain", (lws_filepos_t)len, &p, end) ||
	    lws_finalize_write_http_header(wsi, start, &p, end))
		return -1;
	memcpy(start, text, len);
	if (lws_write(wsi, start, len, LWS_WRITE_HTTP_FINAL) != (int)len)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

#endif
