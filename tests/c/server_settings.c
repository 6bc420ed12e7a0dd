/*
 * Settings and calls of servers that no other test uses, one per line of output.
 *
 * Expected output: server_settings.expected
 */
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int logged;
static const char *wanted_word;

/* Counts error and warning lines with a word in them. */
static void on_log(int level, const char *line)
{
	if (level & (LLL_ERR | LLL_WARN) && wanted_word && strstr(line, wanted_word))
		logged++;
}

static void on_custom_name(const char *name, int nlen, void *opaque)
{
	(void)opaque;
	say("  header %.*s", nlen, name);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	char value[32];

	(void)user;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		say("  %s: PROTOCOL_INIT", lws_get_protocol(wsi)->name);
		return 0;
	case LWS_CALLBACK_HTTP:
		say("  HTTP %s", (const char *)in);
		say("  a is %d bytes: %s",
		    lws_get_urlarg_by_name_safe(wsi, "a", value, sizeof(value)), value);
		say("  none: %d", lws_get_urlarg_by_name_safe(wsi, "none", value, sizeof(value)));
		lws_hdr_custom_name_foreach(wsi, on_custom_name, NULL);
		return lws_return_http_status(wsi, 200, NULL) || lws_http_transaction_completed(wsi)
			       ? -1
			       : 0;
	case LWS_CALLBACK_RAW_ADOPT:
		say("  RAW_ADOPT");
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ "first", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};
static const struct lws_protocols other = { "other", on_event, 0, 0, 0, NULL, 0 };

static struct lws_context_creation_info fresh(void)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.options = LWS_SERVER_OPTION_DISABLE_IPV6;
	return info;
}

static void turn(struct lws_context *context)
{
	int i;

	for (i = 0; i < 3; i++) {
		lws_cancel_service(context);
		lws_service(context, 0);
	}
}

static int port_of_default(struct lws_context *context)
{
	return lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default"));
}

static void shared_ports(void)
{
	struct lws_context_creation_info info = fresh();
	struct lws_context *one, *two;

	info.port = 0;
	info.options |= LWS_SERVER_OPTION_ALLOW_LISTEN_SHARE;
	CHECK((one = lws_create_context(&info)));
	info.port = port_of_default(one);
	two = lws_create_context(&info);
	say("a port that two contexts share: %s", two ? "both listen" : "refused");
	lws_context_destroy(two);
	info.options &= ~LWS_SERVER_OPTION_ALLOW_LISTEN_SHARE;
	say("without ALLOW_LISTEN_SHARE: %s",
	    lws_create_context(&info) ? "both listen" : "refused");
	lws_context_destroy(one);
}

static void pointers_to_protocols(void)
{
	const struct lws_protocols *list[] = { &other, NULL };
	struct lws_context_creation_info info = fresh();
	struct lws_context *context;

	info.pprotocols = list;
	say("protocols and pprotocols:");
	CHECK((context = lws_create_context(&info)));
	turn(context);
	lws_context_destroy(context);
	info.protocols = NULL;
	say("pprotocols alone:");
	CHECK((context = lws_create_context(&info)));
	turn(context);
	lws_context_destroy(context);
}

/* Part of the head comes with the adoption, the rest from the peer. */
static void received_before(void)
{
	struct lws_context_creation_info info = fresh();
	struct lws_context *context;
	char reply[512];
	ssize_t got;
	int pair[2];

	say("a socket with bytes that were read already:");
	CHECK((context = lws_create_context(&info)));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(lws_adopt_socket_readbuf(context, pair[0], "GET /x?a=1%202 HTTP/1.1\r\nHo", 27) !=
	      NULL);
	CHECK(write(pair[1], "st: a\r\nX-Own: 1\r\nY: 2\r\n\r\n", 26) == 26);
	turn(context);
	got = recv(pair[1], reply, sizeof(reply) - 1, MSG_DONTWAIT);
	CHECK(got > 12);
	say("  answered %.12s", reply);
	close(pair[1]);
	lws_context_destroy(context);
}

/* What Debian does not build is refused, or passed over, with a line that says so. */
static void not_built(void)
{
	struct lws_context_creation_info info = fresh();
	struct sockaddr_in address;
	struct lws_context *context;
	struct lws_vhost *vhost;
	lws_sock_file_fd_type fd;
	struct lws *wsi;
	int pair[2], client;

	say("what Debian does not build:");
	info.port = 0;
	info.listen_accept_role = "raw-proxy";
	info.options |= LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG;
	CHECK((context = lws_create_context(&info)));
	vhost = lws_get_vhost_by_name(context, "default");
	turn(context);
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_port = htons((uint16_t)port_of_default(context));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK((client = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	CHECK(!connect(client, (struct sockaddr *)&address, sizeof(address)));
	logged = 0;
	wanted_word = "raw-proxy";
	turn(context);
	say("  the role raw-proxy: %s", logged ? "logged" : "silent");

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fd.sockfd = pair[0];
	logged = 0;
	wanted_word = "RAW_PROXY";
	wsi = lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_SOCKET | LWS_ADOPT_FLAG_RAW_PROXY, fd,
					 NULL, NULL);
	say("  RAW_PROXY adoption: %s, %s", wsi ? "taken" : "NULL", logged ? "logged" : "silent");
	close(pair[1]);

	logged = 0;
	wanted_word = "PF_PACKET";
	wsi = lws_create_adopt_udp(vhost, NULL, 0, LWS_CAUDP_BIND | LWS_CAUDP_PF_PACKET, NULL, "lo",
				   NULL, NULL, NULL, NULL);
	say("  UDP with PF_PACKET: %s, %s", wsi ? "taken" : "NULL", logged ? "logged" : "silent");
	lws_context_destroy(context);
	close(client);
}

static void certificates(void)
{
	struct lws_context_creation_info info = fresh();
	struct lws_context *context;

	info.port = 0;
	info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.ssl_cert_filepath = "/nowhere/cert";
	info.ssl_private_key_filepath = "/nowhere/key";
	say("a missing certificate: %s", lws_create_context(&info) ? "made" : "NULL");
	info.options |= LWS_SERVER_OPTION_IGNORE_MISSING_CERT;
	context = lws_create_context(&info);
	say("with IGNORE_MISSING_CERT: %s", context ? "made" : "NULL");
	lws_context_destroy(context);
}

static void tuned_listener(void)
{
	struct lws_context_creation_info info = fresh();
	struct lws_context *context;

	info.port = 0;
	info.bind_iface = 1;
	info.iface = "lo";
	info.fo_listen_queue = 5;
	context = lws_create_context(&info);
	say("bind_iface and TCP fast open: %s",
	    context && port_of_default(context) > 0 ? "listens" : "NULL");
	lws_context_destroy(context);
}

int main(void)
{
	lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
	shared_ports();
	pointers_to_protocols();
	received_before();
	not_built();
	certificates();
	tuned_listener();
	return 0;
}
