/*
 * consumer.cpp: the header in C++, from C++98 on, and a callback that is a C++
 * function. Prints the same as consumer.c.
 */
#include <libwebsockets.h>
#include <cstdio>
#include <cstring>

namespace
{

int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

} // namespace

int main()
{
	lws_protocols protocols[2];
	lws_context_creation_info info;

	std::memset(protocols, 0, sizeof(protocols));
	protocols[0].name = "consumer";
	protocols[0].callback = on_event;
	std::memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	lws_set_log_level(LLL_ERR, NULL);

	lws_context *context = lws_create_context(&info);
	if (!context)
		return 1;
	lws_context_destroy(context);
	std::printf("%s ok\n", LWS_LIBRARY_VERSION);
	return 0;
}
