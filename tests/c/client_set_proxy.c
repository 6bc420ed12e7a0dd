/*
 * The http proxy of a vhost, set and changed while the program runs.
 *
 *   client_set_proxy PROXY_PORT SERVER_PORT        (the proxy wants me:secret, the server echoes)
 *
 * Expected output: client_set_proxy.expected
 */
#include "harness.h"

static struct lws_context *context;
static struct lws_vhost *vhost;
static int finished;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("  no connection"); /* the texts of 4.1 are others */
		finished = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return send_text(wsi, "hello") < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("  received %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		finished = 1;
		return 0;

	default:
		return 0;
	}
}

static int set(const char *what, const char *form, const char *port)
{
	char text[512];

	if (!form)
		return lws_set_proxy(vhost, NULL);
	snprintf(text, sizeof(text), form, port);
	if (what)
		say("%s", what);
	return lws_set_proxy(vhost, text);
}

static void echo(const char *port)
{
	struct lws_client_connect_info connect = to_port(context, port, "echo");

	connect.vhost = vhost;
	finished = 0;
	if (!lws_client_connect_via_info(&connect) && !finished) {
		say("  no connection");
		return;
	}
	while (!finished)
		CHECK(lws_service(context, 0) >= 0);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "echo", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	char long_auth[97];

	CHECK(argc == 3);
	unsetenv("http_proxy");
	unsetenv("no_proxy");
	context = make_context(protocols, NULL);
	vhost = lws_get_vhost_by_name(context, "default");
	CHECK(vhost != NULL);

	say("none");
	echo(argv[2]);
	CHECK(set(NULL, NULL, NULL) == -1 && set(NULL, "", NULL) == -1);
	CHECK(set(NULL, "127.0.0.1", NULL) == -1); /* no port, and none from before */
	CHECK(set(NULL, "[::1", NULL) == -1);
	say("refused settings change nothing");
	echo(argv[2]);

	CHECK(!set("with a password", "http://me:secret@127.0.0.1:%s", argv[1]));
	echo(argv[2]);
	/* The port of before counts in 4.1; later ones refuse, and the setting stays. */
	CHECK(set("without a port", "me:secret@127.0.0.1", NULL) ==
	      (LWS_LIBRARY_VERSION_NUMBER >= 4002000 ? -1 : 0));
	echo(argv[2]);
	CHECK(!set("another password", "me:wrong@127.0.0.1:%s", argv[1]));
	echo(argv[2]);
	CHECK(!set("nobody there", "127.0.0.1:1", NULL));
	echo(argv[2]);
	CHECK(!set("as at first", "me:secret@127.0.0.1:%s", argv[1]));
	echo(argv[2]);
	CHECK(set(NULL, "[::1]:%s", argv[1]) == 0);

#ifndef ORACLE
	/* Longer than the room that the original has; and what is no port there is one it makes up.
	 */
	memset(long_auth, 'a', sizeof(long_auth) - 1);
	long_auth[sizeof(long_auth) - 1] = '\0';
	CHECK(set(NULL, "%s@127.0.0.1:80", long_auth) == 0);
	CHECK(set(NULL, "127.0.0.1:http", NULL) == -1 && set(NULL, "127.0.0.1:99999", NULL) == -1);
	CHECK(set(NULL, "https://127.0.0.1:80", NULL) == -1);
#else
	(void)long_auth;
#endif
	lws_context_destroy(context);
	return 0;
}
