/*
 * The cookie jar of client connections: LCCSCF_CACHE_COOKIES with info.http_nsc_filepath.
 *
 *   client_cookies PORT CA FILE STEP...
 *
 * A STEP is a path: a GET of it with the flag, "!PATH" without, "ws" a websocket, "other"
 * a GET from the same server under another name, "file" prints the cookie file, "write LINE"
 * appends a line to it, "\t" standing for tabs. Expected output: client_cookies_*.expected
 */
#include "harness.h"

static int done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	char chunk[LWS_PRE + 512];
	char *at = chunk + LWS_PRE;
	int room = 512;

	(void)user;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &at, &room) < 0 ? -1 : 0;

	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		say("status %u", lws_http_client_http_response(wsi));
		return -1;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		return -1;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("error %s", in ? (const char *)in : "");
		/* fallthrough */
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
	case LWS_CALLBACK_CLIENT_CLOSED:
		done = 1;
		return 0;

	default:
		return 0;
	}
}

static void show(const char *path)
{
	char line[512], *at;
	FILE *file = fopen(path, "r");

	if (!file) {
		say("no file");
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		for (at = line; *at; at++)
			if (*at == '\t' || *at == '\n')
				*at = *at == '\t' ? ' ' : '\0';
		say("  %s", line);
	}
	fclose(file);
}

static void append(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");

	CHECK(file != NULL);
	for (; *text; text++) {
		if (text[0] == '\\' && text[1] == 't') {
			fputc('\t', file);
			text++;
		} else {
			fputc(*text, file);
		}
	}
	fputc('\n', file);
	fclose(file);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "http", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_context *context;
	char path[256];
	int n, tls;

	CHECK(argc >= 5);
	tls = strcmp(argv[2], "-") != 0;
	lws_snprintf(path, sizeof(path), "%s.%d", argv[3], (int)getpid());
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	if (strcmp(argv[3], "-"))
		info.http_nsc_filepath = path;
	if (tls) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = argv[2];
	}
	context = lws_create_context(&info);
	CHECK(context != NULL);
	/* The context must have its own copy. */
	info.http_nsc_filepath = NULL;
	for (n = 4; n < argc; n++) {
		struct lws_client_connect_info connect = to_port(context, argv[1], "http");
		const char *step = argv[n];

		say("> %s", step);
		if (!strcmp(step, "file")) {
			show(path);
			continue;
		}
		if (!strncmp(step, "write ", 6)) {
			append(path, step + 6);
			continue;
		}
		connect.ssl_connection = LCCSCF_CACHE_COOKIES;
		if (*step == '!') {
			connect.ssl_connection = 0;
			step++;
		}
		connect.host = "LocalHost:1234";
		if (tls) {
			connect.ssl_connection |= LCCSCF_USE_SSL;
			connect.address = connect.host = "localhost";
		}
		if (strcmp(step, "ws"))
			connect.method = "GET";
		if (!strcmp(step, "other"))
			connect.host = "127.0.0.1";
		connect.path = strcmp(step, "ws") && strcmp(step, "other") ? step : "/";
		done = 0;
		CHECK(lws_client_connect_via_info(&connect) != NULL);
		while (!done && lws_service(context, 0) >= 0)
			;
	}
	lws_context_destroy(context);
	unlink(path);
	return 0;
}
