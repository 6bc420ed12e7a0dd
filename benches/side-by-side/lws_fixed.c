/* A fixed amount of work inside one context, so that its instructions can be counted and compared between two builds.
 *
 * lws_fixed PORT messages N BYTES INFLIGHT    a client of the context sends N messages to its server, which echoes each
 * lws_fixed PORT connects N                   N times connect, upgrade, echo one message, close
 *
 * Prints: fixed what=.. n=N
 */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST 65536

struct session { size_t queued; };

static struct lws_context *cx;
static unsigned char out[LWS_PRE + LARGEST], answer[LWS_PRE + LARGEST];
static size_t wanted, bytes = 16, inflight = 1, sent, answered, part;
static int port, connects, failed, over;

static void connect_now(void)
{
	struct lws_client_connect_info info;

	memset(&info, 0, sizeof info);
	info.context = cx;
	info.address = info.host = info.origin = "127.0.0.1";
	info.port = port;
	info.path = "/";
	info.protocol = info.local_protocol_name = "fixed";
	if (!lws_client_connect_via_info(&info))
		failed = 1;
}

/* All messages are alike, so the server only counts what it owes. */
static int serve(struct lws *wsi, enum lws_callback_reasons reason, struct session *s)
{
	if (reason == LWS_CALLBACK_RECEIVE) {
		if (lws_is_final_fragment(wsi)) {
			s->queued++;
			lws_callback_on_writable(wsi);
		}
	} else if (reason == LWS_CALLBACK_SERVER_WRITEABLE && s->queued) {
		if (lws_write(wsi, answer + LWS_PRE, bytes, LWS_WRITE_BINARY) < (int)bytes)
			return -1;
		if (--s->queued)
			lws_callback_on_writable(wsi);
	}
	return 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)in;
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return serve(wsi, reason, user);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (sent < wanted && sent - answered < inflight) {
			if (lws_write(wsi, out + LWS_PRE, bytes, LWS_WRITE_BINARY) < (int)bytes)
				return -1;
			sent++;
			lws_callback_on_writable(wsi);
		}
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		part += len;
		if (!lws_is_final_fragment(wsi))
			break;
		failed |= part != bytes;
		part = 0;
		answered++;
		if (connects)
			return -1;
		if (answered == wanted)
			over = 1;
		else
			lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		if (!connects)
			break;
		if (answered == wanted)
			over = 1;
		else
			connect_now();
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		failed = 1;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "fixed", callback, sizeof(struct session), LARGEST, 0, NULL, 0 }, { NULL, NULL, 0, 0, 0, NULL, 0 }
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;

	if (argc < 4)
		return 2;
	port = atoi(argv[1]);
	connects = !strcmp(argv[2], "connects");
	wanted = (size_t)atol(argv[3]);
	if (argc > 4)
		bytes = (size_t)atol(argv[4]);
	if (argc > 5)
		inflight = (size_t)atol(argv[5]);
	if (!wanted || !bytes || bytes > LARGEST || !inflight)
		return 2;
	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof info);
	info.port = port;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	connect_now();
	while (!over && !failed && lws_service(cx, 0) >= 0)
		;
	lws_context_destroy(cx);
	if (failed || answered != wanted)
		return 1;
	printf("fixed what=%s n=%zu\n", argv[2], wanted);
	return 0;
}
