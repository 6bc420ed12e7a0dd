/*
 * tls-server: https and wss on one port, from one folder and one protocol.
 *
 *   tls-server --cert FILE --key FILE [--port N] [--pages FOLDER]
 *
 *   --port N        port to listen on (8443); 0 lets the system choose
 *   --pages FOLDER  files served by https ("pages")
 *
 * The websocket protocol "clock" sends the server's count of its messages, one when the
 * connection opens and one for each message that comes. Who comes with plain http is
 * redirected to https on the same port.
 *
 * Shown: certificate and key from files, both kinds of service on one port, the redirect
 * for plain http, and a certificate that is renewed while the server runs (SIGHUP).
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 8443
 *   certificate read again
 *   stopped: 4 messages
 */
#include <libwebsockets.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t stopping, renewing;
static struct lws_context *context;
static unsigned int messages;

static void on_signal(int sig)
{
	if (sig == SIGHUP)
		renewing = 1;
	else
		stopping = 1;
	lws_cancel_service(context);
}

static int on_clock(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	unsigned char buffer[LWS_PRE + 64];
	int n;

	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_RECEIVE:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		n = lws_snprintf((char *)buffer + LWS_PRE, 64, "%s message %u",
				 lws_is_ssl(wsi) ? "secure" : "open", ++messages);
		return lws_write(wsi, buffer + LWS_PRE, (size_t)n, LWS_WRITE_TEXT) < n ? -1 : 0;

	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
	{ "clock", on_clock, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "pages", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_http_mount mount;
	int c, n = 0;

	memset(&info, 0, sizeof(info));
	memset(&mount, 0, sizeof(mount));
	mount.mountpoint = "/";
	mount.mountpoint_len = 1;
	mount.origin = "pages";
	mount.origin_protocol = LWSMPRO_FILE;
	mount.def = "index.html";
	info.port = 8443;
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
		case 'f':
			mount.origin = optarg;
			break;
		default:
			return 2;
		}
	if (!info.ssl_cert_filepath || !info.ssl_private_key_filepath) {
		fprintf(stderr, "usage: tls-server --cert FILE --key FILE [--port N] [--pages FOLDER]\n");
		return 2;
	}
	info.protocols = protocols;
	info.mounts = &mount;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
		       LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
		       LWS_SERVER_OPTION_REDIRECT_HTTP_TO_HTTPS | LWS_SERVER_OPTION_STS;
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);

	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "cannot listen on port %d with that certificate\n", info.port);
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	printf("listening on port %d\n",
	       lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));

	while (n >= 0 && !stopping) {
		n = lws_service(context, 0);
		if (renewing) {
			renewing = 0;
			lws_tls_cert_updated(context, info.ssl_cert_filepath,
					     info.ssl_private_key_filepath, NULL, 0, NULL, 0);
			printf("certificate read again\n");
		}
	}
	lws_context_destroy(context);
	printf("stopped: %u messages\n", messages);
	return 0;
}
