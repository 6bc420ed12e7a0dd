/*
 * oxlws.h: limits of messages and bodies, on servers and on clients. One context: the
 * vhost "limited" serves, and allows messages of 100 and bodies of 1000 bytes; the vhost
 * "free" has the clients that try it; "careful" has clients with the same limits.
 *
 * Expected output: oxlws_limits.expected
 */
#include "harness.h"
#include <oxlws.h>

enum { MESSAGE = 100, BODY = 1000 };

static struct lws_context *context;
static struct lws_vhost *limited, *free_vhost, *careful;
static int port, done, deflates;
static unsigned char block[LWS_PRE + 4 * BODY];

/* What the client does when it is established: so many bytes, in so many frames. */
static size_t to_send, frames;
static const char *raw_request;

static int send_message(struct lws *wsi)
{
	size_t i, part = to_send / frames;

	for (i = 0; i < frames; i++) {
		size_t n = i + 1 == frames ? to_send - i * part : part;
		int kind = lws_write_ws_flags(LWS_WRITE_BINARY, i == 0, i + 1 == frames);

		CHECK(lws_write(wsi, block + LWS_PRE, n, (enum lws_write_protocol)kind) == (int)n);
	}
	return 0;
}

/* The server: messages come back; bodies are counted; on the path of a request, N bytes or N in chunks. */
static int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	unsigned char room[LWS_PRE + 4 * BODY], *start = room + LWS_PRE, *p = start, *end = room + sizeof(room) - 1;
	size_t *count = user;
	unsigned long n;
	int chunked;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		*count = 0;
		return 0;
	case LWS_CALLBACK_RECEIVE:
		*count += len;
		if (lws_is_final_fragment(wsi)) {
			say("  server: message of %zu", *count);
			/* to those that count theirs: one byte more */
			if (*count == 1)
				*count = MESSAGE + 1;
			CHECK(lws_write(wsi, block + LWS_PRE, *count, LWS_WRITE_BINARY) == (int)*count);
			*count = 0;
		}
		return 0;
	case LWS_CALLBACK_HTTP:
		if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI)) {
			*count = 0;
			return 0;
		}
		chunked = !strncmp(in, "/chunked/", 9);
		n = strtoul((const char *)in + (chunked ? 9 : 1), NULL, 10);
		if (lws_add_http_header_status(wsi, 200, &p, end) ||
		    (chunked ? lws_add_http_header_by_name(wsi, (const unsigned char *)"transfer-encoding:",
							   (const unsigned char *)"chunked", 7, &p, end)
			     : lws_add_http_header_content_length(wsi, n, &p, end)) ||
		    lws_finalize_write_http_header(wsi, start, &p, end))
			return -1;
		p = start;
		if (chunked)
			p += sprintf((char *)p, "%lx\r\n", n);
		memset(p, 'x', n);
		p += n;
		if (chunked)
			p += sprintf((char *)p, "\r\n0\r\n\r\n");
		if (lws_write(wsi, start, (size_t)(p - start), LWS_WRITE_HTTP_FINAL) < 0)
			return -1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	case LWS_CALLBACK_HTTP_BODY:
		*count += len;
		CHECK(*count <= BODY);
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		say("  server: body of %zu", *count);
		if (lws_add_http_header_status(wsi, 200, &p, end) ||
		    lws_add_http_header_content_length(wsi, 0, &p, end) ||
		    lws_finalize_write_http_header(wsi, start, &p, end))
			return -1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	default:
		return 0;
	}
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct oxlws_ended why;
	char line[64], buffer[LWS_PRE + 300], *p = buffer + LWS_PRE;
	size_t *count = user;
	int room = 300;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		*count = 0;
		return send_message(wsi);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		*count += len;
		if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
			return 0;
		say("  client: message of %zu", *count);
		return close_normally(wsi);
	case LWS_CALLBACK_CLIENT_CLOSED:
		CHECK(oxlws_wsi_ended(wsi, &why, sizeof(why)) == 1);
		say("  closed by %s, %d", why.by == OXLWS_ENDED_BY_PEER ? "the server" : "the client", why.close_code);
		done = 1;
		return 0;
	case LWS_CALLBACK_RAW_CONNECTED:
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_RAW_WRITEABLE:
		if (raw_request) {
			len = strlen(raw_request);
			memcpy(block + LWS_PRE, raw_request, len);
			raw_request = NULL;
			CHECK(lws_write(wsi, block + LWS_PRE, len, LWS_WRITE_RAW) == (int)len);
		}
		return 0;
	case LWS_CALLBACK_RAW_RX:
		lws_snprintf(line, sizeof(line), "%.*s", (int)strcspn(in, "\r"), (const char *)in);
		say("  %s", line);
		return -1;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		say("  ended");
		done = 1;
		return 0;
	case LWS_CALLBACK_RAW_CLOSE:
		done = 1;
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("  error: %.*s", (int)len, in ? (const char *)in : "");
		done = 1;
		return 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &p, &room) < 0 ? -1 : 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		return 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		say("  complete");
		return -1;
	default:
		return 0;
	}
}

static void run(struct lws_vhost *vhost, const char *method, const char *path)
{
	struct lws_client_connect_info info;

	memset(&info, 0, sizeof(info));
	info.context = context;
	info.vhost = vhost;
	info.address = info.host = "127.0.0.1";
	info.port = port;
	info.path = path;
	info.method = method;
	info.protocol = method ? NULL : "test";
	info.local_protocol_name = "test";
	done = 0;
	CHECK(lws_client_connect_via_info(&info) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
}

static void message(struct lws_vhost *vhost, size_t bytes, size_t in_frames)
{
	say("message of %zu in %zu frames%s", bytes, in_frames, deflates ? ", deflated" : "");
	to_send = bytes;
	frames = in_frames;
	run(vhost, NULL, "/");
}

static void post(const char *head, size_t body)
{
	static char request[8 * BODY];
	int n = sprintf(request, "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", head);

	say("POST, %.*s%s", (int)strcspn(head, "\r"), head, strstr(head, "1f5") ? ", one byte more" : "");
	memset(request + n, 'b', body);
	request[n + (int)body] = '\0';
	raw_request = request;
	run(free_vhost, "RAW", "/");
}

static void get(const char *path)
{
	say("GET %s", path);
	run(careful, "GET", path);
}

static struct lws_vhost *make_vhost(const char *name, int listen_port, lws_callback_function *callback)
{
	static const struct lws_extension extensions[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate" }, { NULL, NULL, NULL }
	};
	static struct lws_protocols protocols[8];
	static int used;
	struct lws_context_creation_info info;
	struct lws_protocols *mine = &protocols[used];
	struct lws_vhost *vhost;

	used += 2;
	mine->name = "test";
	mine->callback = callback;
	mine->per_session_data_size = sizeof(size_t);
	memset(&info, 0, sizeof(info));
	info.port = listen_port;
	info.iface = "127.0.0.1";
	info.vhost_name = name;
	info.protocols = mine;
	if (strcmp(name, "careful"))
		info.extensions = extensions;
	vhost = lws_create_vhost(context, &info);
	CHECK(vhost != NULL);
	return vhost;
}

int main(void)
{
	static const struct lws_protocols none[] = { { NULL, NULL, 0, 0, 0, NULL, 0 } };
	struct lws_context_creation_info info;
	char chunks[3 * BODY];

	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = none;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	limited = make_vhost("limited", 0, on_server);
	free_vhost = make_vhost("free", CONTEXT_PORT_NO_LISTEN, on_client);
	careful = make_vhost("careful", CONTEXT_PORT_NO_LISTEN, on_client);
	port = lws_get_vhost_listen_port(limited);
	CHECK(oxlws_vhost_set_limit(limited, 99, 1) == -1 && oxlws_vhost_set_limit(NULL, OXLWS_LIMIT_BODY, 1) == -1);

	say("no limit");
	message(careful, 2 * MESSAGE, 1);
	CHECK(!oxlws_vhost_set_limit(limited, OXLWS_LIMIT_MESSAGE, MESSAGE));
	CHECK(!oxlws_vhost_set_limit(limited, OXLWS_LIMIT_BODY, BODY));
	message(careful, MESSAGE, 1);
	message(careful, MESSAGE + 1, 1);
	message(careful, MESSAGE, 3);
	message(careful, MESSAGE + 1, 3);
	deflates = 1;
	message(free_vhost, MESSAGE, 1);
	message(free_vhost, MESSAGE + 1, 1);
	deflates = 0;

	post("Content-Length: 1000", BODY);
	post("Content-Length: 1001", 0);
	sprintf(chunks, "Transfer-Encoding: chunked\r\n\r\n1f4\r\n%0500d\r\n1f4\r\n%0500d\r\n0", 1, 2);
	post(chunks, 0);
	sprintf(chunks, "Transfer-Encoding: chunked\r\n\r\n1f4\r\n%0500d\r\n1f5\r\n%0501d\r\n0", 1, 2);
	post(chunks, 0);

	CHECK(!oxlws_vhost_set_limit(limited, OXLWS_LIMIT_MESSAGE, 0));
	CHECK(!oxlws_vhost_set_limit(careful, OXLWS_LIMIT_MESSAGE, MESSAGE));
	CHECK(!oxlws_vhost_set_limit(careful, OXLWS_LIMIT_BODY, BODY));
	say("clients that are careful");
	message(careful, MESSAGE, 1);
	message(careful, 1, 1);
	get("/1000");
	get("/1001");
	get("/chunked/1000");
	get("/chunked/1001");
	lws_context_destroy(context);
	return 0;
}
