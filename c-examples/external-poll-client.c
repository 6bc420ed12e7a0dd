/*
 * external-poll-client: a websocket client inside a poll() loop of its own.
 *
 *   external-poll-client HOST PORT
 *
 * Shown: the callbacks by which the library tells which descriptors to watch, and
 * the three calls that such a loop makes: lws_service_adjust_timeout before it
 * waits, lws_service_fd for each descriptor that is ready, lws_service_tsi when
 * something is to be done without waiting. Needs a library with
 * LWS_WITH_EXTERNAL_POLL.
 *
 * The loop also watches a descriptor of its own, a pipe: bytes that are written
 * there by a timer of the library come back as "tick", which shows that both
 * kinds are served by one poll().
 *
 * Expected output with an echo server:
 *
 *   established
 *   echoed: one poll loop for all
 *   tick
 *   closed, nothing is watched but the pipe
 */
#include <libwebsockets.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_WATCHED 16

struct loop {
	struct lws_context *context;
	struct pollfd watched[MAX_WATCHED]; /* [0] is the pipe */
	nfds_t count;
	int pipe[2];
	lws_sorted_usec_list_t timer;
	struct lws *wsi;
	int closed, failed;
};

static const char message[] = "one poll loop for all";

static struct pollfd *find(struct loop *l, int fd)
{
	nfds_t i;

	for (i = 1; i < l->count; i++)
		if (l->watched[i].fd == fd)
			return &l->watched[i];
	return NULL;
}

/* The reasons that concern the set of descriptors. Returns 0, or 1 if it is full. */
static int on_poll_change(struct loop *l, enum lws_callback_reasons reason,
			  const struct lws_pollargs *args)
{
	struct pollfd *slot;

	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
		if (l->count == MAX_WATCHED)
			return 1;
		slot = &l->watched[l->count++];
		slot->fd = args->fd;
		slot->events = (short)args->events;
		slot->revents = 0;
		return 0;

	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		slot = find(l, args->fd);
		if (slot)
			slot->events = (short)args->events;
		return 0;

	case LWS_CALLBACK_DEL_POLL_FD:
		slot = find(l, args->fd);
		if (slot)
			*slot = l->watched[--l->count];
		return 0;

	default:
		return 0; /* LOCK_POLL, UNLOCK_POLL: this program has one thread */
	}
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct loop *l = lws_context_user(lws_get_context(wsi));
	unsigned char buffer[LWS_PRE + sizeof(message)];

	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
	case LWS_CALLBACK_DEL_POLL_FD:
		return on_poll_change(l, reason, in);

	case LWS_CALLBACK_LOCK_POLL:
	case LWS_CALLBACK_UNLOCK_POLL:
		return 0;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("connection failed: %s\n", in ? (const char *)in : "no reason given");
		l->failed = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		printf("established\n");
		l->wsi = wsi;
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (!l->wsi)
			return 0;
		l->wsi = NULL;
		memcpy(buffer + LWS_PRE, message, sizeof(message) - 1);
		return lws_write(wsi, buffer + LWS_PRE, sizeof(message) - 1, LWS_WRITE_TEXT) < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		printf("echoed: %.*s\n", (int)len, (const char *)in);
		lws_set_timer_usecs(wsi, LWS_US_PER_SEC / 20);
		return 0;

	case LWS_CALLBACK_TIMER:
		if (write(l->pipe[1], "x", 1) != 1)
			l->failed = 1;
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;

	case LWS_CALLBACK_CLIENT_CLOSED:
		l->closed = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "polled", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* One turn of the program's own loop. */
static void turn(struct loop *l)
{
	struct pollfd ready[MAX_WATCHED];
	int wait_ms = lws_service_adjust_timeout(l->context, 1000, 0);
	nfds_t i, count = l->count;
	char byte;

	if (!wait_ms) {
		lws_service_tsi(l->context, -1, 0); /* input that is already buffered */
		return;
	}
	memcpy(ready, l->watched, sizeof(ready[0]) * count);
	if (poll(ready, count, wait_ms) < 0)
		return;
	if (ready[0].revents && read(l->pipe[0], &byte, 1) == 1)
		printf("tick\n");
	/* Serving one descriptor may change the set: hence the copy. */
	for (i = 1; i < count; i++)
		if (ready[i].revents && find(l, ready[i].fd))
			lws_service_fd(l->context, &ready[i]);
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct loop loop;
	int ticked = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: external-poll-client HOST PORT\n");
		return 2;
	}
	memset(&loop, 0, sizeof(loop));
	if (pipe(loop.pipe))
		return 1;
	loop.watched[0].fd = loop.pipe[0];
	loop.watched[0].events = POLLIN;
	loop.count = 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = &loop;
	loop.context = lws_create_context(&info);
	if (!loop.context)
		return 1;

	memset(&connect, 0, sizeof(connect));
	connect.context = loop.context;
	connect.address = argv[1];
	connect.port = atoi(argv[2]);
	connect.path = "/";
	connect.host = argv[1];
	connect.local_protocol_name = "polled";
	if (!lws_client_connect_via_info(&connect))
		loop.failed = 1;

	while (!loop.failed && !loop.closed)
		turn(&loop);
	/* The byte in the pipe may still be unread. */
	while (!loop.failed && !ticked && loop.watched[0].fd >= 0) {
		struct pollfd p = loop.watched[0];

		ticked = 1;
		if (poll(&p, 1, 0) > 0)
			turn(&loop);
	}
	if (loop.closed && loop.count == 1)
		printf("closed, nothing is watched but the pipe\n");
	lws_context_destroy(loop.context);
	close(loop.pipe[0]);
	close(loop.pipe[1]);
	return loop.failed || loop.count != 1;
}
