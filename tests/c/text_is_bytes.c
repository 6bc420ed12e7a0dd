/*
 * Texts of C are bytes: what is not UTF-8 goes on the wire and to the file system as
 * it was given.
 *
 *   text_is_bytes wire PORT       path, Host and Origin of a request
 *   text_is_bytes file PORT CA    a CA file with such a name
 *   text_is_bytes unix            a unix socket with such a name, both ends
 *
 * Expected output: text_is_bytes_*.expected
 */
#include "harness.h"

#define CAFE "caf\xe9"

static char dir[] = "/tmp/text_is_bytesXXXXXX", name[64], address[80];
static int done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)wsi;
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %.*s", (int)len, in ? (const char *)in : "");
		done = 1;
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
		say("accepted");
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		return close_normally(wsi);
	case LWS_CALLBACK_WSI_DESTROY:
		done = 1;
		return 0;
	default:
		return 0;
	}
}

static void copy(const char *from)
{
	FILE *in = fopen(from, "rb"), *out = fopen(name, "wb");
	char buffer[4096];
	size_t n;

	CHECK(in && out);
	while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		CHECK(fwrite(buffer, 1, n, out) == n);
	fclose(in);
	CHECK(fclose(out) == 0);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "first", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info to;
	struct lws_context *context;
	int is_file, is_unix;

	CHECK(argc >= 2);
	is_file = !strcmp(argv[1], "file");
	is_unix = !strcmp(argv[1], "unix");
	CHECK(mkdtemp(dir) != NULL);
	snprintf(name, sizeof(name), "%s/" CAFE, dir);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	if (is_file) {
		copy(argv[3]);
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
		info.client_ssl_ca_filepath = name;
	}
	if (is_unix) {
		info.options = LWS_SERVER_OPTION_UNIX_SOCK;
		info.iface = name;
		info.port = 1;
	}
	context = lws_create_context(&info);
	CHECK(context != NULL);
	to = to_port(context, argc > 2 ? argv[2] : "0", "first");
	if (is_file) {
		to.address = to.host = "localhost";
		to.ssl_connection = LCCSCF_USE_SSL;
	} else if (is_unix) {
		CHECK(access(name, F_OK) == 0);
		snprintf(address, sizeof(address), "+%s", name);
		to.address = address;
	} else {
		to.path = "/" CAFE "?\xff";
		to.host = CAFE ".example";
		to.origin = CAFE;
	}
	CHECK(lws_client_connect_via_info(&to) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	unlink(name);
	CHECK(rmdir(dir) == 0);
	return 0;
}
