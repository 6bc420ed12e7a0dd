/*
 * TLS vhosts. Arguments: words, and the folder of the certificates at last.
 *
 *   client      a client certificate by ca.pem is required
 *   optional    it is asked for
 *   encrypted   the key is encrypted, its password is "secret"
 *   memory      certificate and key from memory
 *   names       another vhost "wrong.example" with a certificate of its own (SNI)
 *   copy FOLDER the files are copied there first, and read again at GET /renew
 *   plain, redirect, fallback    plain http on this port is served, redirected, raw
 */
#include "server.h"
#include <sys/stat.h>

static char cert[512], key[512];

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	union lws_tls_cert_info_results ci;
	unsigned char buffer[LWS_PRE + 64];
	char text[512];

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		if (!strcmp(in, "/renew"))
			say("renewed %d", lws_tls_cert_updated(lws_get_context(wsi), cert, key, NULL, 0,
							       NULL, 0));
		memset(&ci, 0, sizeof(ci));
		if (!lws_is_ssl(wsi) || lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &ci,
							       sizeof(ci.ns.name)))
			strcpy(ci.ns.name, "nobody");
		lws_snprintf(text, sizeof(text), "%s, %s, client %s\n",
			     lws_get_vhost_name(lws_get_vhost(wsi)), lws_is_ssl(wsi) ? "TLS" : "plain",
			     ci.ns.name);
		return answer_text(wsi, HTTP_STATUS_OK, text);
	case LWS_CALLBACK_RAW_RX:
		if (len)
			say("RAW_RX %.*s", (int)len > 5 ? 5 : (int)len, (const char *)in);
		memcpy(buffer + LWS_PRE, "raw\n", 4);
		if (len)
			lws_write(wsi, buffer + LWS_PRE, 4, LWS_WRITE_RAW);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void *content(const char *path, unsigned int *len)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 8192);

	CHECK(file != NULL && text != NULL);
	*len = (unsigned int)fread(text, 1, 8191, file);
	fclose(file);
	return text;
}

static void copy(const char *from, const char *to)
{
	unsigned int len;
	void *text = content(from, &len);
	FILE *file = fopen(to, "w");

	CHECK(file != NULL);
	CHECK(fwrite(text, 1, len, file) == len);
	fclose(file);
	free(text);
}

int main(int argc, char **argv)
{
	const char *folder = argv[argc - 1];
	struct lws_context_creation_info info;
	char ca[512], other_cert[512], other_key[512];
	struct lws_context *context;
	struct lws_vhost *vh;
	void *cert_mem = NULL, *key_mem = NULL;
	int n, names = 0, status;

	CHECK(argc > 1);
	server_info(&info, protocols);
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	lws_snprintf(cert, sizeof(cert), "%s/server.pem", folder);
	lws_snprintf(key, sizeof(key), "%s/server.key", folder);
	lws_snprintf(ca, sizeof(ca), "%s/ca.pem", folder);
	lws_snprintf(other_cert, sizeof(other_cert), "%s/wrongname.pem", folder);
	lws_snprintf(other_key, sizeof(other_key), "%s/wrongname.key", folder);
	info.ssl_cert_filepath = cert;
	info.ssl_private_key_filepath = key;
	for (n = 1; n < argc - 1; n++) {
		if (!strcmp(argv[n], "client") || !strcmp(argv[n], "optional")) {
			info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
			info.ssl_ca_filepath = ca;
		}
		if (!strcmp(argv[n], "optional"))
			info.options |= LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED;
		if (!strcmp(argv[n], "encrypted")) {
			lws_snprintf(key, sizeof(key), "%s/encrypted.key", folder);
			info.ssl_private_key_password = "secret";
		}
		if (!strcmp(argv[n], "memory")) {
			info.ssl_cert_filepath = info.ssl_private_key_filepath = NULL;
			info.server_ssl_cert_mem = cert_mem = content(cert, &info.server_ssl_cert_mem_len);
			info.server_ssl_private_key_mem = key_mem =
				content(key, &info.server_ssl_private_key_mem_len);
		}
		if (!strcmp(argv[n], "names"))
			names = 1;
		if (!strcmp(argv[n], "copy")) {
			char own_cert[512], own_key[512];

			mkdir(argv[n + 1], 0700);
			lws_snprintf(own_cert, sizeof(own_cert), "%s/cert", argv[n + 1]);
			lws_snprintf(own_key, sizeof(own_key), "%s/key", argv[n + 1]);
			copy(cert, own_cert);
			copy(key, own_key);
			strcpy(cert, own_cert);
			strcpy(key, own_key);
		}
		if (!strcmp(argv[n], "plain"))
			info.options |= LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
					LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER;
		if (!strcmp(argv[n], "redirect"))
			info.options |= LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
					LWS_SERVER_OPTION_REDIRECT_HTTP_TO_HTTPS;
		if (!strcmp(argv[n], "fallback"))
			info.options |= LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
					LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG;
	}
	context = lws_create_context(&info);
	CHECK(context != NULL);
	info.vhost_name = "localhost";
	vh = lws_create_vhost(context, &info);
	CHECK(vh != NULL);
	if (names) {
		info.vhost_name = "wrong.example";
		info.port = lws_get_vhost_listen_port(vh);
		info.ssl_cert_filepath = other_cert;
		info.ssl_private_key_filepath = other_key;
		CHECK(lws_create_vhost(context, &info) != NULL);
	}
	status = serve(context, lws_get_vhost_listen_port(vh));
	free(cert_mem);
	free(key_mem);
	return status;
}
