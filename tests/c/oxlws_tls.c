/*
 * TLS configurations of <oxlws.h>: setters and their errors, hooks, client certificates,
 * who shares a connection. A server and its clients are in one context; every line about
 * a connection tells how it went.
 *
 * Arguments: the folder of the certificates, the case; for "keylog": the port of an echo
 * server that writes a key log of its own, and its file.
 */
#include "harness.h"
#include <oxlws.h>

static struct lws_context *context;
static struct lws_vhost *server, *clients;
static char port[16];

/* What the client connection that runs now did. */
static struct run {
	struct lws *wsi;
	int ended, established;
	char text[300];
} run;

static int accepted_requests, hook_calls, hook_answer, hook_closes, hook_destroys, keep_quiet;
static char server_saw[64], key_lines[64][400];
static int key_line_count;
static unsigned char pin[32];

static int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		     size_t len)
{
	unsigned char buffer[LWS_PRE + 512], *start = buffer + LWS_PRE, *p = start;
	union lws_tls_cert_info_results ci;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_HTTP:
		accepted_requests++;
		memset(&ci, 0, sizeof(ci));
		if (lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &ci,
					   sizeof(ci.ns.name)))
			strcpy(ci.ns.name, "nobody");
		lws_snprintf(server_saw, sizeof(server_saw), "%s", ci.ns.name);
		if (reason == LWS_CALLBACK_ESTABLISHED)
			return 0;
		if (lws_add_http_common_headers(wsi, 200, "text/plain", 2, &p, start + 512) ||
		    lws_finalize_write_http_header(wsi, start, &p, start + 512))
			return -1;
		memcpy(start, "ok", 2);
		if (lws_write(wsi, start, 2, LWS_WRITE_HTTP_FINAL) != 2)
			return -1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	case LWS_CALLBACK_RECEIVE:
		CHECK(len <= 64);
		memcpy(start, in, len);
		return lws_write(wsi, start, len, LWS_WRITE_TEXT) == (int)len ? 0 : -1;
	default:
		return 0;
	}
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		     size_t len)
{
	char room[LWS_PRE + 64], *body = room + LWS_PRE;
	int left = 64;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		run.established = 1;
		CHECK(lws_get_ssl(wsi) == NULL && lws_get_ssl(wsi) == NULL);
		return send_text(wsi, "hello") < 0 ? -1 : 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		lws_snprintf(run.text, sizeof(run.text), "echo of %.*s", (int)len,
			     (const char *)in);
		return close_normally(wsi);
	case LWS_CALLBACK_RAW_CONNECTED: {
		/* the start of an http/2 client; to a server of http/1.1 a bad request */
		static const char start[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
		unsigned char words[LWS_PRE + sizeof(start)];

		memcpy(words + LWS_PRE, start, sizeof(start));
		return lws_write(wsi, words + LWS_PRE, sizeof(start), LWS_WRITE_RAW) ==
				       sizeof(start)
			       ? 0
			       : -1;
	}
	case LWS_CALLBACK_RAW_RX:
		if (len > 4 && !memcmp(in, "HTTP", 4))
			strcpy(run.text, "raw http/1");
		else
			lws_snprintf(run.text, sizeof(run.text), "raw frame of type %d",
				     len > 3 ? ((char *)in)[3] : -1);
		return -1;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &body, &left);
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		lws_snprintf(run.text, sizeof(run.text), "body %.*s", (int)len, (const char *)in);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lws_snprintf(run.text, sizeof(run.text), "%s", in ? (const char *)in : "");
		run.ended = 1;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		run.ended |= wsi == run.wsi;
		return 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		run.ended = 1;
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols client_protocols[] = {
	{ "client", on_client, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};
static const struct lws_protocols server_protocols[] = {
	{ "server", on_server, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

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

static void on_key_line(struct lws *wsi, const char *line, void *user)
{
	CHECK(wsi != NULL && user == &run);
	CHECK(key_line_count < 64 && strlen(line) < sizeof(key_lines[0]));
	strcpy(key_lines[key_line_count++], line);
}

/* A configuration that trusts ca.pem; the server's with its certificate. */
static struct oxlws_tls_config *client_config(void)
{
	struct oxlws_tls_config *config = oxlws_tls_new(OXLWS_TLS_CLIENT);

	CHECK(!oxlws_tls_add_roots_file(config, "ca.pem"));
	return config;
}

static struct oxlws_tls_config *server_config(const char *name)
{
	struct oxlws_tls_config *config = oxlws_tls_new(OXLWS_TLS_SERVER);
	char cert[64], key[64];

	lws_snprintf(cert, sizeof(cert), "%s.pem", name);
	lws_snprintf(key, sizeof(key), "%s.key", name);
	CHECK(!oxlws_tls_set_cert_file(config, cert, key, NULL));
	return config;
}

static void serve_with(struct oxlws_tls_config *config)
{
	CHECK(!oxlws_vhost_set_server_tls(server, config));
	oxlws_tls_free(config);
}

static struct lws_client_connect_info target(void)
{
	struct lws_client_connect_info info = to_port(context, port, "client");

	info.vhost = clients;
	info.host = "localhost";
	info.ssl_connection = LCCSCF_USE_SSL;
	return info;
}

/* Makes one connection, waits for its end and tells how it went. */
static void go(const char *what, struct oxlws_tls_config *config,
	       const struct lws_client_connect_info *info)
{
	memset(&run, 0, sizeof(run));
	accepted_requests = 0;
	run.wsi = config ? oxlws_client_connect(info, config) : lws_client_connect_via_info(info);
	if (!run.wsi) {
		say("%s: NULL: %s", what, config ? oxlws_tls_why(config) : "");
		return;
	}
	while (!run.ended && lws_service(context, 0) >= 0)
		;
	run.text[strcspn(run.text, ";")] = '\0'; /* the rest of certificate problems names dates */
	say("%s: %s%s%s", what, run.established ? "established, " : "", run.text,
	    accepted_requests ? "" : " (no request)");
}

static void connect_wss(const char *what, struct oxlws_tls_config *config)
{
	struct lws_client_connect_info info = target();

	go(what, config, &info);
}

static void result(const char *what, int n, struct oxlws_tls_config *config)
{
	say("%s: %d%s%s", what, n, n ? ": " : "", oxlws_tls_why(config));
}

static void *content(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 16384);

	CHECK(file != NULL && text != NULL);
	*len = fread(text, 1, 16383, file);
	fclose(file);
	return text;
}

static void setters(void)
{
	struct oxlws_tls_config *c = oxlws_tls_new(OXLWS_TLS_CLIENT),
				*s = oxlws_tls_new(OXLWS_TLS_SERVER);
	char long_name[300];
	size_t ca_len, cert_len, key_len;
	char *ca = content("ca.pem", &ca_len), *cert = content("server.pem", &cert_len);
	char *key = content("encrypted.key", &key_len);

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	say("new with an unknown side: %s", oxlws_tls_new(3) ? "made" : "NULL");
	result("no roots", oxlws_vhost_set_client_tls(clients, c), c);
	result("roots file missing", oxlws_tls_add_roots_file(c, "missing.pem"), c);
	result("roots path NULL", oxlws_tls_add_roots_file(c, NULL), c);
	result("roots are a key", oxlws_tls_add_roots_file(c, "server.key"), c);
	result("roots NULL", oxlws_tls_add_roots_pem(c, NULL, 0), c);
	result("roots are junk", oxlws_tls_add_roots_pem(c, "junk", 4), c);
	result("roots are damaged", oxlws_tls_add_roots_pem(c, ca, ca_len / 2), c);
	result("roots with final NUL", oxlws_tls_add_roots_pem(c, ca, ca_len + 1), c);
	result("system roots", oxlws_tls_add_system_roots(c), c);
	result("system roots for a server", oxlws_tls_add_system_roots(s), s);
	result("no certificate", oxlws_vhost_set_server_tls(server, s), s);
	result("certificate missing", oxlws_tls_set_cert_file(s, "missing.pem", NULL, NULL), s);
	result("certificate NULL", oxlws_tls_set_cert_file(s, NULL, "server.key", NULL), s);
	result("key missing in it", oxlws_tls_set_cert_file(s, "server.pem", NULL, NULL), s);
	result("key of another", oxlws_tls_set_cert_file(s, "server.pem", "client.key", NULL), s);
	result("key is a certificate", oxlws_tls_set_cert_file(s, "server.pem", "server.pem", NULL),
	       s);
	result("certificate is a key", oxlws_tls_set_cert_file(s, "server.key", "server.key", NULL),
	       s);
	result("encrypted key without password",
	       oxlws_tls_set_cert_file(s, "server.pem", "encrypted.key", NULL), s);
	result("encrypted key, wrong password",
	       oxlws_tls_set_cert_file(s, "server.pem", "encrypted.key", "wrong"), s);
	result("the same from memory",
	       oxlws_tls_set_cert_pem(s, cert, cert_len, key, key_len, "wrong"), s);
	result("certificate in memory NULL",
	       oxlws_tls_set_cert_pem(s, NULL, 0, key, key_len, "secret"), s);
	result("key in memory empty", oxlws_tls_set_cert_pem(s, cert, cert_len, key, 0, "secret"),
	       s);
	result("encrypted key from memory",
	       oxlws_tls_set_cert_pem(s, cert, cert_len, key, key_len, "secret"), s);
	result("encrypted key from a file",
	       oxlws_tls_set_cert_file(s, "server.pem", "encrypted.key", "secret"), s);
	result("TLS 1.1", oxlws_tls_set_versions(c, 0x0302, OXLWS_TLS_1_3), c);
	result("versions the wrong way round",
	       oxlws_tls_set_versions(c, OXLWS_TLS_1_3, OXLWS_TLS_1_2), c);
	result("versions", oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_3), c);
	result("no such cipher", oxlws_tls_set_ciphers(c, "RC4-MD5", NULL), c);
	result("ciphers", oxlws_tls_set_ciphers(c, "HIGH:!AES128", "TLS_AES_256_GCM_SHA384"), c);
	result("the usual ciphers", oxlws_tls_set_ciphers(c, NULL, NULL), c);
	result("no such group", oxlws_tls_set_groups(c, "sect571r1"), c);
	result("groups", oxlws_tls_set_groups(c, "P-521:prime256v1:X25519"), c);
	result("the usual groups", oxlws_tls_set_groups(c, NULL), c);
	result("groups with commas", oxlws_tls_set_groups(c, "X25519,P-256 P-384"), c);
	result("the usual groups again", oxlws_tls_set_groups(c, NULL), c);
	result("too many sessions", oxlws_tls_set_sessions(c, 100001), c);
	result("sessions", oxlws_tls_set_sessions(c, 20), c);
	result("ALPN NULL", oxlws_tls_set_alpn(c, NULL), c);
	result("ALPN empty", oxlws_tls_set_alpn(c, ""), c);
	result("ALPN with an empty name", oxlws_tls_set_alpn(c, "h2,,http/1.1"), c);
	long_name[3] = '\0';
	result("ALPN", oxlws_tls_set_alpn(c, long_name), c);
	long_name[3] = 'x';
	say("ALPN too long: %d", oxlws_tls_set_alpn(c, long_name));
	result("client certificates of a client",
	       oxlws_tls_set_client_certs(c, OXLWS_TLS_CERTS_REQUIRED), c);
	result("client certificates 3", oxlws_tls_set_client_certs(s, 3), s);
	result("client certificates", oxlws_tls_set_client_certs(s, OXLWS_TLS_CERTS_OPTIONAL), s);
	result("nobody could issue one", oxlws_vhost_set_server_tls(server, s), s);
	result("no client certificates", oxlws_tls_set_client_certs(s, OXLWS_TLS_CERTS_NONE), s);
	result("hook of a server", oxlws_tls_set_verify_hook(s, hook, NULL), s);
	result("hook without certificates", oxlws_vhost_set_server_tls(server, s), s);
	result("hook NULL", oxlws_tls_set_verify_hook(s, NULL, NULL), s);
	result("key log NULL", oxlws_tls_set_key_log_hook(s, NULL, NULL), s);
	result("client's for a server", oxlws_vhost_set_server_tls(server, c), c);
	result("server's for clients", oxlws_vhost_set_client_tls(clients, s), s);
	result("used by a server", oxlws_vhost_set_server_tls(server, s), s);
	result("used by clients", oxlws_vhost_set_client_tls(clients, c), c);
	result("used again", oxlws_vhost_set_client_tls(server, c), c);
	result("frozen", oxlws_tls_set_alpn(c, "http/1.1"), c);
	result("frozen server", oxlws_tls_add_roots_file(s, "ca.pem"), s);
	oxlws_tls_free(c);
	oxlws_tls_free(s);
	/* groups of which none works with the version are refused where they are used */
	c = client_config();
	CHECK(!oxlws_tls_set_groups(c, "X25519MLKEM768,MLKEM768"));
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	result("new groups, old version, clients", oxlws_vhost_set_client_tls(clients, c), c);
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_3));
	result("new groups, both versions, clients", oxlws_vhost_set_client_tls(clients, c), c);
	oxlws_tls_free(c);
	s = server_config("server");
	CHECK(!oxlws_tls_set_groups(s, "X25519MLKEM768"));
	CHECK(!oxlws_tls_set_versions(s, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	result("new group, old version, server", oxlws_vhost_set_server_tls(server, s), s);
	oxlws_tls_free(s);
	oxlws_tls_free(NULL);
	free(ca);
	free(cert);
	free(key);
}

static void stale_one(const char *what, struct oxlws_tls_config *c)
{
	struct lws_client_connect_info info = target();

	say("%s: %s", what, oxlws_tls_why(c));
	oxlws_tls_free(c);
	CHECK(oxlws_tls_add_system_roots(c) == -1);
	CHECK(oxlws_tls_add_roots_file(c, "ca.pem") == -1);
	CHECK(oxlws_tls_add_roots_pem(c, "x", 1) == -1);
	CHECK(oxlws_tls_set_cert_file(c, "server.pem", "server.key", NULL) == -1);
	CHECK(oxlws_tls_set_cert_pem(c, "x", 1, "x", 1, NULL) == -1);
	CHECK(oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_3) == -1);
	CHECK(oxlws_tls_set_ciphers(c, NULL, NULL) == -1);
	CHECK(oxlws_tls_set_groups(c, NULL) == -1);
	CHECK(oxlws_tls_set_sessions(c, 1) == -1);
	CHECK(oxlws_tls_set_alpn(c, "x") == -1);
	CHECK(oxlws_tls_set_client_certs(c, 0) == -1);
	CHECK(oxlws_tls_set_verify_hook(c, hook, NULL) == -1);
	CHECK(oxlws_tls_set_key_log_hook(c, on_key_line, NULL) == -1);
	CHECK(oxlws_vhost_set_client_tls(clients, c) == -1);
	CHECK(oxlws_vhost_set_server_tls(server, c) == -1);
	CHECK(oxlws_client_connect(&info, c) == NULL);
}

/* The reason of what another thread may not do is kept. */
static void *in_another_thread(void *config)
{
	struct lws_client_connect_info info = target();

	result("vhost's clients, other thread", oxlws_vhost_set_client_tls(clients, config), config);
	result("vhost's server, other thread", oxlws_vhost_set_server_tls(server, config), config);
	CHECK(oxlws_client_connect(&info, config) == NULL);
	say("connection, other thread: %s", oxlws_tls_why(config));
	return NULL;
}

static void stale(void)
{
	pthread_t thread;
	struct oxlws_tls_config *c = client_config();
	struct lws_client_connect_info info = target();

	/* a connection goes on with a configuration that is freed */
	serve_with(server_config("server"));
	memset(&run, 0, sizeof(run));
	run.wsi = oxlws_client_connect(&info, c);
	CHECK(run.wsi != NULL);
	oxlws_tls_free(c);
	while (!run.ended && lws_service(context, 0) >= 0)
		;
	say("freed while in use: %s", run.text);
	stale_one("freed", c);
	stale_one("NULL", NULL);
	stale_one("a vhost", (struct oxlws_tls_config *)(void *)server);
	stale_one("beside one", (struct oxlws_tls_config *)((char *)c + 8));
	c = client_config();
	result("no vhost", oxlws_vhost_set_client_tls(NULL, c), c);
	CHECK(oxlws_vhost_set_client_tls((struct lws_vhost *)(void *)c, c) == -1);
	CHECK(oxlws_client_connect(NULL, c) == NULL && *oxlws_tls_why(c));
	info.ssl_connection = 0;
	CHECK(oxlws_client_connect(&info, c) == NULL);
	say("without LCCSCF_USE_SSL: NULL: %s", oxlws_tls_why(c));
	CHECK(!pthread_create(&thread, NULL, in_another_thread, c));
	CHECK(!pthread_join(thread, NULL));
	result("in this one", oxlws_vhost_set_client_tls(clients, c), c);
	oxlws_tls_free(c);
}

/* A certificate in DER, as openssl makes it. */
static size_t der_of(const char *pem, unsigned char *der, size_t room)
{
	char command[128];
	size_t len;
	FILE *pipe;

	lws_snprintf(command, sizeof(command), "openssl x509 -in %s -outform der", pem);
	pipe = popen(command, "r");
	CHECK(pipe != NULL);
	len = fread(der, 1, room, pipe);
	CHECK(pclose(pipe) == 0 && len > 0 && len < room);
	return len;
}

static int warnings;

static void count_warnings(int level, const char *line)
{
	if (level == LLL_WARN && (strstr(line, "lws_get_ssl") || strstr(line, "session_dump")))
		warnings++;
}

/* What does not exist with rustls is told once for each function, by default. */
static void told_once(struct oxlws_tls_config *c)
{
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, count_warnings);
	connect_wss("SSL objects", c);
	CHECK(warnings == 1);
	CHECK(lws_tls_session_dump_save(clients, "localhost", 1, NULL, NULL) == 1 && warnings == 2);
	CHECK(lws_tls_session_dump_save(clients, "localhost", 1, NULL, NULL) == 1 && warnings == 2);
	CHECK(lws_tls_session_dump_load(clients, "localhost", 1, NULL, NULL) == 1 && warnings == 3);
	lws_set_log_level(0, lwsl_emit_stderr);
}

static void use(void)
{
	unsigned char der[4096];
	size_t der_len;
	struct oxlws_tls_config *c = client_config(), *s = server_config("server");
	struct lws_client_connect_info info = target();

	connect_wss("before there is TLS, a client", c);
	serve_with(s);
	told_once(c);
	connect_wss("own configuration", c);
	connect_wss("a vhost without", NULL);
	CHECK(!oxlws_vhost_set_client_tls(clients, c));
	connect_wss("the vhost's", NULL);
	oxlws_tls_free(c);
	connect_wss("the vhost's, freed", NULL);
	/* others may have the same configuration */
	der_len = der_of("other-ca.pem", der, sizeof(der));
	CHECK(lws_tls_client_vhost_extra_cert_mem(clients, der, der_len) == -1);
	c = oxlws_tls_new(OXLWS_TLS_CLIENT);
	CHECK(!oxlws_tls_add_roots_file(c, "other-ca.pem"));
	connect_wss("own, with other roots", c);
	connect_wss("the vhost's again", NULL);
	info.ssl_connection |= LCCSCF_ALLOW_INSECURE;
	go("own, with other roots and a flag", c, &info);
	oxlws_tls_free(c);
	s = server_config("wrongname");
	serve_with(s);
	connect_wss("another certificate", NULL);
}

static void versions(void)
{
	struct oxlws_tls_config *c, *s;

	s = server_config("server");
	CHECK(!oxlws_tls_set_versions(s, OXLWS_TLS_1_3, OXLWS_TLS_1_3));
	serve_with(s);
	c = client_config();
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	connect_wss("1.2 with 1.3", c);
	oxlws_tls_free(c);
	c = client_config();
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_3, OXLWS_TLS_1_3));
	connect_wss("1.3 with 1.3", c);
	oxlws_tls_free(c);
	s = server_config("server");
	CHECK(!oxlws_tls_set_versions(s, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	CHECK(!oxlws_tls_set_ciphers(s, "ECDHE-ECDSA-CHACHA20-POLY1305", NULL));
	serve_with(s);
	c = client_config();
	CHECK(!oxlws_tls_set_ciphers(c, "ECDHE+AESGCM", NULL));
	connect_wss("AES with ChaCha20", c);
	oxlws_tls_free(c);
	c = client_config();
	connect_wss("any with ChaCha20", c);
	oxlws_tls_free(c);
}

static void alpn(void)
{
	struct lws_client_connect_info info = target();
	struct oxlws_tls_config *c = client_config(), *s = server_config("server");

	info.method = "RAW";
	CHECK(!oxlws_tls_set_alpn(c, "h2, http/1.1"));
	CHECK(!oxlws_tls_set_alpn(s, "http/1.1"));
	serve_with(s);
	go("server without h2", c, &info);
	s = server_config("server");
	CHECK(!oxlws_tls_set_alpn(s, "h2,http/1.1"));
	serve_with(s);
	go("server with h2", c, &info);
	info.alpn = "http/1.1";
	go("the connect info's counts first", c, &info);
	oxlws_tls_free(c);
}

static void hooks_with(int version)
{
	struct oxlws_tls_config *c, *s = server_config("server");
	char dots[] = "";

	say("TLS 1.%d", version == OXLWS_TLS_1_2 ? 2 : 3);
	CHECK(!oxlws_tls_set_versions(s, version, version));
	serve_with(s);
	c = client_config();
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
	c = client_config();
	CHECK(!oxlws_tls_set_verify_hook(c, hook, dots));
	hook_answer = OXLWS_TLS_AS_VERIFIED;
	s = server_config("wrongname");
	CHECK(!oxlws_tls_set_versions(s, version, version));
	serve_with(s);
	connect_wss("wrong name", c);
	s = server_config("expired");
	CHECK(!oxlws_tls_set_versions(s, version, version));
	serve_with(s);
	connect_wss("expired", c);
	s = server_config("selfsigned");
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
	serve_with(server_config("server"));
	c = client_config();
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
	serve_with(server_config("selfsigned"));
	read_pin("selfsigned.pem");
	connect_wss("the pinned key", c);
	serve_with(server_config("server"));
	connect_wss("another key", c);
	oxlws_tls_free(c);
}

static void client_certs(void)
{
	struct oxlws_tls_config *c = client_config(), *with = client_config(),
				*self = client_config(), *s;

	CHECK(!oxlws_tls_set_cert_file(with, "client.pem", "client.key", NULL));
	CHECK(!oxlws_tls_set_cert_file(self, "selfsigned.pem", "selfsigned.key", NULL));
	/* with TLS 1.3 a client hears of a refusal behind its request, or of a reset */
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	CHECK(!oxlws_tls_set_versions(self, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	s = server_config("server");
	CHECK(!oxlws_tls_add_roots_file(s, "ca.pem"));
	CHECK(!oxlws_tls_set_client_certs(s, OXLWS_TLS_CERTS_REQUIRED));
	serve_with(s);
	connect_wss("required, shown", with);
	say("  server saw %s", server_saw);
	accepted_requests = 0;
	connect_wss("required, none", c);
	connect_wss("required, self-signed", self);
	s = server_config("server");
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
	struct oxlws_tls_config *with = client_config(), *s = server_config("server");
	struct lws_client_connect_info info = target();
	struct oxlws_context_stats stats;

	CHECK(!oxlws_tls_set_cert_file(with, "client.pem", "client.key", NULL));
	CHECK(!oxlws_tls_add_roots_file(s, "ca.pem"));
	CHECK(!oxlws_tls_set_client_certs(s, OXLWS_TLS_CERTS_REQUIRED));
	CHECK(!oxlws_tls_set_verify_hook(s, hook, ""));
	serve_with(s);
	hook_answer = OXLWS_TLS_REFUSE;
	memset(&run, 0, sizeof(run));
	run.wsi = oxlws_client_connect(&info, with);
	CHECK(run.wsi != NULL);
	while (!run.ended && lws_service(context, 0) >= 0)
		;
	CHECK(!run.established && accepted_requests == 0);
	CHECK(!oxlws_context_stats(context, &stats, sizeof(stats)) && stats.upgraded == 0);
	say("refused by the server's hook: %d requests", accepted_requests);
	oxlws_tls_free(with);
}

/* Two transactions on one connection, if they have the same configuration. */
static void pipeline(void)
{
	struct oxlws_tls_config *one = client_config(), *two = client_config();
	struct lws_client_connect_info info = target();
	struct oxlws_context_stats stats;

	serve_with(server_config("server"));
	info.method = "GET";
	info.ssl_connection |= LCCSCF_PIPELINE;
	go("first", one, &info);
	go("same configuration", one, &info);
	CHECK(!oxlws_context_stats(context, &stats, sizeof(stats)));
	say("connections: %d", (int)stats.accepted);
	go("another with the same content", two, &info);
	CHECK(!oxlws_context_stats(context, &stats, sizeof(stats)));
	say("connections: %d", (int)stats.accepted);
	CHECK(!oxlws_vhost_set_client_tls(clients, two));
	go("the same, now the vhost's", NULL, &info);
	CHECK(!oxlws_context_stats(context, &stats, sizeof(stats)));
	say("connections: %d", (int)stats.accepted);
	oxlws_tls_free(one);
	oxlws_tls_free(two);
}

static int is_told(const char *line)
{
	int n;

	for (n = 0; n < key_line_count; n++)
		if (!strcmp(key_lines[n], line))
			return 1;
	return 0;
}

/* The lines are those that the other side, OpenSSL in Python, writes by itself. */
static void key_log(const char *their_port, const char *their_file, int version)
{
	struct oxlws_tls_config *c = client_config();
	char line[400];
	FILE *file;
	int same = 0, n;

	lws_snprintf(port, sizeof(port), "%s", their_port);
	CHECK(!oxlws_tls_set_key_log_hook(c, on_key_line, &run));
	CHECK(!oxlws_tls_set_versions(c, version, version));
	key_line_count = 0;
	connect_wss("echo of the other side", c);
	oxlws_tls_free(c);
	for (n = 0; n < key_line_count; n++)
		say("  %.*s", (int)strcspn(key_lines[n], " "), key_lines[n]);
	file = fopen(their_file, "r");
	CHECK(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		same += is_told(line);
	}
	fclose(file);
	say("%d of %d lines are in the other side's file, too", same, key_line_count);
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	const char *what = argc > 2 ? argv[2] : "";

	CHECK(argc > 2 && !chdir(argv[1]));
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	info.vhost_name = "server";
	info.iface = "127.0.0.1";
	info.protocols = server_protocols;
	server = lws_create_vhost(context, &info);
	CHECK(server != NULL);
	lws_snprintf(port, sizeof(port), "%d", lws_get_vhost_listen_port(server));
	info.vhost_name = "clients";
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.iface = NULL;
	info.protocols = client_protocols;
	clients = lws_create_vhost(context, &info);
	CHECK(clients != NULL);

	if (!strcmp(what, "setters"))
		setters();
	if (!strcmp(what, "stale"))
		stale();
	if (!strcmp(what, "use"))
		use();
	if (!strcmp(what, "versions"))
		versions();
	if (!strcmp(what, "alpn"))
		alpn();
	if (!strcmp(what, "hooks"))
		hooks();
	if (!strcmp(what, "pinning"))
		pinning();
	if (!strcmp(what, "client_certs"))
		client_certs();
	if (!strcmp(what, "client_certs_refused"))
		client_certs_refused();
	if (!strcmp(what, "pipeline"))
		pipeline();
	if (!strcmp(what, "keylog")) {
		CHECK(argc == 5);
		key_log(argv[3], argv[4], OXLWS_TLS_1_2);
		key_log(argv[3], argv[4], OXLWS_TLS_1_3);
	}
	if (context)
		lws_context_destroy(context);
	say("end");
	return 0;
}
