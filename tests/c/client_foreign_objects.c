/*
 * Two contexts: a vhost or a parent connection of the one is refused by the other.
 *
 * Expected output: client_foreign_objects.expected
 */
#include "harness.h"

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "first", on_event, 0, 0, 0, NULL, 0 },
	LWS_PROTOCOL_LIST_TERM,
};

static void log_line(int level, const char *line)
{
	const char *text = strstr(line, "lws_");

	(void)level;
	printf("log: %s", text ? text : line);
}

int main(void)
{
	struct lws_context *one = make_context(protocols, NULL), *two = make_context(protocols, NULL);
	struct lws_vhost *vhost = lws_get_vhost_by_name(one, "default");
	struct lws_client_connect_info info;
	lws_adopt_desc_t adopt;
	struct lws *connecting;
	int pair[2];

	CHECK(vhost);
	/* Nobody listens on port 1, but that takes a turn of the loop to find out. */
	info = to_port(one, "1", "first");
	connecting = lws_client_connect_via_info(&info);
	CHECK(connecting);

	lws_set_log_level(LLL_ERR, log_line);
	info.context = two;
	info.vhost = vhost;
	say("connect with a foreign vhost: %s", lws_client_connect_via_info(&info) ? "made" : "NULL");
	info.vhost = NULL;
	info.parent_wsi = connecting;
	say("connect with a foreign parent: %s", lws_client_connect_via_info(&info) ? "made" : "NULL");

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	memset(&adopt, 0, sizeof(adopt));
	adopt.vh = lws_get_vhost_by_name(two, "default");
	adopt.type = LWS_ADOPT_SOCKET;
	adopt.fd.sockfd = pair[0];
	adopt.vh_prot_name = "first";
	adopt.parent = connecting;
	say("adopt with a foreign parent: %s", lws_adopt_descriptor_vhost_via_info(&adopt) ? "made" : "NULL");
	close(pair[1]);

	lws_set_log_level(0, NULL);
	lws_context_destroy(two);
	lws_context_destroy(one);
	return 0;
}
