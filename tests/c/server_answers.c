/*
 * Answers whose body is not what their head says: what follows one must never be taken for the next
 * answer on the connection. Too much is not sent, too little ends the connection, and the log says
 * so ("warn: ...", "info: ..." below).
 *
 * Paths: /raw/N is answered with the N-th of the texts below, then the transaction is completed;
 * /page/CODE by lws_return_http_status; /late is answered, then twice more behind the end of the
 * transaction; /forgot is called complete and answered then. Everything that is no such path is
 * "ok". Upgrades are answered with 403 by the program.
 */
#include "server.h"

static const char *const answers[] = {
	"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef",
	"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nmore",
	"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
	"HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\nbody",
	"HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\nbody",
	"HTTP/1.1 200 OK\r\nx-a: b\r\n\r\nall there is",
	"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbye",
	"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
	"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok",
	"HTTP/1.1 101 Own\r\nupgrade: own\r\n\r\nown",
	"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
	"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
};

#define ANSWER(status) "HTTP/1.1 " status "\r\ncontent-length: 2\r\n\r\nok"

static void on_log(int level, const char *line)
{
	const char *text, *name = level & LLL_WARN ? "warn" : level & LLL_NOTICE ? "notice" : "info";

	/* Behind the time, the function's name. */
	if ((text = strstr(line, "lws_write: ")) ||
	    (text = strstr(line, "lws_http_transaction_completed: ")))
		printf("%s: %s", name, text);
}

/* In pieces of three bytes, which a program may do. */
static int write_all(struct lws *wsi, const char *text)
{
	unsigned char buffer[LWS_PRE + 3];
	size_t len = strlen(text), piece;

	for (; len; len -= piece, text += piece) {
		piece = len < 3 ? len : 3;
		memcpy(buffer + LWS_PRE, text, piece);
		if (lws_write(wsi, buffer + LWS_PRE, piece, LWS_WRITE_HTTP) != (int)piece)
			return -1;
	}
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	unsigned int n;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		say("HTTP %s", (const char *)in);
		if (sscanf(in, "/page/%u", &n) == 1) {
			if (lws_return_http_status(wsi, n, NULL))
				return -1;
		} else if (sscanf(in, "/raw/%u", &n) == 1 && n < LWS_ARRAY_SIZE(answers)) {
			if (write_all(wsi, answers[n]))
				return -1;
		} else if (!strcmp(in, "/late")) {
			if (write_all(wsi, ANSWER("200 OK")) || lws_http_transaction_completed(wsi) ||
			    write_all(wsi, ANSWER("200 Forged")))
				return -1;
			say("status: %d", lws_return_http_status(wsi, 404, NULL));
			return 0;
		} else if (!strcmp(in, "/forgot")) {
			say("completed: %d", lws_http_transaction_completed(wsi));
			return write_all(wsi, ANSWER("200 OK"));
		} else {
			return answer_text(wsi, HTTP_STATUS_OK, "ok\n");
		}
		n = (unsigned int)lws_http_transaction_completed(wsi);
		say("completed: %u", n);
		return n ? -1 : 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		/* The answer to a request that is no transaction yet. */
		return write_all(wsi, ANSWER("403 Forbidden")) ? -1 : 1;
	case LWS_CALLBACK_CLOSED_HTTP:
		say("CLOSED_HTTP");
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "http", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_context *context;

	server_info(&info, protocols);
	lws_set_log_level(LLL_WARN | LLL_NOTICE | LLL_INFO, on_log);
	context = lws_create_context(&info);
	return serve(context, port_of(context, "default"));
}
