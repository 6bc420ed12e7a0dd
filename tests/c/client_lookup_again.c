/*
 * A resolver that fails for the moment is asked again; one that is sure is believed.
 *
 *   client_lookup_again PORT CASE
 *
 * CASE: "later" (the third lookup succeeds), "never" (all fail for the moment; the
 * connection waits 2 s), "unknown" (there is no such name). The program brings the
 * getaddrinfo() that the library calls. Expected output: client_lookup_again_*.expected
 */
#define _GNU_SOURCE
#include "lookup.h"
#include <stdatomic.h>

static atomic_int lookups;
static int done, ticks, succeed_at, code;
static struct lws_context *context;
static lws_sorted_usec_list_t timer;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	if (strcmp(name, "server.test"))
		return system_lookup(name, service, hints, result);
	if (++lookups != succeed_at)
		return code;
	return system_lookup("127.0.0.1", service, hints, result);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("error %.*s", (int)strnlen((const char *)in, len), (const char *)in);
		done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("received %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		done = 1;
		return 0;

	default:
		return 0;
	}
}

/* The loop must not be held up. */
static void tick(lws_sorted_usec_list_t *sul)
{
	ticks++;
	lws_sul_schedule(context, 0, sul, tick, 20 * LWS_US_PER_MS);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "again", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	long long begun = now_us();
	int secs;

	CHECK(argc == 3);
	code = strcmp(argv[2], "unknown") ? EAI_AGAIN : EAI_NONAME;
	succeed_at = strcmp(argv[2], "later") ? -1 : 3;
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.connect_timeout_secs = strcmp(argv[2], "never") ? 0 : 2;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	tick(&timer);
	connect = to_port(context, argv[1], "again");
	connect.address = connect.host = "server.test";
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (!done && lws_service(context, 0) >= 0)
		;
	secs = (int)((now_us() - begun) / 1000000);
	say("%d lookups, after %d s", (int)lookups, secs);
	CHECK(ticks >= 10 * secs);
	lws_sul_cancel(&timer);
	lws_context_destroy(context);
	return 0;
}
