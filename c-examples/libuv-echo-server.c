/*
 * libuv-echo-server: a websocket echo server in a libuv loop of the program's own.
 *
 *   libuv-echo-server [PORT]       (9000; 0 lets the system choose)
 *
 * Shown: LWS_SERVER_OPTION_LIBUV with info.foreign_loops, a timer of libuv beside the
 * library, and the end of such a program: lws_context_destroy(), the loop runs until
 * libuv has closed all handles, lws_context_destroy() a second time.
 *
 * Built where libuv is found. Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 9000
 *   stopped: 3 messages
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* One message that is on its way back. Room for LWS_PRE bytes is in front of the text. */
struct session {
	unsigned char *data;
	size_t len;
	int is_binary, is_whole;
};

static struct lws_context *context;
static uv_signal_t signals[2];
static uv_timer_t second;
static unsigned int messages, seconds;

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = user;
	unsigned char *grown;
	int sent;

	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		if (s->is_whole || s->len + len > 64u << 20)
			return -1;
		grown = realloc(s->data, LWS_PRE + s->len + len + 1);
		if (!grown)
			return -1;
		s->data = grown;
		if (len)
			memcpy(s->data + LWS_PRE + s->len, in, len);
		s->len += len;
		s->is_binary = lws_frame_is_binary(wsi);
		if (lws_is_final_fragment(wsi)) {
			/* The next message waits until this one is out. */
			s->is_whole = 1;
			lws_rx_flow_control(wsi, 0);
			lws_callback_on_writable(wsi);
		}
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (!s->is_whole)
			break;
		sent = lws_write(wsi, s->data + LWS_PRE, s->len, s->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
		if (sent < 0)
			return -1;
		messages++;
		s->len = 0;
		s->is_whole = 0;
		lws_rx_flow_control(wsi, 1);
		break;
	case LWS_CALLBACK_CLOSED:
		free(s->data);
		s->data = NULL;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{"echo", callback, sizeof(struct session), 65536, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

static void on_second(uv_timer_t *timer)
{
	(void)timer;
	seconds++;
}

static void on_signal(uv_signal_t *handle, int number)
{
	int n;

	(void)handle;
	(void)number;
	/* The loop ends by itself when neither we nor the library have anything open. */
	lws_context_destroy(context);
	for (n = 0; n < 2; n++)
		uv_close((uv_handle_t *)&signals[n], NULL);
	uv_close((uv_handle_t *)&second, NULL);
}

int main(int argc, char **argv)
{
	static const int numbers[2] = {SIGINT, SIGTERM};
	struct lws_context_creation_info info;
	uv_loop_t loop;
	void *loops[1];
	int n, port;

	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	if (uv_loop_init(&loop))
		return 1;
	loops[0] = &loop;
	memset(&info, 0, sizeof(info));
	info.port = argc > 1 ? atoi(argv[1]) : 9000;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_LIBUV;
	info.foreign_loops = loops;
	info.pcontext = &context; /* NULL again when the context is gone */
	context = lws_create_context(&info);
	if (!context)
		return 1;
	for (n = 0; n < 2; n++)
		if (uv_signal_init(&loop, &signals[n]) || uv_signal_start(&signals[n], on_signal, numbers[n]))
			return 1;
	if (uv_timer_init(&loop, &second) || uv_timer_start(&second, on_second, 1000, 1000))
		return 1;
	port = lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default"));
	printf("listening on port %d\n", port);
	fflush(stdout);
	uv_run(&loop, UV_RUN_DEFAULT);
	if (context)
		lws_context_destroy(context);
	printf("stopped: %u messages\n", messages);
	return uv_loop_close(&loop) ? 1 : 0;
}
