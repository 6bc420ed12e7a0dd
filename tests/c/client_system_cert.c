/*
 * The client certificate of a connection from the system blobs (sys_tls_client_cert).
 *
 *   client_system_cert PORT CA CERT KEY CASE
 *
 * CERT and KEY are PEM files, the blobs get their DER. CASE: "right", "pieces" (the
 * blobs are filled in pieces), "unasked" (the connection does not ask for it), "nokey",
 * "badkey" (the key is no key), "second" (a certificate that there is not).
 * Expected output: client_system_cert_*.expected
 */
#include "harness.h"

static int done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(in != NULL && len > 0);
		say("error %s", (const char *)in);
		done = 1;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("accepted");
		return send_text(wsi, "hello") < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("echoed %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		done = 1;
		return 0;

	default:
		return 0;
	}
}

/* The DER of the first block of a PEM file. */
static size_t read_der(const char *name, uint8_t *der, size_t size)
{
	char line[256], text[8192] = "";
	FILE *file = fopen(name, "r");
	int n;

	CHECK(file != NULL);
	CHECK(fgets(line, sizeof(line), file) && !strncmp(line, "-----BEGIN ", 11));
	while (fgets(line, sizeof(line), file) && strncmp(line, "-----END ", 9)) {
		line[strcspn(line, "\r\n")] = 0;
		CHECK(strlen(text) + strlen(line) < sizeof(text));
		strcat(text, line);
	}
	fclose(file);
	n = lws_b64_decode_string(text, (char *)der, (int)size);
	CHECK(n > 0);
	return (size_t)n;
}

static void fill(lws_system_blob_t *blob, const uint8_t *der, size_t len, int pieces)
{
	if (!pieces) {
		lws_system_blob_direct_set(blob, der, len);
		return;
	}
	lws_system_blob_heap_empty(blob);
	CHECK(lws_system_blob_heap_append(blob, der, 100) == 0);
	CHECK(lws_system_blob_heap_append(blob, der + 100, len - 100) == 0);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "system-cert", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static uint8_t cert[8192], key[8192];
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	size_t cert_len, key_len;
	const char *which;

	CHECK(argc == 6);
	which = argv[5];
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = argv[2];
	context = lws_create_context(&info);
	CHECK(context != NULL);

	cert_len = read_der(argv[3], cert, sizeof(cert));
	key_len = read_der(argv[4], key, sizeof(key));
	if (!strcmp(which, "badkey"))
		memset(key, 7, key_len);
	fill(lws_system_get_blob(context, LWS_SYSBLOB_TYPE_CLIENT_CERT_DER, 0), cert, cert_len,
	     !strcmp(which, "pieces"));
	if (strcmp(which, "nokey"))
		fill(lws_system_get_blob(context, LWS_SYSBLOB_TYPE_CLIENT_KEY_DER, 0), key, key_len,
		     !strcmp(which, "pieces"));

	connect = to_port(context, argv[1], "system-cert");
	connect.host = "localhost";
	connect.ssl_connection = LCCSCF_USE_SSL;
	connect.sys_tls_client_cert = 1;
	if (!strcmp(which, "second"))
		connect.sys_tls_client_cert = 2;
	if (!strcmp(which, "unasked"))
		connect.sys_tls_client_cert = 0;
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (!done && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	return 0;
}
