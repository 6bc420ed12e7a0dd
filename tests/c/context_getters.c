/*
 * What contexts and vhosts tell about themselves: names, ports, protocols and their memory, the
 * name of the machine.
 *
 * Expected output: context_getters.expected
 */
#include "harness.h"
#include <unistd.h>

static int errors;

static void count_errors(int level, const char *line)
{
	(void)line;
	errors += level == LLL_ERR;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "one", on_event, 8, 0, 0, NULL, 0 },
	{ "two", on_event, 0, 0, 5, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void machine_name(struct lws_context_creation_info *info)
{
	struct lws_context *context = lws_create_context(info);
	char name[256] = "";

	CHECK(context != NULL && !gethostname(name, sizeof(name) - 1));
	CHECK(!strcmp(lws_canonical_hostname(context), name));
	lws_context_destroy(context);
	info->options = LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
	context = lws_create_context(info);
	CHECK(context != NULL);
	say("machine, when it was not asked: %s", lws_canonical_hostname(context));
	lws_context_destroy(context);
	info->options = 0;
}

static void protocol_memory(struct lws_vhost *vhost)
{
	static const struct lws_protocols other = { "other", on_event, 0, 0, 0, NULL, 0 };
	static const struct lws_protocols namesake = { "two", on_event, 0, 0, 0, NULL, 0 };
	const struct lws_protocols *two = lws_vhost_name_to_protocol(vhost, "two");
	char *memory, *again;

	CHECK(two != NULL && two->id == 5 && !strcmp(two->name, "two"));
	CHECK(lws_vhost_name_to_protocol(vhost, "tw") == NULL);
	CHECK(lws_vhost_name_to_protocol(vhost, "three") == NULL);
	CHECK(lws_protocol_vh_priv_get(vhost, two) == NULL);
	memory = lws_protocol_vh_priv_zalloc(vhost, two, 16);
	CHECK(memory != NULL && !memory[0] && !memory[15]);
	CHECK(lws_protocol_vh_priv_get(vhost, two) == memory);
	CHECK(lws_protocol_vh_priv_get(vhost, &protocols[1]) == memory);
	CHECK(lws_protocol_vh_priv_get(vhost, &namesake) == memory); /* by name */
	CHECK(lws_protocol_vh_priv_get(vhost, lws_vhost_name_to_protocol(vhost, "one")) == NULL);
	errors = 0;
	CHECK(lws_protocol_vh_priv_get(vhost, &other) == NULL);
	say("memory of an unknown protocol: NULL, %d errors told", errors);
	CHECK(lws_protocol_vh_priv_zalloc(vhost, &other, 8) == NULL);
	CHECK(lws_protocol_vh_priv_zalloc(vhost, lws_vhost_name_to_protocol(vhost, "one"), 0) ==
	      NULL);
	/* once more is other memory, and what somebody still has stays */
	strcpy(memory, "still there");
	again = lws_protocol_vh_priv_zalloc(vhost, two, 16);
	CHECK(again != NULL && again != memory && !again[0]);
	CHECK(lws_protocol_vh_priv_get(vhost, two) == again);
	say("%s", memory);
}

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_context *context;
	struct lws_vhost *vhost;
	int mine = 1, theirs = 2;

	lws_set_log_level(LLL_ERR, count_errors);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	machine_name(&info);

	info.user = &mine;
	context = lws_create_context(&info);
	CHECK(context != NULL && lws_context_user(context) == &mine);
	CHECK(lws_get_count_threads(context) == 1);
	vhost = lws_get_vhost_by_name(context, "default");
	CHECK(vhost != NULL && lws_get_vhost_user(vhost) == &mine &&
	      lws_vhost_user(vhost) == &mine);
	CHECK(!strcmp(lws_get_vhost_name(vhost), "default"));
	say("default: port %d, listening on %d, interface %s", lws_get_vhost_port(vhost),
	    lws_get_vhost_listen_port(vhost), lws_get_vhost_iface(vhost) ? "some" : "none");
	protocol_memory(vhost);

	info.vhost_name = "second";
	info.port = 0;
	info.iface = "lo";
	info.user = &theirs;
	vhost = lws_create_vhost(context, &info);
	CHECK(vhost != NULL && lws_get_vhost_by_name(context, "second") == vhost);
	CHECK(lws_get_vhost_user(vhost) == &theirs && lws_context_user(context) == &mine);
	CHECK(lws_get_vhost_listen_port(vhost) > 0);
	say("second: interface %s", lws_get_vhost_iface(vhost));
	CHECK(lws_get_vhost_by_name(context, "third") == NULL);
	CHECK(wsi_from_fd(context, 0) == NULL);
	CHECK(lws_protocol_init(context) == 0);
	lws_context_destroy(context);
	say("end");
	return 0;
}
