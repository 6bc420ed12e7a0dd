/*
 * A plain http client: what a Retry-After header does to retries, and a multipart
 * form as request body.
 *
 *   client_form_and_retry BUSY_PORT ECHO_PORT
 *
 * The first server answers 503 with "Retry-After: 7"; the second one sends the body
 * and its type back. Expected output: client_form_and_retry.expected
 */
#include "harness.h"

static const uint32_t delays_ms[] = { 100 };
static const lws_retry_bo_t policy = {
	.retry_ms_table = delays_ms,
	.retry_ms_table_count = 1,
	.conceal_count = 1,
	.jitter_percent = 1,
};

static lws_sorted_usec_list_t timer;
static char form[2048], echoed[2048];
static size_t form_len, echoed_len;
static int done;

static void never(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	CHECK(!"the timer is far away");
}

static void retries(struct lws *wsi)
{
	lws_usec_t second = LWS_US_PER_SEC, minute = 60 * LWS_US_PER_SEC;
	uint16_t tries = 0;

	CHECK(lws_http_check_retry_after(wsi, &second) == 0);
	say("retry after %d s", (int)(second / LWS_US_PER_SEC));
	CHECK(lws_http_check_retry_after(wsi, &minute) == 1 && minute == 60 * LWS_US_PER_SEC);
	CHECK(lws_retry_sul_schedule_retry_wsi(wsi, &timer, never, &tries) == 0);
	CHECK(tries == 1 && timer.list.owner != NULL);
	say("retry in more than 6 s: %d", timer.us > lws_now_usecs() + 6 * LWS_US_PER_SEC);
	lws_sul_cancel(&timer);
	say("second try: %d", lws_retry_sul_schedule_retry_wsi(wsi, &timer, never, &tries));
}

/* Writes the whole form to `form`; the parts between the boundaries are ours. */
static void fill_form(struct lws *wsi)
{
	char *p = form, *end = form + sizeof(form), *start;

	CHECK(lws_client_http_multipart(wsi, "text", NULL, NULL, &p, end) == 0);
	p += lws_snprintf(p, lws_ptr_diff_size_t(end, p), "some text");
	CHECK(lws_client_http_multipart(wsi, "file", "a\"b.txt", "text/plain", &p, end) == 0);
	p += lws_snprintf(p, lws_ptr_diff_size_t(end, p), "content");
	start = p;
	CHECK(lws_client_http_multipart(wsi, NULL, NULL, NULL, &p, p + 10) != 0 && p == start);
	CHECK(lws_client_http_multipart(wsi, NULL, NULL, NULL, &p, end) == 0);
	form_len = lws_ptr_diff_size_t(p, form);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	int posting = lws_get_opaque_user_data(wsi) != NULL;
	unsigned char body[LWS_PRE + sizeof(form)];
	unsigned char **p = (unsigned char **)in;
	char chunk[LWS_PRE + 512], type[128];
	char *at = chunk + LWS_PRE;
	int room = 512;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		if (posting) {
			/* The boundary is known: the length can be told. */
			fill_form(wsi);
			*p += lws_snprintf((char *)*p, len, "Content-Length: %d\r\n",
					   (int)form_len);
			lws_client_http_body_pending(wsi, 1);
			lws_callback_on_writable(wsi);
		}
		return 0;

	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		memcpy(body + LWS_PRE, form, form_len);
		CHECK(lws_write(wsi, body + LWS_PRE, form_len, LWS_WRITE_HTTP_FINAL) ==
		      (int)form_len);
		lws_client_http_body_pending(wsi, 0);
		return 0;

	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		say("status %u", lws_http_client_http_response(wsi));
		if (!posting) {
			retries(wsi);
			return 0;
		}
		CHECK(lws_hdr_copy(wsi, type, sizeof(type), WSI_TOKEN_HTTP_CONTENT_TYPE) > 0);
		CHECK(!strncmp(type, "multipart/form-data; boundary=", 30));
		CHECK(!strncmp(form + 4, type + 30, strlen(type + 30)));
		return 0;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &at, &room) < 0 ? -1 : 0;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		CHECK(echoed_len + len <= sizeof(echoed));
		memcpy(echoed + echoed_len, in, len);
		echoed_len += len;
		return 0;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("error %s", in ? (const char *)in : "");
		/* fallthrough */
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		done++;
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "http", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_client_connect_info connect;
	struct lws_context *context;

	CHECK(argc == 3);
	context = make_context(protocols, NULL);
	connect = to_port(context, argv[1], "http");
	connect.method = "GET";
	connect.retry_and_idle_policy = &policy;
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (done < 1 && lws_service(context, 0) >= 0)
		;
	connect = to_port(context, argv[2], "http");
	connect.method = "POST";
	connect.path = "/echo";
	connect.ssl_connection = LCCSCF_HTTP_MULTIPART_MIME;
	connect.opaque_user_data = form;
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (done < 2 && lws_service(context, 0) >= 0)
		;
	say("form came back: %d", echoed_len == form_len && !memcmp(echoed, form, form_len));
	CHECK(strstr(form, "name=\"file\"; filename=\"a%22b.txt\"\r\nContent-Type: "
			   "text/plain\r\n\r\ncontent\r\n--"));
	lws_context_destroy(context);
	return 0;
}
