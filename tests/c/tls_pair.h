/*
 * tls_pair.h: a server and its clients in one context, for tests of TLS configurations. The
 * programs run in the folder of the test certificates.
 */
#ifndef TLS_PAIR_H
#define TLS_PAIR_H

#include "server.h"
#include <oxlws.h>
#include <unistd.h>

static struct lws_context *context;
static struct lws_vhost *server, *clients;
static char port[16];

/* What the client connection that runs now did; the callback of the program fills it. */
static struct {
	struct lws *wsi;
	int ended, established, is_short;
	char text[300];
} run;

/* The context with its vhosts "server", which has no TLS yet, and "clients". */
static inline void pair_begin(const char *certs, const struct lws_protocols *server_protocols,
			      const struct lws_protocols *client_protocols)
{
	struct lws_context_creation_info info;

	CHECK(!chdir(certs));
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	info.vhost_name = "server";
	info.iface = "127.0.0.1";
	info.protocols = server_protocols;
	server = lws_create_vhost(context, &info);
	CHECK(server != NULL);
	lws_snprintf(port, sizeof(port), "%d", lws_get_vhost_listen_port(server));
	info.vhost_name = "clients";
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.iface = NULL;
	info.protocols = client_protocols;
	clients = lws_create_vhost(context, &info);
	CHECK(clients != NULL);
}

/* A configuration that trusts ca.pem. */
static inline struct oxlws_tls_config *tls_client_config(void)
{
	struct oxlws_tls_config *config = oxlws_tls_new(OXLWS_TLS_CLIENT);

	CHECK(!oxlws_tls_add_roots_file(config, "ca.pem"));
	return config;
}

/* One that shows name.pem. */
static inline struct oxlws_tls_config *tls_server_config(const char *name)
{
	struct oxlws_tls_config *config = oxlws_tls_new(OXLWS_TLS_SERVER);
	char cert[64], key[64];

	lws_snprintf(cert, sizeof(cert), "%s.pem", name);
	lws_snprintf(key, sizeof(key), "%s.key", name);
	CHECK(!oxlws_tls_set_cert_file(config, cert, key, NULL));
	return config;
}

/* Gives a configuration to the server, and frees it: the vhost goes on with it. */
static inline void serve_with(struct oxlws_tls_config *config)
{
	CHECK(!oxlws_vhost_set_server_tls(server, config));
	oxlws_tls_free(config);
}

static inline struct lws_client_connect_info target(void)
{
	struct lws_client_connect_info info = to_port(context, port, "client");

	info.vhost = clients;
	info.host = "localhost";
	info.ssl_connection = LCCSCF_USE_SSL;
	return info;
}

/* Serves until the connection of `run` ended. */
static inline void wait_for_end(void)
{
	while (!run.ended && lws_service(context, 0) >= 0)
		;
}

/* Makes one connection, with the vhost's configuration if `config` is NULL, and waits for its end.
 * 0: it was refused. */
static inline int run_once(const struct lws_client_connect_info *info,
			   struct oxlws_tls_config *config)
{
	memset(&run, 0, sizeof(run));
	run.wsi = config ? oxlws_client_connect(info, config) : lws_client_connect_via_info(info);
	if (run.wsi)
		wait_for_end();
	return run.wsi != NULL;
}

#endif
