/*
 * What a program sees of a redirect: the same connection object is bound anew. In
 * each line stands what `user` was: "memory" of the library, "mine" (info.userdata),
 * or "none".
 *
 *   client_redirect PORT CASE [http]
 *
 * CASE: memory (a protocol with session memory), mine (userdata given), small (a
 * protocol without session memory), unnamed (no protocol asked for), refused_bind (the
 * first bind callback returns nonzero). With "http" it is a plain GET.
 * The server answers 302 first. Expected output: client_redirect_CASE*.expected
 */
#include "harness.h"

static char mine[64];
static const char *test_case;
static int done, binds;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const char *whose = user == mine ? "mine" : user ? "memory" : "none";
	char buffer[LWS_PRE + 64], *p = buffer + LWS_PRE;
	int room = 64;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
		say("%s: CLIENT_HTTP_REDIRECT %d, user %s", lws_get_protocol(wsi)->name, (int)len, whose);
		return 0;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		say("%s: %s, user %s", lws_get_protocol(wsi)->name,
		    reason == LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP ? "ESTABLISHED_CLIENT_HTTP" : "APPEND", whose);
		return 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &p, &room) < 0 ? -1 : 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		say("%s: COMPLETED_CLIENT_HTTP, user %s", lws_get_protocol(wsi)->name, whose);
		return 0;
	default:
		break;
	}
	/* Whether the original says WRITEABLE while it closes depends on time. */
	if (!reason_name(reason) || reason == LWS_CALLBACK_PROTOCOL_INIT ||
	    reason == LWS_CALLBACK_PROTOCOL_DESTROY || reason == LWS_CALLBACK_CLIENT_WRITEABLE)
		return 0;
	say("%s: %s, user %s", lws_get_protocol(wsi)->name, reason_name(reason), whose);
	if (reason == LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL && !binds++ &&
	    !strcmp(test_case, "refused_bind"))
		return -1;
	if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED)
		return close_normally(wsi);
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		say("  %.*s", (int)len, in ? (const char *)in : "");
	if (reason == LWS_CALLBACK_WSI_DESTROY)
		done = 1;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "first", on_event, 8, 0, 0, NULL, 0 },
		{ "second", on_event, 8, 0, 0, NULL, 0 },
		{ "small", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_client_connect_info info;
	struct lws_context *context;
	const char *name = "second";

	CHECK(argc == 3 || argc == 4);
	test_case = argv[2];
	if (!strcmp(test_case, "small"))
		name = "small";
	if (!strcmp(test_case, "unnamed"))
		name = NULL;
	context = make_context(protocols, NULL);
	info = to_port(context, argv[1], name);
	if (!strcmp(test_case, "mine"))
		info.userdata = mine;
	if (argc == 4)
		info.method = "GET";
	CHECK(lws_client_connect_via_info(&info) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
