/*
 * A nonzero return at CLIENT_ESTABLISHED refuses the connection: CONNECTION_ERROR
 * with a text that begins as in the original; oxlws adds the name of the protocol
 * and the value, so that a forgotten `return 0` is found at once.
 *
 * Expected output: client_nonzero_established.expected
 */
#include "harness.h"

#define PREFIX "HS: Rejected at CLIENT_ESTABLISHED"

static int done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const char *name = reason_name(reason);

	(void)wsi;
	(void)user;
	if (name && reason != LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		say("%s", name);

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return -8388607; /* what an uninitialised variable may hold */

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(in != NULL && len >= strlen(PREFIX));
		say("%s: %.*s", name, (int)strlen(PREFIX), (const char *)in);
#ifndef ORACLE
		CHECK(strlen((const char *)in) >= len); /* what is added stands behind len */
		CHECK(strstr((const char *)in, "'chat'") != NULL);
		CHECK(strstr((const char *)in, "-8388607") != NULL);
#endif
		return 0;

	case LWS_CALLBACK_WSI_DESTROY:
		done = 1;
		return 0;

	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "chat", on_event, 16, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	CHECK(argc == 2);
	CHECK(connect_to(context, argv[1], "chat") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
