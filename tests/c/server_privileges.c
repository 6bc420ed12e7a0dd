/*
 * Whose the process is: a user named by number or name, when it is taken on, and
 * the capabilities that stay. Needs root; it is skipped without.
 *
 *   default    with the vhost of the context: inside lws_create_context()
 *   explicit   with LWS_SERVER_OPTION_EXPLICIT_VHOSTS: behind the first PROTOCOL_INIT
 *   finalize   the same, by lws_finalize_startup()
 *   caps       one of the first kind that keeps two capabilities
 */
#include "harness.h"

static void show(const char *when)
{
	unsigned long long effective = 0;
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	CHECK(file != NULL);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "CapEff:", 7))
			effective = strtoull(line + 7, NULL, 16);
	fclose(file);
	say("%s: user %s, group %s, binds low ports %d, is a chief %d", when,
	    geteuid() == 65534 ? "nobody" : "root", getegid() == 65534 ? "nobody's" : "root's",
	    (int)(effective >> 10 & 1), (int)(effective >> 21 & 1));
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)wsi;
	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_PROTOCOL_INIT)
		show("PROTOCOL_INIT");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "http", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	const char *mode = argc > 1 ? argv[1] : "";
	struct lws_context_creation_info info;
	struct lws_context *context;

	if (getuid())
		return 77;
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.port = CONTEXT_PORT_NO_LISTEN;
	if (!strcmp(mode, "caps")) {
		info.caps[0] = 10; /* CAP_NET_BIND_SERVICE */
		info.caps[1] = 12; /* CAP_NET_ADMIN */
		info.count_caps = 2;
	}
	if (!strcmp(mode, "default")) {
		info.username = "nobody";
		info.gid = 65534;
	} else {
		info.uid = info.gid = 65534;
	}
	if (!strcmp(mode, "explicit") || !strcmp(mode, "finalize"))
		info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	show("created");
	if (info.options) {
		CHECK(lws_create_vhost(context, &info) != NULL);
		show("with a vhost");
		if (!strcmp(mode, "finalize")) {
			CHECK(!lws_finalize_startup(context));
			show("finalized");
		}
	}
	CHECK(lws_service(context, -1) >= 0);
	show("serviced");
	lws_context_destroy(context);
	return 0;
}
