/*
 * Setters of the TLS configurations of <oxlws.h> and their errors, configurations that are freed or
 * none, and what other threads may not do with them.
 *
 * Arguments: the folder of the certificates, the case.
 */
#include "tls_echo.h"

static int no_hook(const struct oxlws_tls_peer *peer)
{
	(void)peer;
	CHECK(0); /* nothing is verified with it */
	return OXLWS_TLS_REFUSE;
}

static void no_key_line(struct lws *wsi, const char *line, void *user)
{
	(void)wsi;
	(void)line;
	(void)user;
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
	result("hook of a server", oxlws_tls_set_verify_hook(s, no_hook, NULL), s);
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
	c = tls_client_config();
	CHECK(!oxlws_tls_set_groups(c, "X25519MLKEM768,MLKEM768"));
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	result("new groups, old version, clients", oxlws_vhost_set_client_tls(clients, c), c);
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_3));
	result("new groups, both versions, clients", oxlws_vhost_set_client_tls(clients, c), c);
	oxlws_tls_free(c);
	s = tls_server_config("server");
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
	CHECK(oxlws_tls_set_verify_hook(c, no_hook, NULL) == -1);
	CHECK(oxlws_tls_set_key_log_hook(c, no_key_line, NULL) == -1);
	CHECK(oxlws_vhost_set_client_tls(clients, c) == -1);
	CHECK(oxlws_vhost_set_server_tls(server, c) == -1);
	CHECK(oxlws_client_connect(&info, c) == NULL);
}

/* The reason of what another thread may not do is kept. */
static void *in_another_thread(void *config)
{
	struct lws_client_connect_info info = target();

	result("vhost's clients, other thread", oxlws_vhost_set_client_tls(clients, config),
	       config);
	result("vhost's server, other thread", oxlws_vhost_set_server_tls(server, config), config);
	CHECK(oxlws_client_connect(&info, config) == NULL);
	say("connection, other thread: %s", oxlws_tls_why(config));
	return NULL;
}

static void stale(void)
{
	pthread_t thread;
	struct oxlws_tls_config *c = tls_client_config();
	struct lws_client_connect_info info = target();

	/* a connection goes on with a configuration that is freed */
	serve_with(tls_server_config("server"));
	memset(&run, 0, sizeof(run));
	run.wsi = oxlws_client_connect(&info, c);
	CHECK(run.wsi != NULL);
	oxlws_tls_free(c);
	wait_for_end();
	say("freed while in use: %s", run.text);
	stale_one("freed", c);
	stale_one("NULL", NULL);
	stale_one("a vhost", (struct oxlws_tls_config *)(void *)server);
	stale_one("beside one", (struct oxlws_tls_config *)((char *)c + 8));
	c = tls_client_config();
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

int main(int argc, char **argv)
{
	CHECK(argc == 3);
	echo_begin(argv[1]);
	if (!strcmp(argv[2], "setters"))
		setters();
	else
		stale();
	lws_context_destroy(context);
	say("end");
	return 0;
}
