/*
 * reconnecting-client: keeps trying until it has received one message, waiting
 * longer after each failure.
 *
 *   reconnecting-client [--base-ms N] [--tries N] HOST PORT
 *
 *   --base-ms N    first delay (1000); it doubles up to sixteen times as much
 *   --tries N      give up after so many retries (8)
 *
 * Shown: lws_retry_bo_t, lws_retry_sul_schedule_retry_wsi from the callbacks that
 * end an attempt, lws_retry_sul_schedule when the attempt did not even start, and
 * the counter that starts again from the short delays after a success.
 *
 * Expected output where the server refuses once, breaks off once, then works:
 *
 *   attempt 1
 *   attempt 1 failed: HS: ws upgrade response not 101 (and the facts)
 *   attempt 2
 *   connected
 *   connection lost
 *   attempt 3
 *   connected
 *   received: hello
 *   done after 3 attempts
 *
 * Exit status: 0 if a message came, 1 if it gave up.
 */
#include <libwebsockets.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
	lws_sorted_usec_list_t sul; /* the next attempt; owned by us, known to the library */
	lws_retry_bo_t retry;
	uint32_t delays_ms[5];
	struct lws_context *context;
	const char *host;
	int port;
	uint16_t failures; /* since the last success */
	int attempts, received, done;
};

static void give_up(struct client *c)
{
	printf("giving up after %d attempts\n", c->attempts);
	c->done = 1;
}

/* Timer callback: one attempt. */
static void attempt(lws_sorted_usec_list_t *sul)
{
	struct client *c = lws_container_of(sul, struct client, sul);
	struct lws_client_connect_info info;

	memset(&info, 0, sizeof(info));
	info.context = c->context;
	info.address = c->host;
	info.port = c->port;
	info.path = "/";
	info.host = c->host;
	info.local_protocol_name = "reconnecting";
	info.retry_and_idle_policy = &c->retry;

	printf("attempt %d\n", ++c->attempts);
	if (!lws_client_connect_via_info(&info) &&
	    lws_retry_sul_schedule(c->context, 0, sul, &c->retry, attempt, &c->failures))
		give_up(c);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("attempt %d failed: %s\n", c->attempts,
		       in ? (const char *)in : "no reason given");
		break;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		printf("connected\n");
		c->failures = 0;
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		printf("received: %.*s\n", (int)len, (const char *)in);
		c->received = 1;
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;

	case LWS_CALLBACK_CLIENT_CLOSED:
		if (c->received) {
			printf("done after %d attempts\n", c->attempts);
			c->done = 1;
			return 0;
		}
		printf("connection lost\n");
		break;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}

	/* An attempt or a connection has ended: the next one, by the policy. */
	if (lws_retry_sul_schedule_retry_wsi(wsi, &c->sul, attempt, &c->failures))
		give_up(c);
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "reconnecting", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "base-ms", required_argument, NULL, 'b' },
		{ "tries", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct client client;
	uint32_t base_ms = 1000;
	unsigned int i;
	int option, n = 0;

	memset(&client, 0, sizeof(client));
	client.retry.conceal_count = 8;
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (option == 'b')
			base_ms = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 't')
			client.retry.conceal_count = (uint16_t)atoi(optarg);
		else
			return 2;
	if (optind != argc - 2) {
		fprintf(stderr, "usage: reconnecting-client [--base-ms N] [--tries N] HOST PORT\n");
		return 2;
	}
	client.host = argv[optind];
	client.port = atoi(argv[optind + 1]);

	for (i = 0; i < LWS_ARRAY_SIZE(client.delays_ms); i++)
		client.delays_ms[i] = base_ms << i;
	client.retry.retry_ms_table = client.delays_ms;
	client.retry.retry_ms_table_count = LWS_ARRAY_SIZE(client.delays_ms);
	client.retry.secs_since_valid_ping = 30;   /* notice a dead connection ... */
	client.retry.secs_since_valid_hangup = 45; /* ... within 45 s */
	client.retry.jitter_percent = 20;	   /* many clients should not come back together */

	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = &client;
	client.context = lws_create_context(&info);
	if (!client.context)
		return 1;

	lws_sul_schedule(client.context, 0, &client.sul, attempt, 1);
	while (n >= 0 && !client.done)
		n = lws_service(client.context, 0);

	lws_sul_cancel(&client.sul);
	lws_context_destroy(client.context);
	return !client.received;
}
