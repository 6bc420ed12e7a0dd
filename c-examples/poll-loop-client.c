/*
 * poll-loop-client: a websocket client in a poll() loop of the program's own, the short
 * way: one descriptor stands for the whole library.
 *
 *   poll-loop-client HOST PORT
 *
 * Shown: oxlws_context_fd() of <oxlws.h>. The loop watches it beside a pipe of its own,
 * and calls lws_service(context, -1) when it is readable; there are no timeouts to
 * compute and no descriptors to keep book of. Only oxlws has this; see
 * external-poll-client.c for what also works with libwebsockets.
 *
 * At the end the library says why the connection ended, and what it counted.
 *
 * Expected output with an echo server:
 *
 *   established
 *   echoed: one descriptor for all
 *   tick
 *   ended by us: close code 1000
 *   1 message out, 1 in
 */
#include <libwebsockets.h>
#include <oxlws.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct client {
	struct lws_context *context;
	struct lws *wsi;
	lws_sorted_usec_list_t timer;
	int pipe[2];
	int ended, failed;
};

static const char message[] = "one descriptor for all";

static void on_timer(lws_sorted_usec_list_t *timer)
{
	struct client *c = lws_container_of(timer, struct client, timer);

	if (write(c->pipe[1], "t", 1) != 1)
		c->failed = 1;
}

static void tell_end(struct lws *wsi)
{
	struct oxlws_ended why;
	struct oxlws_wsi_stats stats;

	if (oxlws_wsi_ended(wsi, &why, sizeof(why)) == 1)
		printf("ended by %s: close code %d\n", why.by == OXLWS_ENDED_BY_US ? "us" : why.text, why.close_code);
	if (oxlws_wsi_stats(wsi, &stats, sizeof(stats)) == 0)
		printf("%u message out, %u in\n", (unsigned int)stats.messages_out, (unsigned int)stats.messages_in);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));
	unsigned char buffer[LWS_PRE + sizeof(message)];
	struct oxlws_ended why;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		puts("established");
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (c->timer.us) /* the message was sent */
			break;
		memcpy(buffer + LWS_PRE, message, sizeof(message) - 1);
		if (lws_write(wsi, buffer + LWS_PRE, sizeof(message) - 1, LWS_WRITE_TEXT) < 0)
			return -1;
		lws_sul_schedule(c->context, 0, &c->timer, on_timer, 200 * LWS_US_PER_MS);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		printf("echoed: %.*s\n", (int)len, (const char *)in);
		break;
	case LWS_CALLBACK_TIMER:
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;
	case LWS_CALLBACK_CLIENT_CLOSED:
		tell_end(wsi);
		c->ended = 1;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		if (oxlws_wsi_ended(wsi, &why, sizeof(why)) == 1)
			printf("failed: %s\n", why.text);
		c->ended = c->failed = 1;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{"poll-loop", callback, 0, 0, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect_info;
	struct pollfd watched[2];
	struct client c;
	char byte;

	if (argc != 3) {
		fprintf(stderr, "usage: poll-loop-client HOST PORT\n");
		return 2;
	}
	memset(&c, 0, sizeof(c));
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = &c;
	c.context = lws_create_context(&info);
	if (!c.context || pipe(c.pipe))
		return 1;
	watched[0].fd = oxlws_context_fd(c.context);
	watched[1].fd = c.pipe[0];
	watched[0].events = watched[1].events = POLLIN;
	if (watched[0].fd < 0)
		return 1;

	memset(&connect_info, 0, sizeof(connect_info));
	connect_info.context = c.context;
	connect_info.address = argv[1];
	connect_info.port = atoi(argv[2]);
	connect_info.path = "/";
	connect_info.host = argv[1];
	connect_info.local_protocol_name = "poll-loop";
	connect_info.pwsi = &c.wsi;
	if (!lws_client_connect_via_info(&connect_info))
		return 1;

	while (!c.ended && poll(watched, 2, -1) >= 0) {
		if (watched[1].revents && read(c.pipe[0], &byte, 1) == 1) {
			puts("tick");
			lws_set_timer_usecs(c.wsi, 1);
		}
		if (watched[0].revents && lws_service(c.context, -1) < 0)
			break;
	}
	lws_context_destroy(c.context);
	close(c.pipe[0]);
	close(c.pipe[1]);
	return c.failed;
}
