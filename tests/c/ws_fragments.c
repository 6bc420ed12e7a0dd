/*
 * Fragmented messages in both directions: the types with LWS_WRITE_NO_FIN, the flags
 * of lws_write_ws_flags, and what the fragment getters say while receiving, a control
 * frame between the fragments and an empty last fragment included.
 *
 * Expected output: ws_fragments.expected
 */
#include "harness.h"

static int step, done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	static const char *const parts[] = { "un", "deux", "trois" };
	unsigned char buffer[LWS_PRE + 16];
	size_t n;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (step >= 3)
			return 0;
		n = strlen(parts[step]);
		memcpy(buffer + LWS_PRE, parts[step], n);
		CHECK(lws_write(wsi, buffer + LWS_PRE, n,
				(enum lws_write_protocol)lws_write_ws_flags(
					LWS_WRITE_BINARY, step == 0, step == 2)) == (int)n);
		if (++step < 3)
			lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		say("\"%.*s\" first %d final %d binary %d remaining %zu", (int)len,
		    (const char *)in, !!lws_is_first_fragment(wsi), !!lws_is_final_fragment(wsi),
		    !!lws_frame_is_binary(wsi), lws_remaining_packet_payload(wsi));
		if (lws_is_final_fragment(wsi) && lws_frame_is_binary(wsi))
			return close_normally(wsi);
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
		{ "fragments", on_event, 8, 16, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	CHECK(argc == 2);
	CHECK(connect_to(context, argv[1], "fragments") != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
