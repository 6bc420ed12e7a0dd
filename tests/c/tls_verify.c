/*
 * What a client accepts of a server's certificate, and what the LCCSCF_ flags allow.
 *
 *   tls_verify PORT HOST CA_FILE|- FLAGS [mem|cert CERT KEY]
 *
 * FLAGS are letters: s self-signed, h skip host name, e expired, i insecure. "mem"
 * gives the CA from memory; "cert" presents a client certificate. HOST is the name
 * that is checked; the connection goes to 127.0.0.1.
 *
 * Expected output: tls_verify_*.expected, "accepted" or "refused"
 */
#include "harness.h"

static int done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(in != NULL && len > 0);
		say("refused");
		done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(lws_is_ssl(wsi));
		say("accepted");
		return send_text(wsi, "hello") < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("echoed %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

/* The whole file, NUL-terminated; *len without the NUL. */
static char *read_file(const char *name, size_t *len)
{
	static char content[65536];
	FILE *file = fopen(name, "r");

	CHECK(file != NULL);
	*len = fread(content, 1, sizeof(content) - 1, file);
	content[*len] = 0;
	fclose(file);
	return content;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "verify", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	size_t len;

	CHECK(argc >= 5);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if (argc > 5 && !strcmp(argv[5], "mem")) {
		info.client_ssl_ca_mem = read_file(argv[3], &len);
		info.client_ssl_ca_mem_len = (unsigned int)len + 1;
	} else if (strcmp(argv[3], "-"))
		info.client_ssl_ca_filepath = argv[3];
	if (argc > 7 && !strcmp(argv[5], "cert")) {
		info.client_ssl_cert_filepath = argv[6];
		info.client_ssl_private_key_filepath = argv[7];
	}
	context = lws_create_context(&info);
	CHECK(context != NULL);

	connect = to_port(context, argv[1], "verify");
	connect.host = argv[2];
	connect.ssl_connection = LCCSCF_USE_SSL;
	if (strchr(argv[4], 's'))
		connect.ssl_connection |= LCCSCF_ALLOW_SELFSIGNED;
	if (strchr(argv[4], 'h'))
		connect.ssl_connection |= LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
	if (strchr(argv[4], 'e'))
		connect.ssl_connection |= LCCSCF_ALLOW_EXPIRED;
	if (strchr(argv[4], 'i'))
		connect.ssl_connection |= LCCSCF_ALLOW_INSECURE;
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
