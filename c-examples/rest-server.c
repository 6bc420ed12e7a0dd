/*
 * rest-server: a few notes, read and changed by http methods.
 *
 *   rest-server [--port N]
 *
 *   GET    /notes      all of them, as JSON
 *   POST   /notes      a new one from the body; 201 and its place in "location"
 *   GET    /notes/ID   one of them, as text
 *   PUT    /notes/ID   changed to the body
 *   DELETE /notes/ID   gone
 *
 * Shown: telling methods apart, bodies that come in pieces, a limit for them, own
 * header lines and status codes, answers written when the connection is ready.
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 8000
 *   POST /notes 201
 *   GET /notes 200
 *   stopped
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 32
#define NOTE_BYTES 1000

static char *notes[NOTES_MAX];

/* One request. The library makes it for each transaction and fills it with zeros. */
struct session {
	int method; /* LWSHUMETH_* */
	char path[64];
	char body[NOTE_BYTES + 1];
	size_t body_len;
	int is_too_long;
	int is_answered;

	/* the answer */
	int status;
	char location[32];
	char *text; /* LWS_PRE bytes, then the text */
	size_t text_len;
};

static volatile sig_atomic_t stopping;
static struct lws_context *context;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

/* Appends to the answer. */
static void add(struct session *s, const char *text, size_t len)
{
	char *more = realloc(s->text, LWS_PRE + s->text_len + len);

	if (!more)
		return;
	memcpy(more + LWS_PRE + s->text_len, text, len);
	s->text = more;
	s->text_len += len;
}

static void add_json_string(struct session *s, const char *text)
{
	char escaped[NOTE_BYTES * 6 + 1];
	int used = (int)strlen(text);

	lws_json_purify(escaped, text, sizeof(escaped), &used);
	add(s, "\"", 1);
	add(s, escaped, strlen(escaped));
	add(s, "\"", 1);
}

static void list_notes(struct session *s)
{
	char number[32];
	int n, count = 0;

	add(s, "[", 1);
	for (n = 0; n < NOTES_MAX; n++)
		if (notes[n]) {
			int len = lws_snprintf(number, sizeof(number), "%s{\"id\":%d,\"text\":",
					       count++ ? "," : "", n + 1);

			add(s, number, (size_t)len);
			add_json_string(s, notes[n]);
			add(s, "}", 1);
		}
	add(s, "]\n", 2);
}

static int add_note(struct session *s)
{
	int n;

	for (n = 0; n < NOTES_MAX && notes[n]; n++)
		;
	if (n == NOTES_MAX)
		return HTTP_STATUS_SERVICE_UNAVAILABLE;
	notes[n] = strdup(s->body);
	lws_snprintf(s->location, sizeof(s->location), "/notes/%d", n + 1);
	return 201;
}

/* Does what is asked for. Returns the status. */
static int carry_out(struct session *s)
{
	int id;

	if (s->is_too_long)
		return HTTP_STATUS_REQ_ENTITY_TOO_LARGE;
	if (!strcmp(s->path, "/notes")) {
		if (s->method == LWSHUMETH_POST)
			return add_note(s);
		if (s->method != LWSHUMETH_GET && s->method != LWSHUMETH_HEAD)
			return HTTP_STATUS_METHOD_NOT_ALLOWED;
		list_notes(s);
		return HTTP_STATUS_OK;
	}
	if (sscanf(s->path, "/notes/%d", &id) != 1 || id < 1 || id > NOTES_MAX || !notes[id - 1])
		return HTTP_STATUS_NOT_FOUND;
	switch (s->method) {
	case LWSHUMETH_GET:
	case LWSHUMETH_HEAD:
		add(s, notes[id - 1], strlen(notes[id - 1]));
		return HTTP_STATUS_OK;
	case LWSHUMETH_PUT:
		free(notes[id - 1]);
		notes[id - 1] = strdup(s->body);
		return HTTP_STATUS_OK;
	case LWSHUMETH_DELETE:
		free(notes[id - 1]);
		notes[id - 1] = NULL;
		return HTTP_STATUS_OK;
	default:
		return HTTP_STATUS_METHOD_NOT_ALLOWED;
	}
}

static int write_head(struct lws *wsi, struct session *s)
{
	unsigned char buffer[LWS_PRE + 1024], *start = buffer + LWS_PRE, *p = start;
	unsigned char *end = buffer + sizeof(buffer) - 1;
	const char *type = !strcmp(s->path, "/notes") ? "application/json" : "text/plain";

	if (lws_add_http_common_headers(wsi, (unsigned int)s->status, type,
					(lws_filepos_t)s->text_len, &p, end))
		return -1;
	if (s->location[0] &&
	    lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_LOCATION, (unsigned char *)s->location,
					 (int)strlen(s->location), &p, end))
		return -1;
	return lws_finalize_write_http_header(wsi, start, &p, end);
}

/* The request is complete: works on it; the answer goes out when there is room. */
static int answer(struct lws *wsi, struct session *s)
{
	static const char *const methods[] = { "GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE" };

	s->status = carry_out(s);
	printf("%s %s %d\n",
	       s->method >= 0 && s->method < (int)LWS_ARRAY_SIZE(methods) ? methods[s->method] : "?",
	       s->path, s->status);
	if (write_head(wsi, s))
		return -1;
	if (s->method == LWSHUMETH_HEAD || !s->text_len)
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	lws_callback_on_writable(wsi);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct session *s = user;
	char *uri;
	int uri_len;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		s->method = lws_http_get_uri_and_method(wsi, &uri, &uri_len);
		lws_strncpy(s->path, in, sizeof(s->path));
		if (s->method == LWSHUMETH_POST || s->method == LWSHUMETH_PUT)
			return 0; /* the body comes with the next callbacks */
		s->is_answered = 1;
		return answer(wsi, s);

	case LWS_CALLBACK_HTTP_BODY:
		if (s->body_len + len > NOTE_BYTES) {
			s->is_too_long = 1;
			return 0;
		}
		if (len)
			memcpy(s->body + s->body_len, in, len);
		s->body_len += len;
		return 0;

	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		/* Any request may have a body: it is answered once all the same. */
		return s->is_answered ? 0 : answer(wsi, s);

	case LWS_CALLBACK_HTTP_WRITEABLE:
		if (!s || !s->text_len)
			return 0;
		if (lws_write(wsi, (unsigned char *)s->text + LWS_PRE, s->text_len,
			      LWS_WRITE_HTTP_FINAL) < 0)
			return -1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;

	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		/* The session ends, with the transaction or the connection. */
		if (s) {
			free(s->text);
			s->text = NULL;
			s->text_len = 0;
		}
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "notes", on_event, sizeof(struct session), 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	int n = 0;

	memset(&info, 0, sizeof(info));
	info.port = argc == 3 && !strcmp(argv[1], "--port") ? atoi(argv[2]) : 8000;
	info.protocols = protocols;
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);

	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "cannot listen on port %d\n", info.port);
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	printf("listening on port %d\n",
	       lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));

	while (n >= 0 && !stopping)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	for (n = 0; n < NOTES_MAX; n++)
		free(notes[n]);
	printf("stopped\n");
	return 0;
}
