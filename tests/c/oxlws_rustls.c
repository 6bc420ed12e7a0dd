/*
 * Configurations of rustls-ffi, made with the rustls_ functions of liboxlws-rustls.so,
 * for the clients and the server of vhosts. Both ends are in one context.
 *
 * Arguments: the folder of the certificates, the port of a server that speaks no TLS.
 */
#include "tls_pair.h"
#include <rustls.h>

#define LARGE 300000

static unsigned char large[LWS_PRE + LARGE];
static size_t received;
static int server_ended, asked;

static int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		     size_t len)
{
	static unsigned char copy[LWS_PRE + LARGE];

	(void)user;
	if (reason == LWS_CALLBACK_CLOSED)
		server_ended = 1;
	if (reason != LWS_CALLBACK_RECEIVE)
		return 0;
	CHECK(len <= LARGE);
	memcpy(copy + LWS_PRE, in, len);
	return lws_write(wsi, copy + LWS_PRE, len,
			 (enum lws_write_protocol)lws_write_ws_flags(
				 LWS_WRITE_BINARY, lws_is_first_fragment(wsi),
				 lws_is_final_fragment(wsi))) == (int)len
		       ? 0
		       : -1;
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		     size_t len)
{
	union lws_tls_cert_info_results ci;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		memset(&ci, 0, sizeof(ci));
		CHECK(!lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &ci,
					      sizeof(ci.ns.name)));
		lws_snprintf(run.text, sizeof(run.text), "certificate of %s, resumed %d",
			     ci.ns.name, lws_tls_session_is_reused(wsi));
		return lws_write(wsi, large + LWS_PRE, LARGE, LWS_WRITE_BINARY) < 0 ? -1 : 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(received + len <= LARGE && !memcmp(in, large + LWS_PRE + received, len));
		received += len;
		return received == LARGE ? close_normally(wsi) : 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lws_snprintf(run.text, sizeof(run.text), "%s", in ? (const char *)in : "");
		run.ended = 1;
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		run.ended = 1;
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols client_protocols[] = {
	{ "client", on_client, 0, 65536, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};
static const struct lws_protocols server_protocols[] = {
	{ "server", on_server, 0, 65536, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* A program's own verifier; it may call the library, which calls it from inside. */
static uint32_t verifier(void *user, const struct rustls_verify_server_cert_params *params)
{
	CHECK(user == NULL);
	asked++;
	CHECK(lws_service(context, 0) < 0);
	say("  asked about %.*s", (int)params->server_name.len, params->server_name.data);
	return asked == 1 ? RUSTLS_RESULT_OK : RUSTLS_RESULT_CERT_UNKNOWN_ISSUER;
}

/* ca: a file of roots, or NULL for the verifier above. */
static const struct rustls_client_config *client_config(const char *ca)
{
	struct rustls_client_config_builder *builder = rustls_client_config_builder_new();
	struct rustls_root_cert_store_builder *roots_builder;
	struct rustls_web_pki_server_cert_verifier_builder *verifier_builder;
	struct rustls_server_cert_verifier *by_roots;
	const struct rustls_root_cert_store *roots;
	const struct rustls_client_config *config;

	if (ca) {
		roots_builder = rustls_root_cert_store_builder_new();
		CHECK(rustls_root_cert_store_builder_load_roots_from_file(
			      roots_builder, ca, true) == RUSTLS_RESULT_OK);
		CHECK(rustls_root_cert_store_builder_build(roots_builder, &roots) ==
		      RUSTLS_RESULT_OK);
		rustls_root_cert_store_builder_free(roots_builder);
		verifier_builder = rustls_web_pki_server_cert_verifier_builder_new(roots);
		CHECK(rustls_web_pki_server_cert_verifier_builder_build(
			      verifier_builder, &by_roots) == RUSTLS_RESULT_OK);
		rustls_client_config_builder_set_server_verifier(builder, by_roots);
		rustls_web_pki_server_cert_verifier_builder_free(verifier_builder);
		rustls_server_cert_verifier_free(by_roots);
		rustls_root_cert_store_free(roots);
	} else {
		CHECK(rustls_client_config_builder_dangerous_set_certificate_verifier(
			      builder, verifier) == RUSTLS_RESULT_OK);
	}
	CHECK(rustls_client_config_builder_build(builder, &config) == RUSTLS_RESULT_OK);
	return config;
}

static size_t content(const char *path, uint8_t *bytes, size_t room)
{
	FILE *file = fopen(path, "r");
	size_t len;

	CHECK(file != NULL);
	len = fread(bytes, 1, room, file);
	fclose(file);
	return len;
}

static const struct rustls_server_config *server_config(void)
{
	struct rustls_server_config_builder *builder = rustls_server_config_builder_new();
	const struct rustls_server_config *config;
	const struct rustls_certified_key *pair;
	uint8_t cert[8192], key[8192];
	size_t cert_len = content("server.pem", cert, sizeof(cert)),
	       key_len = content("server.key", key, sizeof(key));

	CHECK(rustls_certified_key_build(cert, cert_len, key, key_len, &pair) == RUSTLS_RESULT_OK);
	CHECK(rustls_server_config_builder_set_certified_keys(builder, &pair, 1) ==
	      RUSTLS_RESULT_OK);
	CHECK(rustls_server_config_builder_build(builder, &config) == RUSTLS_RESULT_OK);
	rustls_certified_key_free(pair);
	return config;
}

/* Hands a configuration over and frees it: the vhost goes on with it. */
static void use_for_clients(const char *ca)
{
	const struct rustls_client_config *config = client_config(ca);

	CHECK(!oxlws_vhost_set_rustls_client_config(clients, oxlws_rustls_object(), config));
	rustls_client_config_free(config);
}

static void use_for_server(void)
{
	const struct rustls_server_config *config = server_config();

	CHECK(!oxlws_vhost_set_rustls_server_config(server, oxlws_rustls_object(), config));
	rustls_server_config_free(config);
}

static void go(const char *what, const char *to, const char *host)
{
	struct lws_client_connect_info info = target();

	info.port = atoi(to);
	info.host = host;
	info.ssl_connection |= LCCSCF_ALLOW_INSECURE; /* the flag loosens nothing here */
	server_ended = 0;
	received = 0;
	CHECK(run_once(&info, NULL));
	while (received && !server_ended && lws_service(context, 0) >= 0)
		;
	say("%s: %s; %d bytes echoed", what, run.text, (int)received);
}

int main(int argc, char **argv)
{
	struct oxlws_tls_config *own;
	struct {
		uint32_t version, size;
		const char *tag;
	} other = { 1, 0, "x" };
	const struct rustls_client_config *config;
	size_t n;

	CHECK(argc == 3);
	for (n = 0; n < LARGE; n++)
		large[LWS_PRE + n] = (unsigned char)(n * 7 + n / 251);
	pair_begin(argv[1], server_protocols, client_protocols);

	config = client_config("ca.pem");
	CHECK(oxlws_vhost_set_rustls_client_config(clients, NULL, config) == -1);
	CHECK(oxlws_vhost_set_rustls_client_config(clients, oxlws_rustls_object(), NULL) == -1);
	CHECK(oxlws_vhost_set_rustls_client_config(NULL, oxlws_rustls_object(), config) == -1);
	CHECK(oxlws_vhost_set_rustls_client_config(
		      clients, (const struct oxlws_rustls *)(const void *)&other, config) == -1);
	CHECK(oxlws_vhost_set_rustls_server_config(server, NULL, NULL) == -1);
	rustls_client_config_free(config);
	say("bad arguments: -1");

	use_for_server();
	use_for_clients("ca.pem");
	go("both ends", port, "localhost");
	go("both ends again", port, "localhost");
	go("another name", port, "wrong.example");
	use_for_clients("other-ca.pem");
	go("other roots", port, "localhost");
	go("no TLS on the other side", argv[2], "localhost");
	go("no host name", port, "two words");
	use_for_clients(NULL);
	go("own verifier, first", port, "localhost");
	use_for_clients(NULL);
	go("own verifier, second", port, "localhost");

	own = tls_client_config();
	CHECK(!oxlws_vhost_set_client_tls(clients, own));
	oxlws_tls_free(own);
	go("their server, our client", port, "localhost");
	serve_with(tls_server_config("server"));
	use_for_clients("ca.pem");
	go("our server, their client", port, "localhost");
	lws_context_destroy(context);
	say("end");
	return 0;
}
