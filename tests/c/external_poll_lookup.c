/*
 * A poll() loop of the program that waits without limit: a name that helper threads look
 * up still wakes it, through a descriptor that is announced for the time of the lookup.
 *
 *   external_poll_lookup PORT
 *
 * The program has a getaddrinfo() of its own, which the library finds before the system's.
 *
 * Expected output: external_poll_lookup.expected
 */
#define _GNU_SOURCE
#include "poll_loop.h"
#include <netdb.h>
#include <netinet/in.h>

static int finished;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **list)
{
	struct addrinfo *one = calloc(1, sizeof(*one));
	struct sockaddr_in *address = calloc(1, sizeof(*address));

	(void)service;
	(void)hints;
	CHECK(one && address && !strcmp(name, "slow.example"));
	usleep(100000);
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	one->ai_family = AF_INET;
	one->ai_socktype = SOCK_STREAM;
	one->ai_addr = (struct sockaddr *)address;
	one->ai_addrlen = sizeof(*address);
	*list = one;
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	free(list->ai_addr);
	free(list);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	(void)len;
	if (on_poll_change(reason, in))
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "");
		finished = 1;
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		finished = 1;
		return 0;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "polled", on_event, 0, 0, 0, NULL, 0 },
		LWS_PROTOCOL_LIST_TERM,
	};
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_client_connect_info info;
	int before;

	CHECK(argc == 2);
	while (!lws_service_adjust_timeout(context, 60000, 0))
		lws_service_tsi(context, -1, 0);
	before = added;
	info = to_port(context, argv[1], "polled");
	info.address = "slow.example";
	CHECK(lws_client_connect_via_info(&info));
	say("watched while the name is looked up: %d", added - before);
	while (!finished)
		poll_turn(context);
	lws_service_tsi(context, -1, 0);
	say("watched at the end: %d", (int)count);
	lws_context_destroy(context);
	return 0;
}
