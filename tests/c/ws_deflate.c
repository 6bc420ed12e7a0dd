/*
 * permessage-deflate: negotiated, messages of all kinds come back as they were, the
 * uncompressed length is what lws_write returns.
 *
 * Expected output: ws_deflate.expected
 */
#include "harness.h"

static const size_t sizes[] = { 0, 1, 125, 126, 4096, 65535, 65536, 300000 };
static unsigned int which, sent;
static size_t received;
static unsigned char message[LWS_PRE + 300000];
static int done;

/* The first half compresses well, the second not at all. */
static void compose(size_t len)
{
	size_t i;
	unsigned int r = (unsigned int)len + 1;

	for (i = 0; i < len; i++) {
		r = r * 1664525u + 1013904223u;
		message[LWS_PRE + i] =
			i < len / 2 ? (unsigned char)('a' + i % 5) : (unsigned char)(r >> 24);
	}
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	size_t size = which < LWS_ARRAY_SIZE(sizes) ? sizes[which] : 0;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (sent > which)
			return 0;
		sent++;
		compose(size);
		CHECK(lws_write(wsi, message + LWS_PRE, size, LWS_WRITE_BINARY) == (int)size);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (!received)
			compose(size); /* lws_write may have changed it */
		CHECK(received + len <= size);
		CHECK(!memcmp(message + LWS_PRE + received, in, len));
		received += len;
		if (!lws_is_final_fragment(wsi))
			return 0;
		CHECK(received == size);
		say("%zu bytes came back", size);
		received = 0;
		if (++which == LWS_ARRAY_SIZE(sizes))
			return close_normally(wsi);
		lws_callback_on_writable(wsi);
		return 0;

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
		{ "deflate", on_event, 8, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static const struct lws_extension extensions[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate,
		  "permessage-deflate; client_no_context_takeover; client_max_window_bits" },
		{ NULL, NULL, NULL },
	};
	struct lws_context_creation_info info;
	struct lws_context *context;

	CHECK(argc == 2);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.extensions = extensions;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	CHECK(connect_to(context, argv[1], "deflate") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
