/*
 * Descriptors of the program become connections: a socket in http with bytes that were
 * read before, a raw socket with a child, a pipe, datagrams. Prints the callbacks.
 */
#include "server.h"
#include <arpa/inet.h>
#include <sys/socket.h>

static int http_fd[2], raw_fd[2], child_fd[2], pipe_fd[2], datagrams_seen, done;
static struct lws *child;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	unsigned char buffer[LWS_PRE + 16];
	const struct lws_udp *udp;
	char text[8];
	ssize_t n;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		say("HTTP %s", (const char *)in);
		return answer_text(wsi, HTTP_STATUS_OK, "adopted\n");
	case LWS_CALLBACK_CLOSED_HTTP:
		say("CLOSED_HTTP");
		return 0;
	case LWS_CALLBACK_RAW_ADOPT:
		say("RAW_ADOPT, opaque %d", lws_get_opaque_user_data(wsi) == &done);
		return 0;
	case LWS_CALLBACK_RAW_RX:
		udp = lws_get_udp(wsi);
		say("RAW_RX %.*s, datagram %d", (int)len, (const char *)in, udp != NULL);
		if (udp) {
			datagrams_seen++;
			memcpy(buffer + LWS_PRE, "answer", 6);
			CHECK(lws_write(wsi, buffer + LWS_PRE, 6, LWS_WRITE_RAW) == 6);
		}
		return 0;
	case LWS_CALLBACK_RAW_CLOSE:
		say("RAW_CLOSE of %s", wsi == child ? "the child" : "another");
		if (wsi == child)
			child = NULL; /* a later connection may have its address */
		return 0;
	case LWS_CALLBACK_CHILD_CLOSING:
		say("CHILD_CLOSING");
		return 0;
	case LWS_CALLBACK_RAW_ADOPT_FILE:
		say("RAW_ADOPT_FILE");
		return 0;
	case LWS_CALLBACK_RAW_RX_FILE:
		n = read(pipe_fd[0], text, sizeof(text));
		say("RAW_RX_FILE %.*s", (int)n, text);
		return n < (ssize_t)sizeof(text) ? -1 : 0;
	case LWS_CALLBACK_RAW_CLOSE_FILE:
		say("RAW_CLOSE_FILE");
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "test", on_event, 8, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void on_alarm(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	done = 1;
	lws_cancel_service(server_context); /* so that the loop is looked at */
}

/* Lets the loop run for a short while, so that everything that waits is done. */
static void run(struct lws_context *context)
{
	static lws_sorted_usec_list_t sul;

	done = 0;
	lws_sul_schedule(context, 0, &sul, on_alarm, 100 * LWS_US_PER_MS);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
}

static struct lws *adopt(struct lws_vhost *vh, lws_adoption_type type, int fd, struct lws *parent, int opaque)
{
	lws_sock_file_fd_type either;
	lws_adopt_desc_t info;

	either.sockfd = fd;
	memset(&info, 0, sizeof(info));
	info.vh = vh;
	info.type = type;
	info.fd = either;
	info.vh_prot_name = "test";
	info.parent = parent;
	info.opaque = opaque ? &done : NULL;
	return lws_adopt_descriptor_vhost_via_info(&info);
}

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_context *context;
	struct lws_vhost *vh;
	struct sockaddr_in sa;
	socklen_t salen = sizeof(sa);
	struct lws *parent, *bound;
	char answer[512];
	int fd;

	server_info(&info, protocols);
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	server_context = context;
	vh = lws_get_vhost_by_name(context, "default");
	run(context);

	/* http, half of the request was read already */
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, http_fd));
	CHECK(lws_adopt_socket_vhost_readbuf(vh, http_fd[0], "GET /early HT", 13) != NULL);
	CHECK(write(http_fd[1], "TP/1.1\r\n\r\n", 10) == 10);
	run(context);
	CHECK(read(http_fd[1], answer, sizeof(answer)) > 0);
	answer[15] = '\0';
	say("%s", answer);
	close(http_fd[1]);
	run(context);

	/* raw, with a child that goes with its parent, and one that goes before */
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, raw_fd));
	parent = adopt(vh, LWS_ADOPT_SOCKET, raw_fd[0], NULL, 1);
	CHECK(parent != NULL);
#ifndef ORACLE
	/* a descriptor that a connection has is not the program's to give away */
	CHECK(!adopt(vh, LWS_ADOPT_SOCKET, raw_fd[0], NULL, 0) && !lws_adopt_socket_vhost(vh, raw_fd[0]));
#endif
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, child_fd));
	child = adopt(vh, LWS_ADOPT_SOCKET, child_fd[0], parent, 0);
	CHECK(child != NULL);
	say("parent is right: %d", lws_get_parent(child) == parent);
	say("child is right: %d", lws_get_child(parent) == child);
	CHECK(write(raw_fd[1], "hello", 5) == 5);
	run(context);
	close(child_fd[1]);
	run(context);
	close(raw_fd[1]);
	run(context);

	/* a pipe */
	CHECK(!pipe(pipe_fd));
	CHECK(adopt(vh, LWS_ADOPT_RAW_FILE_DESC, pipe_fd[0], NULL, 0) != NULL);
	CHECK(write(pipe_fd[1], "0123456789", 10) == 10);
	run(context);
	close(pipe_fd[1]);

	/* datagrams */
#if LWS_LIBRARY_VERSION_NUMBER < 4002000
	bound = lws_create_adopt_udp(vh, "127.0.0.1", 0, LWS_CAUDP_BIND, "test", NULL, NULL, NULL, NULL);
#else
	bound = lws_create_adopt_udp(vh, "127.0.0.1", 0, LWS_CAUDP_BIND, "test", NULL, NULL, NULL, NULL,
				     NULL);
#endif
	CHECK(bound != NULL);
	CHECK(!getsockname(lws_get_socket_fd(bound), (struct sockaddr *)&sa, &salen));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(fd >= 0 && !connect(fd, (struct sockaddr *)&sa, salen));
	CHECK(send(fd, "one", 3, 0) == 3 && send(fd, "two", 3, 0) == 3);
	run(context);
	CHECK(recv(fd, answer, sizeof(answer), 0) == 6);
	say("%.6s, %d datagrams", answer, datagrams_seen);
	close(fd);

	/* datagrams for anybody: who sent is known by an address of IPv4 */
#if LWS_LIBRARY_VERSION_NUMBER < 4002000
	bound = lws_create_adopt_udp(vh, NULL, 0, LWS_CAUDP_BIND, "test", NULL, NULL, NULL, NULL);
#else
	bound = lws_create_adopt_udp(vh, NULL, 0, LWS_CAUDP_BIND, "test", NULL, NULL, NULL, NULL, NULL);
#endif
	CHECK(bound != NULL);
	salen = sizeof(sa);
	CHECK(!getsockname(lws_get_socket_fd(bound), (struct sockaddr *)&sa, &salen));
	sa.sin_family = AF_INET;
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(fd >= 0 && !connect(fd, (struct sockaddr *)&sa, sizeof(sa)));
	CHECK(send(fd, "who", 3, 0) == 3);
	run(context);
	CHECK(recv(fd, answer, sizeof(answer), 0) == 6);
	CHECK(lws_get_udp(bound) != NULL);
#if LWS_LIBRARY_VERSION_NUMBER < 4002000
	say("sender of family IPv4: %d", lws_get_udp(bound)->sa.sa_family == AF_INET);
#else
	say("sender of family IPv4: %d", lws_get_udp(bound)->sa46.sa4.sin_family == AF_INET);
#endif
	close(fd);
#ifndef ORACLE
	CHECK(!adopt(vh, LWS_ADOPT_RAW_FILE_DESC, -1, NULL, 0));
#endif
	lws_context_destroy(context);
	return 0;
}
