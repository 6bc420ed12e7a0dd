/*
 * TLS configurations of <oxlws.h> in use: by vhosts and connections, with versions, ciphers, ALPN
 * and key logs, and who shares a connection. Every line about a connection tells how it went.
 *
 * Arguments: the folder of the certificates, the case; for "keylog": the port of an echo
 * server that writes a key log of its own, and its file.
 */
#include "tls_echo.h"

static char key_lines[64][400];
static int key_line_count;

static void on_key_line(struct lws *wsi, const char *line, void *user)
{
	CHECK(wsi != NULL && user == &run);
	CHECK(key_line_count < 64 && strlen(line) < sizeof(key_lines[0]));
	strcpy(key_lines[key_line_count++], line);
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
	struct oxlws_tls_config *c = tls_client_config(), *s = tls_server_config("server");
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
	s = tls_server_config("wrongname");
	serve_with(s);
	connect_wss("another certificate", NULL);
}

static void versions(void)
{
	struct oxlws_tls_config *c, *s;

	s = tls_server_config("server");
	CHECK(!oxlws_tls_set_versions(s, OXLWS_TLS_1_3, OXLWS_TLS_1_3));
	serve_with(s);
	c = tls_client_config();
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	connect_wss("1.2 with 1.3", c);
	oxlws_tls_free(c);
	c = tls_client_config();
	CHECK(!oxlws_tls_set_versions(c, OXLWS_TLS_1_3, OXLWS_TLS_1_3));
	connect_wss("1.3 with 1.3", c);
	oxlws_tls_free(c);
	s = tls_server_config("server");
	CHECK(!oxlws_tls_set_versions(s, OXLWS_TLS_1_2, OXLWS_TLS_1_2));
	CHECK(!oxlws_tls_set_ciphers(s, "ECDHE-ECDSA-CHACHA20-POLY1305", NULL));
	serve_with(s);
	c = tls_client_config();
	CHECK(!oxlws_tls_set_ciphers(c, "ECDHE+AESGCM", NULL));
	connect_wss("AES with ChaCha20", c);
	oxlws_tls_free(c);
	c = tls_client_config();
	connect_wss("any with ChaCha20", c);
	oxlws_tls_free(c);
}

static void alpn(void)
{
	struct lws_client_connect_info info = target();
	struct oxlws_tls_config *c = tls_client_config(), *s = tls_server_config("server");

	info.method = "RAW";
	CHECK(!oxlws_tls_set_alpn(c, "h2, http/1.1"));
	CHECK(!oxlws_tls_set_alpn(s, "http/1.1"));
	serve_with(s);
	go("server without h2", c, &info);
	s = tls_server_config("server");
	CHECK(!oxlws_tls_set_alpn(s, "h2,http/1.1"));
	serve_with(s);
	go("server with h2", c, &info);
	info.alpn = "http/1.1";
	go("the connect info's counts first", c, &info);
	oxlws_tls_free(c);
}

/* Two transactions on one connection, if they have the same configuration. */
static void pipeline(void)
{
	struct oxlws_tls_config *one = tls_client_config(), *two = tls_client_config();
	struct lws_client_connect_info info = target();
	struct oxlws_context_stats stats;

	serve_with(tls_server_config("server"));
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
	struct oxlws_tls_config *c = tls_client_config();
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
	const char *what = argc > 2 ? argv[2] : "";

	CHECK(argc > 2);
	echo_begin(argv[1]);
	if (!strcmp(what, "use"))
		use();
	if (!strcmp(what, "versions"))
		versions();
	if (!strcmp(what, "alpn"))
		alpn();
	if (!strcmp(what, "pipeline"))
		pipeline();
	if (!strcmp(what, "keylog")) {
		CHECK(argc == 5);
		key_log(argv[3], argv[4], OXLWS_TLS_1_2);
		key_log(argv[3], argv[4], OXLWS_TLS_1_3);
	}
	lws_context_destroy(context);
	say("end");
	return 0;
}
