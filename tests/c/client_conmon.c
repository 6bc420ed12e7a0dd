/*
 * What LCCSCF_CONMON tells about connections that came about, and about those that did not: which
 * steps took place, what the lookup said, to whom they are connected.
 *
 *   client_conmon PORT      (a scripted peer: an answer with 404, then one that upgrades)
 *
 * The program brings the getaddrinfo() that the library calls.
 * Expected output: client_conmon.expected
 */
#define _GNU_SOURCE
#include "lookup.h"
#include <arpa/inet.h>

static struct lws_context *context;
static int done;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	if (!strcmp(name, "nobody.test"))
		return EAI_NONAME;
	if (!strcmp(name, "broken.test"))
		return EAI_FAIL;
	return system_lookup(strcmp(name, "server.test") ? name : "127.0.0.1", service, hints, result);
}

static const char *lookup_said(lws_conmon_dns_disposition_t disposition)
{
	switch (disposition) {
	case LWSCONMON_DNS_NONE:
		return "no lookup";
	case LWSCONMON_DNS_OK:
		return "found";
	case LWSCONMON_DNS_SERVER_UNREACHABLE:
		return "the resolver failed";
	case LWSCONMON_DNS_NO_RESULT:
		return "no such name";
	default:
		return "?";
	}
}

static void take(struct lws *wsi)
{
	struct lws_conmon times;
	struct addrinfo *one;
	char peer[64] = "nobody";
	int addresses = 0;

	memset(&times, 0x55, sizeof(times));
	lws_conmon_wsi_take(wsi, &times);
	if (times.peer46.sa4.sin_family == AF_INET)
		CHECK(inet_ntop(AF_INET, &times.peer46.sa4.sin_addr, peer, sizeof(peer)));
	for (one = times.dns_results_copy; one; one = one->ai_next) {
		CHECK(one->ai_addr != NULL && one->ai_addrlen >= sizeof(struct sockaddr_in));
		addresses++;
	}
	say("  %s, %d addresses, connected to %s; took time: lookup %d, tcp %d, tls %d, answer %d",
	    lookup_said(times.dns_disposition), addresses, peer, times.ciu_dns > 0,
	    times.ciu_sockconn > 0, times.ciu_tls > 0, times.ciu_txn_resp > 0);
	if (times.pcol == LWSCONMON_PCOL_HTTP)
		say("  answered %d", times.protocol_specific.http.response);
	else
		CHECK(times.pcol == LWSCONMON_PCOL_NONE &&
		      times.protocol_specific.http.response == 0);
	lws_conmon_release(&times);
	CHECK(times.dns_results_copy == NULL);

	/* There is nothing more to take. */
	lws_conmon_wsi_take(wsi, &times);
	CHECK(times.dns_results_copy == NULL && times.ciu_sockconn == 0 && times.ciu_dns == 0 &&
	      times.dns_disposition == LWSCONMON_DNS_NONE);
	lws_conmon_release(&times);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("  %s", reason == LWS_CALLBACK_CLIENT_CLOSED ? "closed" : "no connection");
		take(wsi);
		done = 1;
		return 0;

	default:
		return 0;
	}
}

static void connection(const char *what, const char *address, const char *port, int flags)
{
	struct lws_client_connect_info info = to_port(context, port, "times");

	say("%s", what);
	info.address = address;
	info.host = address;
	info.ssl_connection = flags;
	done = 0;
	lws_client_connect_via_info(&info);
	while (!done && lws_service(context, 0) >= 0)
		;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "times", on_event, 0, 0, 0, NULL, 0 },
		LWS_PROTOCOL_LIST_TERM,
	};

	CHECK(argc == 2);
	context = make_context(protocols, NULL);
	connection("an answer without upgrade", "server.test", argv[1], LCCSCF_CONMON);
	connection("an upgrade, by address", "127.0.0.1", argv[1], LCCSCF_CONMON);
	connection("not monitored", "127.0.0.1", argv[1], 0);
	connection("a name that does not exist", "nobody.test", argv[1], LCCSCF_CONMON);
	connection("a resolver that fails", "broken.test", argv[1], LCCSCF_CONMON);
	connection("nobody listens", "server.test", "1", LCCSCF_CONMON);
	lws_context_destroy(context);
	say("end");
	return 0;
}
