/*
 * raw-echo-server: sends every byte back, without any protocol; over TLS too.
 *
 *   raw-echo-server [--port N] [--cert FILE --key FILE]
 *
 *   --port N      port to listen on (7000); 0 lets the system choose
 *   --cert FILE   PEM certificate chain, with --key FILE: TLS
 *
 * Shown: a vhost whose connections are raw from the first byte, reading no faster than
 * the peer takes what is written.
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 7000
 *   stopped: 1 connections, 13 bytes
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PIECE 2048

/* One per connection. */
struct session {
	size_t len;
	unsigned char data[LWS_PRE + PIECE];
};

static volatile sig_atomic_t stopping;
static struct lws_context *context;
static unsigned int connections;
static unsigned long long bytes;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct session *s = user;

	switch (reason) {
	case LWS_CALLBACK_RAW_ADOPT:
		connections++;
		return 0;

	case LWS_CALLBACK_RAW_RX:
		/* One piece at a time: the next is read when this one is on its way. */
		memcpy(s->data + LWS_PRE, in, len);
		s->len = len;
		lws_rx_flow_control(wsi, 0);
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_RAW_WRITEABLE:
		if (!s->len)
			return 0;
		if (lws_write(wsi, s->data + LWS_PRE, s->len, LWS_WRITE_RAW) < (int)s->len)
			return -1;
		bytes += s->len;
		s->len = 0;
		lws_rx_flow_control(wsi, 1);
		return 0;

	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ "raw-echo", on_event, sizeof(struct session), PIECE, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	int n;

	memset(&info, 0, sizeof(info));
	info.port = 7000;
	for (n = 1; n + 1 < argc; n += 2)
		if (!strcmp(argv[n], "--port"))
			info.port = atoi(argv[n + 1]);
		else if (!strcmp(argv[n], "--cert"))
			info.ssl_cert_filepath = argv[n + 1];
		else if (!strcmp(argv[n], "--key"))
			info.ssl_private_key_filepath = argv[n + 1];
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG;
	info.listen_accept_role = "raw-skt";
	info.listen_accept_protocol = "raw-echo";
	if (info.ssl_cert_filepath)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
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

	n = 0;
	while (n >= 0 && !stopping)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	printf("stopped: %u connections, %llu bytes\n", connections, bytes);
	return 0;
}
