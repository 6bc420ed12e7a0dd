/*
 * Hooks that are asked about certificates, and client certificates, with TLS configurations of
 * <oxlws.h>.
 *
 * Arguments: the folder of the certificates, the case.
 */
#include "tls_echo.h"

static int hook_calls, hook_answer, hook_closes, hook_destroys, keep_quiet;
static unsigned char pin[32];

static int hook(const struct oxlws_tls_peer *peer)
{
	union lws_tls_cert_info_results *ci;

	CHECK(peer->size == sizeof(*peer));
	hook_calls++;
	if (!keep_quiet)
		say("  hook: host %s, verdict %d, number %d, %d certificates, %s%s",
		    peer->host ? peer->host : "none", peer->verdict, peer->openssl_number,
		    (int)peer->certificates, peer->text, (char *)peer->user);
	if (peer->certificates) {
		/* the same certificate as the older interface gives */
		ci = calloc(1, sizeof(*ci) + 4096);
		CHECK(ci != NULL);
		CHECK(!lws_tls_peer_cert_info(peer->wsi, LWS_TLS_CERT_INFO_DER_RAW, ci, 4096));
		CHECK((size_t)ci->ns.len == peer->der_len[0]);
		CHECK(!memcmp(ci->ns.name, peer->der[0], peer->der_len[0]));
		free(ci);
	}
	CHECK(accepted_requests == 0 || keep_quiet); /* nothing was asked of the server yet */
	if (hook_closes)
		lws_set_timeout(peer->wsi, (enum pending_timeout)1,
				hook_closes == 1 ? LWS_TO_KILL_SYNC : LWS_TO_KILL_ASYNC);
	if (hook_destroys)
		lws_context_destroy(context);
	CHECK(lws_service(context, 0) < 0); /* nested */
	if (hook_answer == 100)
		return memcmp(peer->key_sha256, pin, 32) ? OXLWS_TLS_REFUSE : OXLWS_TLS_ACCEPT;
	return hook_answer;
}

static void hooks_with(int version)
{
	struct oxlws_tls_config *c, *s = tls_server_config("server");
	char dots[] = "";

	say("TLS 1.%d", version == OXLWS_TLS_1_2 ? 2 : 3);
	CHECK(!oxlws_tls_set_versions(s, version, version));
	serve_with(s);
	c = tls_client_config();
	CHECK(!oxlws_tls_set_verify_hook(c, hook, dots));
	for (hook_answer = OXLWS_TLS_AS_VERIFIED; hook_answer <= OXLWS_TLS_REFUSE; hook_answer++)
		connect_wss("good certificate", c);
	hook_answer = 77;
	connect_wss("an unknown answer", c);
	oxlws_tls_free(c);
	c = oxlws_tls_new(OXLWS_TLS_CLIENT);
	CHECK(!oxlws_tls_set_verify_hook(c, hook, dots));
	for (hook_answer = OXLWS_TLS_AS_VERIFIED; hook_answer <= OXLWS_TLS_REFUSE; hook_answer++)
		connect_wss("unknown issuer", c);
	hook_answer = OXLWS_TLS_ACCEPT;
	hook_closes = 1;
	connect_wss("closed from inside, at once", c);
	hook_closes = 2;
	connect_wss("closed from inside, soon", c);
	hook_closes = 0;
	oxlws_tls_free(c);
	c = tls_client_config();
	CHECK(!oxlws_tls_set_verify_hook(c, hook, dots));
	hook_answer = OXLWS_TLS_AS_VERIFIED;
	s = tls_server_config("wrongname");
	CHECK(!oxlws_tls_set_versions(s, version, version));
	serve_with(s);
	connect_wss("wrong name", c);
	s = tls_server_config("expired");
	CHECK(!oxlws_tls_set_versions(s, version, version));
	serve_with(s);
	connect_wss("expired", c);
	s = tls_server_config("selfsigned");
	CHECK(!oxlws_tls_set_versions(s, version, version));
	serve_with(s);
	connect_wss("self-signed", c);
	{
		struct lws_client_connect_info info = target();

		info.ssl_connection |= LCCSCF_ALLOW_SELFSIGNED;
		go("self-signed with its flag", c, &info);
	}
	oxlws_tls_free(c);
}

static void hooks(void)
{
	struct oxlws_tls_config *c;
	int calls;

	hooks_with(OXLWS_TLS_1_2);
	hooks_with(OXLWS_TLS_1_3);
	/* resumption: without a hook the second connection resumes, with one both are asked about
	 */
	serve_with(tls_server_config("server"));
	c = tls_client_config();
	CHECK(!oxlws_tls_set_verify_hook(c, hook, ""));
	hook_answer = OXLWS_TLS_AS_VERIFIED;
	keep_quiet = 1;
	calls = hook_calls;
	connect_wss("first", c);
	connect_wss("second", c);
	say("asked %d times", hook_calls - calls);
	hook_destroys = 1;
	connect_wss("context destroyed from inside", c);
	oxlws_tls_free(c);
	context = NULL;
}

/* The SHA-256 of the public key, as openssl has it. */
static void read_pin(const char *cert)
{
	char command[256], hex[65] = "";
	unsigned int byte;
	FILE *pipe;
	int n;

	lws_snprintf(command, sizeof(command),
		     "openssl x509 -in %s -pubkey -noout | openssl pkey -pubin -outform der | "
		     "openssl dgst -sha256 -r",
		     cert);
	pipe = popen(command, "r");
	CHECK(pipe != NULL);
	CHECK(fscanf(pipe, "%64s", hex) == 1 && strlen(hex) == 64);
	pclose(pipe);
	for (n = 0; n < 32; n++) {
		CHECK(sscanf(hex + 2 * n, "%2x", &byte) == 1);
		pin[n] = (unsigned char)byte;
	}
}

static void pinning(void)
{
	struct oxlws_tls_config *c = oxlws_tls_new(OXLWS_TLS_CLIENT);

	hook_answer = 100;
	CHECK(!oxlws_tls_set_verify_hook(c, hook, ""));
	serve_with(tls_server_config("selfsigned"));
	read_pin("selfsigned.pem");
	connect_wss("the pinned key", c);
	serve_with(tls_server_config("server"));
	connect_wss("another key", c);
	oxlws_tls_free(c);
}

static void client_certs(void)
{
	struct oxlws_tls_config *c = tls_client_config(), *with = tls_client_config(),
				*self = tls_client_config(), *s;

	CHECK(!oxlws_tls_set_cert_file(with, "client.pem", "client.key", NULL));
	CHECK(!oxlws_tls_set_cert_file(self, "selfsigned.pem", "selfsigned.key", NULL));
	/* with TLS 1.3 a client hears of a refusal behind its request, or of a reset */
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	CHECK(!oxlws_tls_set_versions(self, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	s = tls_server_config("server");
	CHECK(!oxlws_tls_add_roots_file(s, "ca.pem"));
	CHECK(!oxlws_tls_set_client_certs(s, OXLWS_TLS_CERTS_REQUIRED));
	serve_with(s);
	connect_wss("required, shown", with);
	say("  server saw %s", server_saw);
	accepted_requests = 0;
	connect_wss("required, none", c);
	connect_wss("required, self-signed", self);
	s = tls_server_config("server");
	CHECK(!oxlws_tls_add_roots_file(s, "ca.pem"));
	CHECK(!oxlws_tls_set_client_certs(s, OXLWS_TLS_CERTS_OPTIONAL));
	CHECK(!oxlws_tls_set_verify_hook(s, hook, ""));
	serve_with(s);
	hook_answer = OXLWS_TLS_AS_VERIFIED;
	connect_wss("optional, shown", with);
	connect_wss("optional, none", c);
	hook_answer = OXLWS_TLS_ACCEPT;
	connect_wss("optional, self-signed and accepted", self);
	say("  server saw %s", server_saw);
	oxlws_tls_free(c);
	oxlws_tls_free(with);
	oxlws_tls_free(self);
}

/* What the server refuses a client hears of as an end or an alert, whichever comes first. */
static void client_certs_refused(void)
{
	struct oxlws_tls_config *with = tls_client_config(), *s = tls_server_config("server");
	struct lws_client_connect_info info = target();
	struct oxlws_context_stats stats;

	CHECK(!oxlws_tls_set_cert_file(with, "client.pem", "client.key", NULL));
	CHECK(!oxlws_tls_add_roots_file(s, "ca.pem"));
	CHECK(!oxlws_tls_set_client_certs(s, OXLWS_TLS_CERTS_REQUIRED));
	CHECK(!oxlws_tls_set_verify_hook(s, hook, ""));
	serve_with(s);
	hook_answer = OXLWS_TLS_REFUSE;
	CHECK(run_once(&info, with));
	CHECK(!run.established && accepted_requests == 0);
	CHECK(!oxlws_context_stats(context, &stats, sizeof(stats)) && stats.upgraded == 0);
	say("refused by the server's hook: %d requests", accepted_requests);
	oxlws_tls_free(with);
}

int main(int argc, char **argv)
{
	CHECK(argc == 3);
	echo_begin(argv[1]);
	if (!strcmp(argv[2], "hooks"))
		hooks();
	if (!strcmp(argv[2], "pinning"))
		pinning();
	if (!strcmp(argv[2], "client_certs"))
		client_certs();
	if (!strcmp(argv[2], "client_certs_refused"))
		client_certs_refused();
	if (context)
		lws_context_destroy(context);
	say("end");
	return 0;
}
