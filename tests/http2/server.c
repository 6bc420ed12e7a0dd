/*
 * The server that run.py speaks http/2 (and, for comparison, http/1.1) with.
 *
 *     server [--cert FILE --key FILE] [--files DIR] [--prior] [--alpn LIST] [--timeout SECS] [--head-timeout SECS]
 *            [--long-poll] [--origin HOST:PORT/] [--unix PATH] [--libuv] [--poll]
 *
 * Prints "READY port", then one line per callback of a connection: its number,
 * the name of the reason and, where it has one, the text. It ends with stdin.
 */
#include <libwebsockets.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session {
	char path[64];
	uint64_t received, sum, left;
	int events, sends_final;
};

static const struct {
	enum lws_callback_reasons reason;
	const char *name;
} names[] = {
	{ LWS_CALLBACK_ESTABLISHED, "ESTABLISHED" },
	{ LWS_CALLBACK_CLOSED, "CLOSED" },
	{ LWS_CALLBACK_CLOSED_HTTP, "CLOSED_HTTP" },
	{ LWS_CALLBACK_HTTP, "HTTP" },
	{ LWS_CALLBACK_HTTP_BODY_COMPLETION, "HTTP_BODY_COMPLETION" },
	{ LWS_CALLBACK_HTTP_FILE_COMPLETION, "HTTP_FILE_COMPLETION" },
	{ LWS_CALLBACK_FILTER_HTTP_CONNECTION, "FILTER_HTTP_CONNECTION" },
	{ LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED, "SERVER_NEW_CLIENT_INSTANTIATED" },
	{ LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION, "FILTER_PROTOCOL_CONNECTION" },
	{ LWS_CALLBACK_WSI_CREATE, "WSI_CREATE" },
	{ LWS_CALLBACK_WSI_DESTROY, "WSI_DESTROY" },
	{ LWS_CALLBACK_WS_PEER_INITIATED_CLOSE, "WS_PEER_INITIATED_CLOSE" },
	{ LWS_CALLBACK_HTTP_BIND_PROTOCOL, "HTTP_BIND_PROTOCOL" },
	{ LWS_CALLBACK_HTTP_DROP_PROTOCOL, "HTTP_DROP_PROTOCOL" },
	{ LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL, "WS_SERVER_DROP_PROTOCOL" },
	{ LWS_CALLBACK_HTTP_CONFIRM_UPGRADE, "HTTP_CONFIRM_UPGRADE" },
};

static struct lws *connections[4096];
static const char *files_dir = ".";
static struct lws_context *context;
static volatile int ends;
static int is_libuv;

/* A number for each connection, given at WSI_CREATE and forgotten at WSI_DESTROY. */
static int number_of(struct lws *wsi, enum lws_callback_reasons reason)
{
	static int next;
	int n;

	for (n = next - 1; n >= 0 && n > next - 4096; n--)
		if (connections[n % 4096] == wsi) {
			if (reason == LWS_CALLBACK_WSI_DESTROY)
				connections[n % 4096] = NULL;
			return n;
		}
	if (reason != LWS_CALLBACK_WSI_CREATE)
		return -1;
	connections[next % 4096] = wsi;
	return next++;
}

static void print(struct lws *wsi, enum lws_callback_reasons reason, const char *in, size_t len)
{
	size_t n;
	int has_text = reason == LWS_CALLBACK_HTTP || reason == LWS_CALLBACK_FILTER_HTTP_CONNECTION;

	for (n = 0; n < LWS_ARRAY_SIZE(names); n++)
		if (names[n].reason == reason) {
			printf("%d %s%s%.*s%s\n", number_of(wsi, reason), names[n].name, has_text ? " " : "",
			       has_text ? (int)len : 0, in ? in : "",
			       reason == LWS_CALLBACK_ESTABLISHED && len ? " h2" : "");
			fflush(stdout);
		}
}

static int answer(struct lws *wsi, unsigned int status, const char *type, lws_filepos_t length)
{
	uint8_t buf[LWS_PRE + 2048], *start = buf + LWS_PRE, *p = start, *end = buf + sizeof(buf) - 1;

	if (lws_add_http_common_headers(wsi, status, type, length, &p, end) ||
	    lws_add_http_header_by_name(wsi, (const unsigned char *)"X-Own-Header:", (const unsigned char *)"Yes", 3, &p, end) ||
	    lws_finalize_write_http_header(wsi, start, &p, end))
		return -1;
	return 0;
}

static int text_answer(struct lws *wsi, const char *text)
{
	uint8_t buf[LWS_PRE + 4096];
	size_t len = strlen(text);

	if (answer(wsi, HTTP_STATUS_OK, "text/plain", len))
		return -1;
	memcpy(buf + LWS_PRE, text, len);
	if (lws_write(wsi, buf + LWS_PRE, len, LWS_WRITE_HTTP_FINAL) != (int)len)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* Header tokens and what the connection looks like, as "name=value" lines. */
static int describe(struct lws *wsi)
{
	static const struct {
		const char *name;
		enum lws_token_indexes token;
	} tokens[] = {
		{ "get", WSI_TOKEN_GET_URI }, { "args", WSI_TOKEN_HTTP_URI_ARGS }, { "host", WSI_TOKEN_HOST },
		{ "authority", WSI_TOKEN_HTTP_COLON_AUTHORITY }, { "method", WSI_TOKEN_HTTP_COLON_METHOD },
		{ "path", WSI_TOKEN_HTTP_COLON_PATH }, { "scheme", WSI_TOKEN_HTTP_COLON_SCHEME },
		{ "cookie", WSI_TOKEN_HTTP_COOKIE }, { "accept", WSI_TOKEN_HTTP_ACCEPT },
	};
	char text[4000], value[512], *uri;
	size_t n, used = 0;
	int len;

	for (n = 0; n < LWS_ARRAY_SIZE(tokens); n++)
		if (lws_hdr_copy(wsi, value, sizeof(value), tokens[n].token) > 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s=%s\n", tokens[n].name, value);
	if (lws_hdr_custom_copy(wsi, value, sizeof(value), "x-custom:", 9) > 0)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "custom=%s\n", value);
	n = sizeof(value);
	if (!lws_http_cookie_get(wsi, "b", value, &n))
		used += (size_t)snprintf(text + used, sizeof(text) - used, "cookie-b=%s\n", value);
	used += (size_t)snprintf(text + used, sizeof(text) - used, "uri=%d\n", lws_http_get_uri_and_method(wsi, &uri, &len));
	lws_get_peer_simple(wsi, value, sizeof(value));
	snprintf(text + used, sizeof(text) - used, "peer=%s\nstream=%d\ntls=%d\ncredit=%d\n", value,
		 lws_get_network_wsi(wsi) != wsi, lws_is_ssl(wsi), lws_wsi_tx_credit(wsi, LWSTXCR_US_TO_PEER, 0));
	return text_answer(wsi, text);
}

static int request(struct lws *wsi, struct session *s, const char *path)
{
	uint8_t buf[LWS_PRE + 2048], *start = buf + LWS_PRE, *p = start, *end = buf + sizeof(buf) - 1;
	char number[32], file[256];

	lws_strncpy(s->path, path, sizeof(s->path));
	if (!strcmp(path, "/hello"))
		return text_answer(wsi, "hello\n");
	if (!strcmp(path, "/describe"))
		return describe(wsi);
	if (!strcmp(path, "/status")) {
		lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, "nothing here");
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	if (!strcmp(path, "/ignores-completed")) {
		text_answer(wsi, "fine\n");
		return 0;
	}
	if (!strcmp(path, "/redirect")) {
		if (lws_http_redirect(wsi, HTTP_STATUS_FOUND, (const unsigned char *)"/hello", 6, &p, end) < 0)
			return -1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	if (!strcmp(path, "/none"))
		return -1;
	if (!strcmp(path, "/hang"))
		return 0;
	if (!strcmp(path, "/file")) {
		int n;

		snprintf(file, sizeof(file), "%s/big.txt", files_dir);
		n = lws_serve_http_file(wsi, file, "text/plain", NULL, 0);
		if (n < 0 || (n > 0 && lws_http_transaction_completed(wsi)))
			return -1;
		return 0;
	}
	if (!strcmp(path, "/short")) {
		if (answer(wsi, HTTP_STATUS_OK, "text/plain", 10) || lws_write(wsi, (uint8_t *)"12345", 5, LWS_WRITE_HTTP) < 0)
			return -1;
		return -1;
	}
	if (!strcmp(path, "/no-length")) {
		if (answer(wsi, HTTP_STATUS_OK, "text/plain", LWS_ILLEGAL_HTTP_CONTENT_LEN))
			return -1;
		lws_write(wsi, (uint8_t *)"until the end", 13, LWS_WRITE_HTTP);
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	if (!strcmp(path, "/chunked")) {
		static const char body[] = "5\r\nfirst\r\n7;x=y\r\n second\r\n0\r\n\r\n";

		if (lws_add_http_header_status(wsi, HTTP_STATUS_OK, &p, end) ||
		    lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING, (const uint8_t *)"chunked", 7, &p, end) ||
		    lws_add_http_header_by_token(wsi, WSI_TOKEN_CONNECTION, (const uint8_t *)"close", 5, &p, end) ||
		    lws_finalize_write_http_header(wsi, start, &p, end))
			return -1;
		lws_write(wsi, (uint8_t *)body, sizeof(body) - 1, LWS_WRITE_HTTP);
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	if (!strcmp(path, "/text")) {
		/* A program that writes http/1 by itself. */
		static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Raw: 1\r\n\r\nok";

		lws_write(wsi, (uint8_t *)text, sizeof(text) - 1, LWS_WRITE_HTTP);
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	if (!strcmp(path, "/parts")) {
		/* The head in two writes. */
		if (lws_add_http_header_status(wsi, HTTP_STATUS_OK, &p, end))
			return -1;
		lws_write(wsi, start, lws_ptr_diff_size_t(p, start), LWS_WRITE_HTTP_HEADERS | LWS_WRITE_NO_FIN);
		p = start;
		if (lws_add_http_header_content_length(wsi, 0, &p, end) || lws_finalize_http_header(wsi, &p, end))
			return -1;
		lws_write(wsi, start, lws_ptr_diff_size_t(p, start), LWS_WRITE_HTTP_HEADERS_CONTINUATION);
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	if (!strcmp(path, "/sse")) {
		if (answer(wsi, HTTP_STATUS_OK, "text/event-stream", LWS_ILLEGAL_HTTP_CONTENT_LEN))
			return -1;
		lws_http_mark_sse(wsi);
		lws_set_timer_usecs(wsi, 20000);
		return 0;
	}
	if (!strcmp(path, "/big") || !strcmp(path, "/once") || !strcmp(path, "/big-no-length")) {
		if (!lws_get_urlarg_by_name(wsi, "n=", number, sizeof(number)))
			return -1;
		s->left = strtoull(number, NULL, 10);
		s->sends_final = 1;
		if (answer(wsi, HTTP_STATUS_OK, "application/octet-stream",
			   strcmp(path, "/big-no-length") ? s->left : LWS_ILLEGAL_HTTP_CONTENT_LEN))
			return -1;
		if (!strcmp(path, "/once")) {
			uint8_t *all = calloc(1, LWS_PRE + s->left);
			int n;

			memset(all + LWS_PRE, 'x', s->left);
			n = lws_write(wsi, all + LWS_PRE, s->left, LWS_WRITE_HTTP_FINAL);
			free(all);
			return n < 0 || lws_http_transaction_completed(wsi) ? -1 : 0;
		}
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (!strcmp(path, "/early"))
		return text_answer(wsi, "early\n");
	if (!strncmp(path, "/post", 5))
		return 0;
	lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, NULL);
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* --poll: what a poll() loop of ours watches, as the library tells it. */
static struct pollfd watched[1024];
static nfds_t watched_count;

static void watch(enum lws_callback_reasons reason, const struct lws_pollargs *args)
{
	nfds_t n = 0;

	while (n < watched_count && watched[n].fd != args->fd)
		n++;
	if (reason == LWS_CALLBACK_DEL_POLL_FD) {
		if (n < watched_count)
			watched[n] = watched[--watched_count];
		return;
	}
	if (n == watched_count) {
		if (n == LWS_ARRAY_SIZE(watched))
			abort();
		watched[watched_count++].fd = args->fd;
	}
	watched[n].events = (short)args->events;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = user;
	uint8_t buf[LWS_PRE + 8192];
	char text[96];
	size_t n;

	print(wsi, reason, in, len);
	switch (reason) {
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		/* With libuv lws_service() returns when the loop has ended, which it does with the context. */
		if (ends && is_libuv)
			lws_context_destroy(lws_get_context(wsi));
		return 0;
	case LWS_CALLBACK_ADD_POLL_FD:
	case LWS_CALLBACK_DEL_POLL_FD:
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		watch(reason, in);
		return 0;
	case LWS_CALLBACK_HTTP:
		return request(wsi, s, in);
	case LWS_CALLBACK_HTTP_BODY:
		for (n = 0; n < len; n++)
			s->sum = s->sum * 31 + ((uint8_t *)in)[n];
		s->received += len;
		if (!strcmp(s->path, "/post-paused") && s->events++ == 0) {
			lws_rx_flow_control(wsi, 0);
			lws_set_timer_usecs(wsi, 200000);
		}
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 "\n", s->received, s->sum);
		return text_answer(wsi, text);
	case LWS_CALLBACK_TIMER:
		if (!strcmp(s->path, "/sse")) {
			lws_callback_on_writable(wsi);
			return 0;
		}
		lws_rx_flow_control(wsi, 1);
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		if (!strcmp(s->path, "/sse")) {
			n = (size_t)snprintf((char *)buf + LWS_PRE, 64, "data: %d\n\n", s->events++);
			if (lws_write(wsi, buf + LWS_PRE, n, LWS_WRITE_HTTP) < 0)
				return -1;
			lws_set_timer_usecs(wsi, 20000);
			return 0;
		}
		n = s->left < 8192 ? (size_t)s->left : 8192;
		memset(buf + LWS_PRE, 'x', n);
		s->left -= n;
		if (lws_write(wsi, buf + LWS_PRE, n, s->left ? LWS_WRITE_HTTP : LWS_WRITE_HTTP_FINAL) < 0)
			return -1;
		if (s->left)
			lws_callback_on_writable(wsi);
		else if (lws_http_transaction_completed(wsi))
			return -1;
		return 0;
	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	default:
		return 0;
	}
}

/* Echoes what it receives, a message of up to 64 KiB at a time; "bye" closes with 3000. */
struct chat {
	uint8_t buf[LWS_PRE + 65536];
	size_t len;
	int is_binary;
};

static int chat(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct chat *s = user;

	print(wsi, reason, in, len);
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		if (s->len + len > sizeof(s->buf) - LWS_PRE)
			return -1;
		memcpy(s->buf + LWS_PRE + s->len, in, len);
		s->len += len;
		s->is_binary = lws_frame_is_binary(wsi);
		if (!lws_is_final_fragment(wsi))
			return 0;
		if (s->len == 3 && !memcmp(s->buf + LWS_PRE, "bye", 3)) {
			lws_close_reason(wsi, 3000, (unsigned char *)"bye", 3);
			return -1;
		}
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (!s->len)
			return 0;
		if (lws_write(wsi, s->buf + LWS_PRE, s->len, s->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < 0)
			return -1;
		s->len = 0;
		return 0;
	default:
		return 0;
	}
}

static int poll_turn(void)
{
	struct pollfd ready[LWS_ARRAY_SIZE(watched)];
	nfds_t n, count = watched_count;
	/* Nobody wakes this loop when stdin ends. */
	int wait_ms = lws_service_adjust_timeout(context, 100, 0);

	memcpy(ready, watched, sizeof(ready));
	if (!wait_ms && lws_service_tsi(context, -1, 0) < 0)
		return -1;
	if (poll(ready, count, wait_ms) <= 0)
		return 0;
	for (n = 0; n < count; n++)
		if (ready[n].revents && lws_service_fd(context, &ready[n]) < 0)
			return -1;
	return 0;
}

static void *watch_stdin(void *arg)
{
	char c;

	(void)arg;
	while (read(0, &c, 1) > 0)
		;
	ends = 1;
	lws_cancel_service(context);
	return NULL;
}

int main(int argc, const char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "http", callback, sizeof(struct session), 0, 0, NULL, 0 },
		{ "chat", chat, sizeof(struct chat), 0, 0, NULL, 0 },
		LWS_PROTOCOL_LIST_TERM,
	};
	static const struct lws_extension extensions[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate" },
		{ NULL, NULL, NULL },
	};
	static struct lws_http_mount mount, proxy;
	struct lws_context_creation_info info;
	struct lws_vhost *vhost;
	const char *value;
	pthread_t thread;
	int polls;

	memset(&info, 0, sizeof(info));
	lws_set_log_level((value = lws_cmdline_option(argc, argv, "--log")) ? atoi(value) : LLL_ERR | LLL_WARN, NULL);
	if ((value = lws_cmdline_option(argc, argv, "--files")))
		files_dir = value;
	mount.mountpoint = "/files";
	mount.mountpoint_len = 6;
	mount.origin = files_dir;
	mount.origin_protocol = LWSMPRO_FILE;
	mount.def = "index.html";
	info.mounts = &mount;
	if ((value = lws_cmdline_option(argc, argv, "--origin"))) {
		proxy.mountpoint = "/proxy";
		proxy.mountpoint_len = 6;
		proxy.origin = value;
		proxy.origin_protocol = LWSMPRO_HTTP;
		mount.mount_next = &proxy;
	}
	info.pcontext = &context;
	info.protocols = protocols;
	info.extensions = extensions;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DISABLE_IPV6;
	info.alpn = lws_cmdline_option(argc, argv, "--alpn");
	if ((value = lws_cmdline_option(argc, argv, "--cert"))) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = value;
		info.ssl_private_key_filepath = lws_cmdline_option(argc, argv, "--key");
	}
	is_libuv = lws_cmdline_option(argc, argv, "--libuv") != NULL;
	if (is_libuv)
		info.options |= LWS_SERVER_OPTION_LIBUV;
	if (lws_cmdline_option(argc, argv, "--prior"))
		info.options |= LWS_SERVER_OPTION_H2_PRIOR_KNOWLEDGE;
	if (lws_cmdline_option(argc, argv, "--long-poll"))
		info.options |= LWS_SERVER_OPTION_VH_H2_HALF_CLOSED_LONG_POLL;
	if ((value = lws_cmdline_option(argc, argv, "--timeout"))) {
		info.timeout_secs = (unsigned int)atoi(value);
		info.keepalive_timeout = atoi(value);
	}
	if ((value = lws_cmdline_option(argc, argv, "--unix"))) {
		info.options |= LWS_SERVER_OPTION_UNIX_SOCK;
		info.iface = value;
	}
	if ((value = lws_cmdline_option(argc, argv, "--head-timeout")))
		info.timeout_secs_ah_idle = (unsigned int)atoi(value);
	context = lws_create_context(&info);
	if (!context)
		return 1;
	vhost = lws_create_vhost(context, &info);
	if (!vhost)
		return 1;
	printf("READY %d\n", lws_get_vhost_listen_port(vhost));
	fflush(stdout);
	if (pthread_create(&thread, NULL, watch_stdin, NULL))
		return 1;
	polls = lws_cmdline_option(argc, argv, "--poll") != NULL;
	while (!ends && (polls ? poll_turn() : lws_service(context, 0)) >= 0)
		;
	if (context)
		lws_context_destroy(context);
	puts("END");
	return 0;
}
