/*
 * Close codes and texts in both directions, and the limits of lws_close_reason: the
 * text is cut at 123 bytes, a second call replaces the first, no nonzero return means
 * no close.
 *
 *   close_both_ways PORT   (the peer plays four connections)
 *
 * Expected output: close_both_ways.expected
 */
#include "harness.h"

static struct lws_context *context;
static const char *port;
static int number, done;

static void next(void)
{
	if (++number > 4) {
		done = 1;
		return;
	}
	say("connection %d", number);
	CHECK(connect_to(context, port, "close") != NULL);
}

static int close_with(struct lws *wsi, int code, const char *text)
{
	lws_close_reason(wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)text,
			 strlen(text));
	return -1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const unsigned char *p = in;
	char long_text[200];

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "(null)");
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("received %.*s", (int)len, (const char *)in);
		if (number == 1) {
			close_with(wsi, 1008, "this is replaced");
			return close_with(wsi, 3999, "private \xc3\xa9 code");
		}
		if (number == 2) {
			memset(long_text, 'x', sizeof(long_text) - 1);
			long_text[sizeof(long_text) - 1] = 0;
			return close_with(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, long_text);
		}
		close_with(wsi, 1011, "stored, not sent");
		return 0;

	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		if (len < 2)
			say("peer closes without code");
		else
			say("peer closes: %d %.*s", p[0] << 8 | p[1], (int)len - 2,
			    (const char *)p + 2);
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		CHECK(in == NULL && len == 0);
		say("closed");
		next();
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "close", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};

	CHECK(argc == 2);
	port = argv[1];
	context = make_context(protocols, NULL);
	next();
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
