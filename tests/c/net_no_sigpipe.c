/*
 * Writing to a connection that the peer has reset never raises SIGPIPE, whose action
 * is the default here: the program would die.
 *
 *   net_no_sigpipe PORT [CA_FILE]
 *
 * Expected output: net_no_sigpipe*.expected
 */
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static const char *port;
static int done, received;

/* Has the peer reset the connection, by a second connection of ours, and waits for it. */
static void have_it_reset(struct lws *wsi)
{
	struct pollfd reset = { lws_get_socket_fd(wsi), 0, 0 };
	struct sockaddr_in address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_port = htons((uint16_t)atoi(port));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)));
	CHECK(poll(&reset, 1, 5000) == 1);
	CHECK(reset.revents & POLLERR);
	close(fd);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	static char text[20001];
	int i;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "(null)");
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		received++;
		say("received %.*s", (int)len, (const char *)in);
		have_it_reset(wsi);
		say("reset by the peer, writing");
		memset(text, 'x', sizeof(text) - 1);
		for (i = 0; i < 5; i++)
			if (send_text(wsi, text) < 0)
				return -1;
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (received)
			lws_callback_on_writable(wsi);
		return received && send_text(wsi, "more") < 0 ? -1 : 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "pipe", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;

	CHECK(argc >= 2);
	port = argv[1];
	signal(SIGPIPE, SIG_DFL);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = argv[2];
	context = lws_create_context(&info);
	CHECK(context != NULL);
#ifndef ORACLE
	{
		struct sigaction now;

		/* The library leaves the program's choice alone. */
		CHECK(!sigaction(SIGPIPE, NULL, &now) && now.sa_handler == SIG_DFL);
	}
#else
	signal(SIGPIPE, SIG_IGN);
#endif
	connect = to_port(context, argv[1], "pipe");
	if (argv[2]) {
		connect.address = connect.host = "localhost";
		connect.ssl_connection = LCCSCF_USE_SSL;
	}
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	say("still here");
	return 0;
}
