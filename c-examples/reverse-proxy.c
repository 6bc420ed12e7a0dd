/*
 * reverse-proxy: passes http requests and websockets on to another server.
 *
 *   reverse-proxy [--port N] [--cert FILE --key FILE] [--tls [--ca FILE]] ORIGIN
 *
 *   --port N     port to listen on (8000); 0 lets the system choose
 *   --cert FILE  PEM certificate chain, with --key FILE: https and wss in front
 *   --tls        the other server speaks TLS
 *   --ca FILE    who vouches for it, instead of the system's authorities
 *   ORIGIN       HOST:PORT/PATH, or +SOCKET:/PATH for a unix socket
 *
 * Shown: a mount whose requests another server answers; the program itself has nothing
 * to do. The other server learns the client's address from x-forwarded-for.
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 8000
 *   stopped
 */
#include <libwebsockets.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t stopping;
static struct lws_context *context;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

static const struct lws_protocols protocols[] = {
	{ "http", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "tls", no_argument, NULL, 't' },
		{ "ca", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_http_mount mount;
	int c, n = 0;

	memset(&info, 0, sizeof(info));
	memset(&mount, 0, sizeof(mount));
	mount.mountpoint = "/";
	mount.mountpoint_len = 1;
	mount.origin_protocol = LWSMPRO_HTTP;
	info.port = 8000;
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (c) {
		case 'p':
			info.port = atoi(optarg);
			break;
		case 'c':
			info.ssl_cert_filepath = optarg;
			break;
		case 'k':
			info.ssl_private_key_filepath = optarg;
			break;
		case 't':
			mount.origin_protocol = LWSMPRO_HTTPS;
			break;
		case 'a':
			info.client_ssl_ca_filepath = optarg;
			break;
		default:
			optind = argc + 1;
		}
	if (optind != argc - 1) {
		fprintf(stderr,
			"usage: reverse-proxy [--port N] [--cert FILE --key FILE] "
			"[--tls [--ca FILE]] ORIGIN\n");
		return 2;
	}
	mount.origin = argv[optind];
	info.mounts = &mount;
	info.protocols = protocols;
	if (info.ssl_cert_filepath || mount.origin_protocol == LWSMPRO_HTTPS)
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);

	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "cannot listen on port %d\n", info.port);
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	printf("listening on port %d\n",
	       lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));

	while (n >= 0 && !stopping)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	printf("stopped\n");
	return 0;
}
