/*
 * A proxy that the program wants and that cannot be used: the connection fails, and never
 * goes without the proxy. What the program says comes before the environment.
 *
 *   client_proxy_settings PORT      (of a ws server, to which nothing may get through)
 *
 * Expected output: client_proxy_settings.expected
 */
#include "harness.h"

static int finished;

/* Failures of the call itself are its NULL, and a line of the log. */
static void log_line(int level, const char *line)
{
	const char *text = strstr(line, "connection failed: ");

	(void)level;
	if (text && !finished)
		printf("  log: %s", text);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	(void)wsi;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		finished = 1;
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("  established");
		finished = 1;
		return 0;
	default:
		return 0;
	}
}

static void try_with(const char *what, const char *proxy, unsigned int proxy_port, const char *port)
{
	static const struct lws_protocols protocols[] = {
		{ "proxied", on_event, 0, 0, 0, NULL, 0 },
		LWS_PROTOCOL_LIST_TERM,
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;

	say("%s", what);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.http_proxy_address = proxy;
	info.http_proxy_port = proxy_port;
	context = lws_create_context(&info);
	CHECK(context);
	connect = to_port(context, port, "proxied");
	finished = 0;
	if (!lws_client_connect_via_info(&connect))
		say("  NULL");
	else
		while (!finished)
			CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
}

int main(int argc, char **argv)
{
	char login[400], text[600];

	CHECK(argc == 2);
	lws_set_log_level(LLL_NOTICE, log_line);
	unsetenv("http_proxy");
	unsetenv("socks_proxy");
	unsetenv("no_proxy");
	try_with("none", NULL, 0, argv[1]);
	try_with("https://", "https://127.0.0.1:3128", 0, argv[1]);
	try_with("without a port", "127.0.0.1", 0, argv[1]);

	memset(login, 'a', sizeof(login) - 1);
	login[sizeof(login) - 1] = 0;
	snprintf(text, sizeof(text), "socks5://user:%s@127.0.0.1:%s", login, argv[1]);
	setenv("socks_proxy", text, 1);
	try_with("a socks5 password that does not fit, of the environment", NULL, 0, argv[1]);

	/* Port 1 refuses; were the environment asked, it would be the text from above. */
	try_with("the program's comes first", "127.0.0.1", 1, argv[1]);
	return 0;
}
