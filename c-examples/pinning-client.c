/*
 * pinning-client: a wss client that trusts one key and nothing else.
 *
 *   pinning-client HOST PORT SHA256
 *
 * SHA256 is that of the server's public key in DER, 64 hex digits:
 *
 *   openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | sha256sum
 *
 * Shown: a TLS configuration of <oxlws.h> with a verification hook. No root certificates
 * are loaded; the hook accepts the certificate with that key, whoever issued it, and
 * refuses all others before anything is sent to them. Only oxlws has this.
 *
 * Expected output with an echo server that has the key:
 *
 *   the key is the pinned one (certificate of localhost is self-signed and not trusted)
 *   echoed: for your eyes only
 *   ended
 */
#include <libwebsockets.h>
#include <oxlws.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
	unsigned char pin[32];
	int ended, failed;
};

static const char message[] = "for your eyes only";

static int on_certificate(const struct oxlws_tls_peer *peer)
{
	const struct client *c = peer->user;

	if (memcmp(peer->key_sha256, c->pin, sizeof(c->pin)) != 0) {
		printf("%s shows another key: refused\n", peer->host);
		return OXLWS_TLS_REFUSE;
	}
	printf("the key is the pinned one (%s)\n",
	       *peer->text ? peer->text : "the certificate is good, too");
	return OXLWS_TLS_ACCEPT;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct client *c = lws_context_user(lws_get_context(wsi));
	unsigned char buffer[LWS_PRE + sizeof(message)];

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		memcpy(buffer + LWS_PRE, message, sizeof(message) - 1);
		if (lws_write(wsi, buffer + LWS_PRE, sizeof(message) - 1, LWS_WRITE_TEXT) < 0)
			return -1;
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		printf("echoed: %.*s\n", (int)len, (const char *)in);
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		printf("failed: %s\n", in ? (const char *)in : "no reason");
		c->ended = c->failed = 1;
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		puts("ended");
		c->ended = 1;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "pinning", callback, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static int read_pin(const char *hex, unsigned char *pin)
{
	unsigned int byte, n;

	if (strlen(hex) != 64)
		return -1;
	for (n = 0; n < 32; n++) {
		if (sscanf(hex + 2 * n, "%2x", &byte) != 1)
			return -1;
		pin[n] = (unsigned char)byte;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect_info;
	struct oxlws_tls_config *tls;
	struct lws_context *context;
	struct client c;

	memset(&c, 0, sizeof(c));
	if (argc != 4 || read_pin(argv[3], c.pin)) {
		fprintf(stderr, "usage: pinning-client HOST PORT SHA256\n");
		return 2;
	}
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = &c;
	context = lws_create_context(&info);
	if (!context)
		return 1;

	tls = oxlws_tls_new(OXLWS_TLS_CLIENT);
	if (oxlws_tls_set_verify_hook(tls, on_certificate, &c)) {
		fprintf(stderr, "%s\n", oxlws_tls_why(tls));
		return 1;
	}
	memset(&connect_info, 0, sizeof(connect_info));
	connect_info.context = context;
	connect_info.address = argv[1];
	connect_info.port = atoi(argv[2]);
	connect_info.path = "/";
	connect_info.host = argv[1];
	connect_info.local_protocol_name = "pinning";
	connect_info.ssl_connection = LCCSCF_USE_SSL;
	if (!oxlws_client_connect(&connect_info, tls))
		c.ended = c.failed = 1;
	oxlws_tls_free(tls); /* the connection goes on with it */

	while (!c.ended && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	return c.failed;
}
