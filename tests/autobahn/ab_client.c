/*
 * ab_client: the client that the Autobahn cases are run against. It asks the runner
 * for the number of cases, echoes in one connection per case until that closes, and
 * tells the runner to write its report.
 *
 *   ab_client PORT
 *
 * Expected output: "N cases" at the start, "report written" at the end.
 */
#include "harness.h"

/* One received message; sent back when it is whole. */
struct session {
	unsigned char *message; /* LWS_PRE bytes, then the payload */
	size_t len, room;
	int is_binary;
	struct reply *head, **tail;
};

struct reply {
	struct reply *next;
	unsigned char *message;
	size_t len;
	int is_binary;
};

static struct lws_context *context;
static const char *port;
static int number = -1, cases, done; /* number: -1 count, 1..cases, cases + 1 report */

static void next(void)
{
	struct lws_client_connect_info info = to_port(context, port, "autobahn");
	char path[128];

	if (++number == 0)
		strcpy(path, "/getCaseCount");
	else if (number <= cases)
		snprintf(path, sizeof(path), "/runCase?case=%d&agent=client", number);
	else if (number == cases + 1)
		strcpy(path, "/updateReports?agent=client");
	else {
		say("report written");
		done = 1;
		return;
	}
	info.path = path;
	CHECK(lws_client_connect_via_info(&info) != NULL);
}

static int collect(struct lws *wsi, struct session *s, const void *in, size_t len)
{
	struct reply *reply;

	if (lws_is_first_fragment(wsi))
		s->is_binary = lws_frame_is_binary(wsi);
	if (LWS_PRE + s->len + len > s->room) {
		unsigned char *more;

		s->room = (LWS_PRE + s->len + len) * 2;
		more = realloc(s->message, s->room);
		if (!more)
			return -1;
		s->message = more;
	}
	if (len)
		memcpy(s->message + LWS_PRE + s->len, in, len);
	s->len += len;
	if (!lws_is_final_fragment(wsi))
		return 0;

	reply = malloc(sizeof(*reply));
	if (!reply)
		return -1;
	reply->next = NULL;
	reply->message = s->message;
	reply->len = s->len;
	reply->is_binary = s->is_binary;
	*s->tail = reply;
	s->tail = &reply->next;
	s->message = NULL;
	s->len = s->room = 0;
	lws_callback_on_writable(wsi);
	return 0;
}

static void drop(struct session *s)
{
	struct reply *reply;

	while ((reply = s->head)) {
		s->head = reply->next;
		free(reply->message);
		free(reply);
	}
	s->tail = &s->head;
	free(s->message);
	s->message = NULL;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct session *s = user;
	struct reply *reply;
	int n;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("%d: connection failed: %s", number, in ? (const char *)in : "no reason given");
		CHECK(number > 0);
		next();
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		s->tail = &s->head;
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (number)
			return collect(wsi, s, in, len);
		cases = atoi(in);
		say("%d cases", cases);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		reply = s->head;
		if (!reply)
			return 0;
		s->head = reply->next;
		if (!s->head)
			s->tail = &s->head;
		n = lws_write(wsi, reply->message + LWS_PRE, reply->len,
			      reply->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
		free(reply->message);
		free(reply);
		if (n < 0)
			return -1;
		if (s->head)
			lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_CLOSED:
		drop(s);
		next();
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "autobahn", on_event, sizeof(struct session), 65536, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static const struct lws_extension extensions[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate,
		  "permessage-deflate; client_no_context_takeover; client_max_window_bits" },
		{ NULL, NULL, NULL },
	};
	struct lws_context_creation_info info;

	CHECK(argc == 2);
	port = argv[1];
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.extensions = extensions;
	info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	next();
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
	return 0;
}
