/*
 * Two vhosts without a listen socket in one context: protocols, private memory and
 * user pointers belong to their vhost; destroying one closes its connections only.
 *
 * Expected output: client_vhosts.expected
 */
#include "harness.h"

struct private
{
	int value;
};

static int established, closed[2];

static int index_of(struct lws *wsi)
{
	return !strcmp(lws_get_vhost_name(lws_get_vhost(wsi)), "two");
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct lws_vhost *vhost = lws_get_vhost(wsi);
	struct private *p;

	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		p = lws_protocol_vh_priv_zalloc(vhost, lws_get_protocol(wsi), sizeof(*p));
		CHECK(p != NULL && p->value == 0);
		p->value = index_of(wsi) + 10;
		return 0;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		p = lws_protocol_vh_priv_get(vhost, lws_get_protocol(wsi));
		CHECK(p != NULL && p->value == index_of(wsi) + 10);
		CHECK(lws_vhost_user(vhost) == (void *)(intptr_t)p->value);
		established++;
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		closed[index_of(wsi)]++;
		return 0;

	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "vhosts", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static const char *const names[] = { "one", "two" };
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;
	struct lws_vhost *vhosts[2];
	int i;

	CHECK(argc == 2);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	for (i = 0; i < 2; i++) {
		info.vhost_name = names[i];
		info.user = (void *)(intptr_t)(i + 10);
		vhosts[i] = lws_create_vhost(context, &info);
		CHECK(vhosts[i] != NULL);
		CHECK(lws_get_vhost_by_name(context, names[i]) == vhosts[i]);
	}
	CHECK(lws_get_vhost_by_name(context, "three") == NULL);
	for (i = 0; i < 2; i++) {
		connect = to_port(context, argv[1], "vhosts");
		connect.vhost = vhosts[i];
		CHECK(lws_client_connect_via_info(&connect) != NULL);
	}
	while (established < 2)
		CHECK(lws_service(context, 0) >= 0);
	say("both connected");
	lws_vhost_destroy(vhosts[0]);
	CHECK(lws_service(context, -1) >= 0);
	CHECK(closed[0] == 1 && closed[1] == 0);
	say("one destroyed, two lives");
	lws_context_destroy(context);
	CHECK(closed[1] == 1);
	say("both closed");
	return 0;
}
