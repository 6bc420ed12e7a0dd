/* A context in a loop of libuv: prints whether there is one. */
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

static const struct lws_protocols protocols[] = {
	{ "none", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_context *context;

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_LIBUV;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	context = lws_create_context(&info);
	if (!context) {
		printf("no loop of libuv\n");
		return 1;
	}
	lws_context_destroy(context);
	printf("a loop of libuv ok\n");
	return 0;
}
