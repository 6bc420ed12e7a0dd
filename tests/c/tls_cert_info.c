/*
 * What a client learns about a TLS connection: the server's certificate, whether the
 * session was resumed, and how long each step took.
 *
 *   tls_cert_info PORT CA_FILE
 *
 * Connects twice with LCCSCF_CONMON. Expected output: tls_cert_info.expected
 */
#include "harness.h"

/* A result with room for a whole certificate behind it. */
union answer {
	union lws_tls_cert_info_results of;
	char room[8192];
};

static int closed;

static void tell(struct lws *wsi)
{
	struct lws_x509_cert *x509;
	union answer answer, der;
	int room = (int)(sizeof(answer) - offsetof(struct lws_tls_cert_info_results_ns, name));
	time_t from, until;

	CHECK(lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &answer.of, 0) == 0);
	say("common name %s", answer.of.ns.name);
	CHECK(lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_ISSUER_NAME, &answer.of, 0) == 0);
	CHECK(answer.of.ns.len == (int)strlen(answer.of.ns.name) && answer.of.ns.name[0] == '/');
	CHECK(lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_VERIFIED, &answer.of, 0) == 0);
	say("verified %u", answer.of.verified);
	CHECK(lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_VALIDITY_FROM, &answer.of, 0) == 0);
	from = answer.of.time;
	CHECK(lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_VALIDITY_TO, &answer.of, 0) == 0);
	until = answer.of.time;
	CHECK(from <= time(NULL) && time(NULL) < until);
	CHECK(lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_DER_RAW, &der.of, 64) == -1);
	CHECK(der.of.ns.len > 64);
	CHECK(lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_DER_RAW, &der.of, (size_t)room) == 0);
	say("certificate of %s bytes",
	    der.of.ns.len > 300 && der.of.ns.len < room ? "some" : "strange");
	CHECK(lws_tls_vhost_cert_info(lws_get_vhost(wsi), LWS_TLS_CERT_INFO_USAGE, &answer.of, 0) ==
	      -1);
	CHECK(lws_x509_create(&x509) == 0);
	CHECK(lws_x509_parse_from_pem(x509, "no certificate", 14) == -1);
	CHECK(lws_x509_info(x509, LWS_TLS_CERT_INFO_USAGE, &answer.of, 0) == -1);
	lws_x509_destroy(&x509);
	CHECK(x509 == NULL);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct lws_conmon times;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("error %s", in ? (const char *)in : "");
		closed++;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		tell(wsi);
		say("resumed %d", lws_tls_session_is_reused(wsi));
		return send_text(wsi, "hello") < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		lws_conmon_wsi_take(wsi, &times);
		say("times: tcp %d, tls %d, reply %d; response %d", times.ciu_sockconn > 0,
		    times.ciu_tls > 0, times.ciu_txn_resp > 0,
		    times.protocol_specific.http.response);
		CHECK(times.pcol == LWSCONMON_PCOL_HTTP);
		CHECK(times.ciu_tls < 10 * LWS_US_PER_SEC && times.ciu_dns < 10 * LWS_US_PER_SEC);
		CHECK(times.peer46.sa4.sin_family == AF_INET);
#ifndef ORACLE
		CHECK(times.dns_results_copy != NULL);
		CHECK(times.dns_results_copy->ai_family == AF_INET &&
		      times.dns_results_copy->ai_next == NULL);
#endif
		lws_conmon_release(&times);
		CHECK(times.dns_results_copy == NULL);
		closed++;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "facts", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	int round;

	CHECK(argc == 3);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = argv[2];
	context = lws_create_context(&info);
	CHECK(context != NULL);
	for (round = 1; round <= 2; round++) {
		connect = to_port(context, argv[1], "facts");
		connect.host = "localhost";
		connect.ssl_connection = LCCSCF_USE_SSL | LCCSCF_CONMON;
		CHECK(lws_client_connect_via_info(&connect) != NULL);
		while (closed < round && lws_service(context, 0) >= 0)
			;
	}
	lws_context_destroy(context);
	return 0;
}
