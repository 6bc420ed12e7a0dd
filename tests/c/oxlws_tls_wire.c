/*
 * Groups of the key exchange and resumption, as TLS configurations of <oxlws.h> set them: what
 * openssl sees on the wire, and what our own client does.
 *
 * Arguments: the folder of the certificates, the case.
 */
#include "tls_pair.h"

static int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		     size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_HTTP)
		return 0;
	return answer_text(wsi, HTTP_STATUS_OK, "ok");
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		     size_t len)
{
	struct oxlws_wsi_stats stats;

	(void)user;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		/* a resumed session shows no certificate, which alone is longer than this */
		CHECK(!oxlws_wsi_stats(wsi, &stats, sizeof(stats)));
		run.is_short = stats.bytes_in < 800;
		run.established = 1;
		return close_normally(wsi);
	case LWS_CALLBACK_RAW_CONNECTED:
		return -1;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lws_snprintf(run.text, sizeof(run.text), "%s", in ? (const char *)in : "");
		run.ended = 1;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		run.ended |= wsi == run.wsi;
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

/* Makes one connection and waits for its end. */
static void go(const struct lws_client_connect_info *info, struct oxlws_tls_config *config)
{
	CHECK(run_once(info, config));
}

static void connect_wss(const char *what, struct oxlws_tls_config *config)
{
	struct lws_client_connect_info info = target();

	go(&info, config);
	say("%s: %s", what, run.established ? "established" : run.text);
}

/* What an openssl program printed; it runs while the context is served. */
static char openssl_said[16384];
static volatile int openssl_ended;

static void *run_openssl(void *command)
{
	FILE *pipe = popen(command, "r");
	size_t len;

	CHECK(pipe != NULL);
	len = fread(openssl_said, 1, sizeof(openssl_said) - 1, pipe);
	openssl_said[len] = '\0';
	pclose(pipe);
	openssl_ended = 1;
	lws_cancel_service(context);
	return NULL;
}

/* The first line of what openssl said that begins with `start`, up to one of the `ends`. */
static void openssl_line(const char *what, const char *start, const char *ends)
{
	const char *line = openssl_said;

	while (line && strncmp(line, start, strlen(start))) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		say("%s: nothing begins with %s", what, start);
	else
		say("%s: %.*s", what, (int)strcspn(line, ends), line);
}

/* A client of openssl asks our server for a page. */
static void s_client(const char *what, const char *options, const char *start)
{
	static char command[512];
	pthread_t thread;

	lws_snprintf(command, sizeof(command),
		     "printf 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: "
		     "close\\r\\n\\r\\n' | openssl "
		     "s_client -ign_eof -connect 127.0.0.1:%s -CAfile ca.pem %s 2>&1",
		     port, options);
	openssl_ended = 0;
	CHECK(!pthread_create(&thread, NULL, run_openssl, command));
	while (!openssl_ended && lws_service(context, 0) >= 0)
		;
	pthread_join(thread, NULL);
	openssl_line(what, start, *start == 'S' ? "\n" : ",\n");
}

/* Our client asks a server of openssl, which answers with a page about the connection. */
static void s_server(const char *what, struct oxlws_tls_config *config)
{
	struct lws_client_connect_info info = target();
	char line[256], server_port[16] = "";
	FILE *pipe = popen("openssl s_server -accept 127.0.0.1:0 -cert server.pem -key server.key "
			   "-rev -naccept 1 2>&1",
			   "r");

	CHECK(pipe != NULL);
	while (!server_port[0] && fgets(line, sizeof(line), pipe))
		if (!strncmp(line, "ACCEPT ", 7)) {
			line[strcspn(line, "\n")] = '\0';
			lws_strncpy(server_port, strrchr(line, ':') + 1, sizeof(server_port));
		}
	info.port = atoi(server_port);
	info.method = "RAW";
	go(&info, config);
	oxlws_tls_free(config);
	while (fgets(line, sizeof(line), pipe))
		if (!strncmp(line, "Supported groups: ", 18) ||
		    !strncmp(line, "Shared groups: ", 15) ||
		    !strncmp(line, "Server Temp Key: ", 17) ||
		    !strncmp(line, "Peer Temp Key: ", 15)) {
			line[strcspn(line, ",\n")] = '\0';
			say("%s: %s", what, line);
		}
	pclose(pipe);
}

static void groups(void)
{
	struct oxlws_tls_config *c = tls_client_config(), *s = tls_server_config("server");

	CHECK(!oxlws_tls_set_groups(s, "P-384:X25519"));
	serve_with(s);
	s_client("openssl to P-384:X25519", "", "Server Temp Key: ");
	s_client("openssl with P-384", "-groups P-384:P-256", "Server Temp Key: ");
	s_client("openssl with X25519", "-groups X25519", "Server Temp Key: ");
	s_client("openssl with P-256", "-groups P-256", "no peer certificate");
	CHECK(!oxlws_tls_set_groups(c, "secp384r1"));
	connect_wss("ours with P-384", c);
	oxlws_tls_free(c);
	c = tls_client_config();
	CHECK(!oxlws_tls_set_groups(c, "prime256v1:X25519MLKEM768"));
	connect_wss("ours with P-256", c);
	oxlws_tls_free(c);
	s = tls_server_config("server");
	CHECK(!oxlws_tls_set_groups(s, "X25519MLKEM768"));
	serve_with(s);
	c = tls_client_config();
	connect_wss("ours to X25519MLKEM768", c);
	oxlws_tls_free(c);
	c = tls_client_config();
	CHECK(!oxlws_tls_set_groups(c, "P-384:prime256v1"));
	s_server("to openssl", c);
}

/* Two connections with one configuration: is the second resumed? */
static void twice(const char *what, struct oxlws_tls_config *config)
{
	struct lws_client_connect_info info = target();
	int n;

	for (n = 0; n < 2; n++) {
		go(&info, config);
		say("%s, %s: %s", what, n ? "again" : "first",
		    !run.established ? run.text
		    : run.is_short   ? "resumed"
				     : "new");
	}
	oxlws_tls_free(config);
}

static void sessions(void)
{
	static const char first[] = "-tls1_2 -sess_out oxlws.session";
	static const char again[] = "-tls1_2 -sess_in oxlws.session";
	static const char first13[] = "-sess_out oxlws.session",
			  again13[] = "-sess_in oxlws.session";
	struct oxlws_tls_config *c, *s;
	int n;

	for (n = 0; n < 2; n++) {
		s = tls_server_config("server");
		CHECK(!n || !oxlws_tls_set_sessions(s, 0));
		serve_with(s);
		s_client(n ? "none, 1.2" : "usual, 1.2", first, "New");
		s_client(n ? "none, 1.2 again" : "usual, 1.2 again", again, n ? "New" : "Reused");
		s_client(n ? "none, 1.3" : "usual, 1.3", first13, "New");
		if (!n)
			s_client("usual, 1.3 again", again13, "Reused");
	}
	remove("oxlws.session");
	serve_with(tls_server_config("server"));
	twice("client, usual", tls_client_config());
	c = tls_client_config();
	CHECK(!oxlws_tls_set_sessions(c, 0));
	twice("client, none", c);
	s = tls_server_config("server");
	CHECK(!oxlws_tls_set_sessions(s, 0));
	serve_with(s);
	twice("client, none at the server", tls_client_config());
}

int main(int argc, char **argv)
{
	CHECK(argc == 3);
	pair_begin(argv[1], server_protocols, client_protocols);
	if (!strcmp(argv[2], "groups"))
		groups();
	else
		sessions();
	lws_context_destroy(context);
	say("end");
	return 0;
}
