/*
 * One message of 16 MiB in each direction, over ws or wss: every byte arrives.
 *
 *   ws_huge_messages PORT [CA_FILE]
 *
 * Expected output: ws_huge_messages*.expected
 */
#include "harness.h"

#define SIZE ((size_t)16 << 20)

static int done, sent;
static size_t received;

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 2654435761u >> 13);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const unsigned char *p = in;
	unsigned char *buffer;
	size_t i;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("failed: %s", in ? (const char *)in : "(null)");
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (sent++)
			return 0;
		buffer = malloc(LWS_PRE + SIZE);
		CHECK(buffer != NULL);
		for (i = 0; i < SIZE; i++)
			buffer[LWS_PRE + i] = byte_at(i);
		CHECK(lws_write(wsi, buffer + LWS_PRE, SIZE, LWS_WRITE_BINARY) == (int)SIZE);
		free(buffer);
		say("sent %zu bytes with one lws_write", SIZE);
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(lws_frame_is_binary(wsi));
		for (i = 0; i < len; i++)
			CHECK(p[i] == byte_at(received + i));
		received += len;
		if (!lws_is_final_fragment(wsi))
			return 0;
		CHECK(received == SIZE);
		say("received %zu bytes, all right", received);
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
		{ "huge", on_event, 8, 65536, 0, NULL, 65536 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;

	CHECK(argc >= 2);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = argv[2];
	context = lws_create_context(&info);
	CHECK(context != NULL);
	connect = to_port(context, argv[1], "huge");
	if (argv[2]) {
		connect.address = connect.host = "localhost";
		connect.ssl_connection = LCCSCF_USE_SSL;
	}
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
