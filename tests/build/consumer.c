/*
 * consumer: the smallest program that needs the library at compile time, link time
 * and run time. Built in every way that programs find libwebsockets.
 *
 * Expected output: the version of the library, e.g. "4.3.5-unknown ok".
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "consumer", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_context *context;

	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	context = lws_create_context(&info);
	if (!context)
		return 1;
	lws_context_destroy(context);

	/* The library may put its own mark behind the version. */
	printf("%s %s\n", LWS_LIBRARY_VERSION,
	       strncmp(lws_get_library_version(), LWS_LIBRARY_VERSION, strlen("4.1.6")) ? "differs"
											: "ok");
	return 0;
}
