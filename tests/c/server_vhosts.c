/*
 * Vhosts and where they listen. The mode is the argument:
 *
 *   names         three vhosts share one port, chosen by Host
 *   unix FOLDER   a unix socket, given to a user and a group, and an abstract one
 *   loopback      interface "lo"; then a numeric address
 *   later         an interface that is not there, with and without FAIL_UPON_UNABLE_TO_BIND
 *   appears       an interface that comes up later, in a network name space of its own
 *   busy          a port in use
 *   options       what the socket of a client is like at FILTER_NETWORK_CONNECTION
 *   ends          a vhost ends while the one that shares its port goes on
 *
 * Only "names" and "ends" serve; the others print what they find.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "server.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int shows_options, is_accepted;

static int option_of(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	CHECK(!getsockopt(fd, level, name, &value, &len));
	return value;
}

static void show_options(int fd)
{
	say("not blocking %d, closed on exec %d, no delay %d", !!(fcntl(fd, F_GETFL) & O_NONBLOCK),
	    !!(fcntl(fd, F_GETFD) & FD_CLOEXEC), option_of(fd, IPPROTO_TCP, TCP_NODELAY));
	say("kept alive %d: idle %d, interval %d, probes %d", option_of(fd, SOL_SOCKET, SO_KEEPALIVE),
	    option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL),
	    option_of(fd, IPPROTO_TCP, TCP_KEEPCNT));
	is_accepted = 1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct lws_vhost *vhost;
	char text[256];

	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		if (shows_options)
			show_options((int)(intptr_t)in);
		return 0;
	case LWS_CALLBACK_HTTP:
		if (!strcmp(in, "/end")) {
			vhost = lws_get_vhost_by_name(lws_get_context(wsi), "first.test");
			CHECK(vhost != NULL);
			lws_vhost_destroy(vhost);
		}
		lws_snprintf(text, sizeof(text), "%s serves %s\n", lws_get_vhost_name(lws_get_vhost(wsi)),
			     (const char *)in);
		return answer_text(wsi, HTTP_STATUS_OK, text);
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static struct lws_context_creation_info info;
static struct lws_context *context;

static struct lws_vhost *vhost(const char *name, int port)
{
	info.vhost_name = name;
	info.port = port;
	return lws_create_vhost(context, &info);
}

/* 1: a TCP connection to that numeric address and port succeeds. */
static int answers(int family, const char *address, int port)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	int fd = socket(family, SOCK_STREAM, 0), result;

	CHECK(fd >= 0);
	memset(&v4, 0, sizeof(v4));
	memset(&v6, 0, sizeof(v6));
	v4.sin_family = AF_INET;
	v6.sin6_family = AF_INET6;
	v4.sin_port = v6.sin6_port = htons((uint16_t)port);
	if (family == AF_INET) {
		inet_pton(AF_INET, address, &v4.sin_addr);
		result = connect(fd, (struct sockaddr *)&v4, sizeof(v4));
	} else {
		inet_pton(AF_INET6, address, &v6.sin6_addr);
		result = connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	}
	close(fd);
	return !result;
}

static int unix_answers(const char *path)
{
	struct sockaddr_un sa;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), result;

	CHECK(fd >= 0);
	memset(&sa, 0, sizeof(sa));
	sa.sun_family = AF_UNIX;
	memcpy(sa.sun_path, path, strlen(path));
	if (path[0] == '@')
		sa.sun_path[0] = 0;
	result = connect(fd, (struct sockaddr *)&sa,
			 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
	close(fd);
	return !result;
}

static int unix_mode(const char *folder)
{
	struct stat st;
	char path[200], name[64];

	mkdir(folder, 0700);
	lws_snprintf(path, sizeof(path), "%s/socket", folder);
	lws_snprintf(name, sizeof(name), "@oxlws-test-%d", (int)getpid());
	info.options |= LWS_SERVER_OPTION_UNIX_SOCK;
	info.iface = path;
	CHECK(vhost("plain", 0) != NULL);
	say("plain: answers %d", unix_answers(path));
	lws_vhost_destroy(lws_get_vhost_by_name(context, "plain"));
	say("file is gone: %d", stat(path, &st) != 0);
	info.unix_socket_perms = "root:daemon";
	if (getuid())
		return 77;
	CHECK(vhost("owned", 0) != NULL);
	CHECK(!stat(path, &st));
	say("owned: mode %o, user %d, group is root's %d", (unsigned int)st.st_mode & 0777, (int)st.st_uid,
	    st.st_gid == 0);
	info.unix_socket_perms = NULL;
	info.iface = name;
	CHECK(vhost("abstract", 0) != NULL);
	say("abstract: answers %d", unix_answers(name));
	lws_context_destroy(context);
	say("file is gone: %d", stat(path, &st) != 0);
	return 0;
}

/* In a new network name space "lo" is down, and has no address until it comes up. */
static int appears_mode(void)
{
	lws_usec_t limit = lws_now_usecs() + 8 * LWS_US_PER_SEC;
	struct ifreq request;
	int fd;

	if (unshare(getuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET))
		return 77;
	info.iface = "lo";
	CHECK(vhost("appears", 7681) != NULL);
	CHECK(lws_service(context, -1) >= 0);
	say("before: answers %d", answers(AF_INET, "127.0.0.1", 7681));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(fd >= 0);
	memset(&request, 0, sizeof(request));
	memcpy(request.ifr_name, "lo", 3);
	request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	CHECK(!ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
	/* The loop itself has to wake up for it. */
	while (!answers(AF_INET, "127.0.0.1", 7681) && lws_now_usecs() < limit)
		CHECK(lws_service(context, 0) >= 0);
	say("when it is up: answers %d", answers(AF_INET, "127.0.0.1", 7681));
	lws_context_destroy(context);
	return 0;
}

static int options_mode(void)
{
	struct lws_vhost *vh;

	shows_options = 1;
	info.ka_time = 7;
	info.ka_interval = 2;
	info.ka_probes = 3;
	vh = vhost("options", 0);
	CHECK(vh != NULL && answers(AF_INET, "127.0.0.1", lws_get_vhost_listen_port(vh)));
	while (!is_accepted)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}

static int busy_mode(void)
{
	struct lws_context_creation_info other;
	struct lws_vhost *vh = vhost("one", 0);

	CHECK(vh != NULL);
	say("shared: %d", vhost("two", lws_get_vhost_listen_port(vh)) != NULL);
	other = info;
	other.options = 0;
	other.port = lws_get_vhost_listen_port(vh);
	say("another context: %d", lws_create_context(&other) != NULL);
	lws_context_destroy(context);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	struct lws_vhost *vh;
	int port;

	server_info(&info, protocols);
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	if (!strcmp(mode, "unix"))
		return unix_mode(argv[2]);
	if (!strcmp(mode, "appears"))
		return appears_mode();
	if (!strcmp(mode, "options"))
		return options_mode();
	if (!strcmp(mode, "busy"))
		return busy_mode();
	if (!strcmp(mode, "loopback")) {
		info.iface = "127.0.0.1";
		vh = vhost("numeric", 0);
		CHECK(vh != NULL);
		port = lws_get_vhost_listen_port(vh);
		say("numeric: 127.0.0.1 %d, 127.0.0.2 %d", answers(AF_INET, "127.0.0.1", port),
		    answers(AF_INET, "127.0.0.2", port));
		info.iface = "lo";
		vh = vhost("by name", 0);
		CHECK(vh != NULL);
		port = lws_get_vhost_listen_port(vh);
		say("lo: 127.0.0.1 %d, 127.0.0.2 %d", answers(AF_INET, "127.0.0.1", port),
		    answers(AF_INET, "127.0.0.2", port));
		info.iface = NULL;
		info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
		vh = vhost("v4", 0);
		CHECK(vh != NULL);
		port = lws_get_vhost_listen_port(vh);
		say("IPv4 only: 127.0.0.1 %d, ::1 %d", answers(AF_INET, "127.0.0.1", port),
		    answers(AF_INET6, "::1", port));
		info.options &= ~(uint64_t)LWS_SERVER_OPTION_DISABLE_IPV6;
		info.options |= LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY | LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE;
		vh = vhost("v6", 0);
		CHECK(vh != NULL);
		port = lws_get_vhost_listen_port(vh);
		say("IPv6 only: 127.0.0.1 %d", answers(AF_INET, "127.0.0.1", port));
		lws_context_destroy(context);
		return 0;
	}
	if (!strcmp(mode, "later")) {
		info.iface = "not-there0";
		say("unknown interface: %d", vhost("later", 0) != NULL);
		info.options |= LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
		say("that must be there: %d", vhost("now", 0) != NULL);
		lws_context_destroy(context);
		return 0;
	}
	vh = vhost("first.test", 0);
	CHECK(vh != NULL);
	port = lws_get_vhost_listen_port(vh);
	CHECK(vhost("second.test", port) != NULL);
	CHECK(vhost("third.test", port) != NULL);
	say("port of the second is that of the first: %d",
	    lws_get_vhost_port(lws_get_vhost_by_name(context, "second.test")) == port);
	return serve(context, port);
}
