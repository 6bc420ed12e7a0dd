/*
 * Only oxlws: lws_write may be called any number of times, anywhere, with any
 * buffer: all messages arrive in order, the bytes before and in the buffer stay as
 * they were, and each call returns its length.
 *
 * Sends 2000 messages of growing size in one WRITEABLE callback, straight from
 * read-only memory and from the middle of an array with guard bytes.
 *
 * Expected output: ws_write_any_number.expected
 */
#include "harness.h"

#define MESSAGES 2000

static int done, sent;

static void send_many(struct lws *wsi)
{
	static unsigned char array[64 + 4000 + 64];
	static unsigned char before[sizeof(array)];
	int i;

	for (i = 0; i < MESSAGES; i++) {
		size_t len = (size_t)(i * 2);

		memset(array, 0xa5, sizeof(array));
		memset(array + 64, 'a' + i % 26, len);
		memcpy(before, array, sizeof(array));
		CHECK(lws_write(wsi, array + 64, len, LWS_WRITE_TEXT) == (int)len);
		CHECK(!memcmp(before, array, sizeof(array)));
	}
	/* No LWS_PRE bytes before a literal, and it cannot be written to. */
	CHECK(lws_write(wsi, (unsigned char *)(uintptr_t) "the end", 7, LWS_WRITE_TEXT) == 7);
	say("sent %d messages in one callback, no buffer changed", MESSAGES + 1);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (!sent++)
			send_many(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("received %.*s", (int)len, (const char *)in);
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		done = 1;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "writes", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	CHECK(argc == 2);
	CHECK(connect_to(context, argv[1], "writes") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
