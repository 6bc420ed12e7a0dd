/*
 * inside_every_callback.c: whatever a program does from inside a callback, at whatever
 * reason, the library stays in order: each connection ends once, the context can be
 * destroyed, nothing crashes or hangs.
 *
 *   inside_every_callback SIDE [REASON [ACTION]]     SIDE: server, client
 *
 * One process, one context: a server with ws, http and raw connections and its clients.
 * A first run finds out which reasons come; then each action is tried at the first
 * occurrence of each reason, in a process of its own.
 *
 * Expected output: inside_every_callback_*.expected
 */
#include "harness.h"
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { REASONS = 256, CLIENTS = 8, TICK_US = 2000, TICKS = 60, PARALLEL = 4 };

static struct lws_context *context;
static struct lws_vhost *vhost;
static struct lws *clients[CLIENTS], *server_ws;
static int client_count, ended[CLIENTS], gone[CLIENTS], opened, closed, ticks, open_clients;
static int wanted_side, wanted_reason, wanted_action, acted;
static unsigned char *seen; /* shared: reasons that came, by side */
static lws_sorted_usec_list_t tick;

static void connect_one(const char *method, const char *path, const char *protocol)
{
	struct lws_client_connect_info info;

	if (client_count == CLIENTS || !context)
		return;
	memset(&info, 0, sizeof(info));
	info.context = context;
	info.vhost = vhost;
	info.address = info.host = info.origin = "127.0.0.1";
	info.port = lws_get_vhost_listen_port(vhost);
	if (info.port <= 0)
		return;
	info.path = path;
	info.method = method;
	info.local_protocol_name = protocol;
	info.opaque_user_data = (void *)(intptr_t)(client_count + 1);
	info.pwsi = &clients[client_count];
	client_count++;
	open_clients++;
	if (!lws_client_connect_via_info(&info)) {
		clients[client_count - 1] = NULL;
		open_clients--;
	}
}

enum action {
	KILL_SELF_NOW,
	KILL_SELF_SOON,
	WSI_CLOSE_SELF,
	KILL_OTHER_NOW,
	KILL_OTHER_SOON,
	KILL_SERVER_NOW,
	CLOSE_FREE_SELF,
	CONNECT_WS,
	CONNECT_HTTP,
	WRITE_TEXT,
	WRITE_TO_OTHER,
	WRITE_HTTP,
	WRITE_RAW,
	ASK_WRITEABLE,
	RX_OFF,
	RX_OFF_AND_ON,
	SET_TIMER,
	SET_TIMEOUT,
	DESTROY_VHOST,
	DESTROY_CONTEXT,
	DESTROY_TWICE,
	DESTROY_AND_CONNECT,
	NESTED_SERVICE,
	NESTED_SERVICE_FD,
	CANCEL_SERVICE,
	ADOPT,
	CREATE_VHOST,
	COMPLETE_TRANSACTION,
	HTTP_STATUS,
	HTTP_REDIRECT,
	SERVE_FILE,
	HEADERS,
	CLIENT_READ,
	FORGET_USER,
	CLOSE_REASON,
	CALLBACK_ALL,
	DEPRECATE,
	RETURN_1,
	RETURN_MINUS_1,
	RETURN_BIG,
	RETURN_SMALLEST,
	ACTIONS
};

static struct lws *other_than(struct lws *wsi)
{
	int n;

	for (n = 0; n < client_count; n++)
		if (clients[n] && clients[n] != wsi)
			return clients[n];
	return server_ws;
}

static int act(struct lws *wsi, void *in)
{
	unsigned char room[LWS_PRE + 512], *p = room + LWS_PRE, *end = room + sizeof(room) - 1;
	struct lws_context_creation_info info;
	char text[64];
	int pair[2];

	switch ((enum action)wanted_action) {
	case KILL_SELF_NOW:
		lws_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, LWS_TO_KILL_SYNC);
		break;
	case KILL_SELF_SOON:
		lws_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, LWS_TO_KILL_ASYNC);
		break;
	case WSI_CLOSE_SELF:
		lws_wsi_close(wsi, LWS_TO_KILL_SYNC);
		break;
	case KILL_OTHER_NOW:
		lws_wsi_close(other_than(wsi), LWS_TO_KILL_SYNC);
		break;
	case KILL_OTHER_SOON:
		lws_wsi_close(other_than(wsi), LWS_TO_KILL_ASYNC);
		break;
	case KILL_SERVER_NOW:
		lws_wsi_close(server_ws, LWS_TO_KILL_SYNC);
		break;
	case CLOSE_FREE_SELF:
		lws_close_free_wsi(wsi, LWS_CLOSE_STATUS_GOINGAWAY, "test");
		break;
	case CONNECT_WS:
		connect_one(NULL, "/", "every");
		break;
	case CONNECT_HTTP:
		connect_one("GET", "/again", "every");
		break;
	case WRITE_TEXT:
		send_text(wsi, "at any time");
		break;
	case WRITE_TO_OTHER:
		send_text(other_than(wsi), "at any time");
		break;
	case WRITE_HTTP:
		memcpy(p, "abc", 3);
		lws_write(wsi, p, 3, LWS_WRITE_HTTP_FINAL);
		break;
	case WRITE_RAW:
		memcpy(p, "\x03\xe8", 2);
		lws_write(wsi, p, 2, LWS_WRITE_RAW);
		break;
	case ASK_WRITEABLE:
		lws_callback_on_writable(wsi);
		break;
	case RX_OFF:
		lws_rx_flow_control(wsi, 0);
		break;
	case RX_OFF_AND_ON:
		lws_rx_flow_control(wsi, 0);
		lws_rx_flow_control(wsi, 1);
		break;
	case SET_TIMER:
		lws_set_timer_usecs(wsi, 1);
		break;
	case SET_TIMEOUT:
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, 1);
		break;
	case DESTROY_VHOST:
		lws_vhost_destroy(vhost);
		break;
	case DESTROY_TWICE:
		lws_context_destroy(context);
		lws_context_destroy(context);
		break;
	case DESTROY_CONTEXT:
		lws_context_destroy(context);
		break;
	case DESTROY_AND_CONNECT:
		lws_context_destroy(context);
		connect_one(NULL, "/", "every");
		break;
	case NESTED_SERVICE:
		CHECK(lws_service(context, 0) < 0);
		break;
	case NESTED_SERVICE_FD: {
		struct lws_pollfd pollfd = { lws_get_socket_fd(wsi), POLLIN | POLLOUT, POLLIN | POLLOUT };

		CHECK(lws_service_fd(context, &pollfd) < 0);
		break;
	}
	case CANCEL_SERVICE:
		lws_cancel_service(context);
		break;
	case ADOPT:
		if (!socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
			lws_adopt_socket(context, pair[0]);
			close(pair[1]);
		}
		break;
	case CREATE_VHOST:
		memset(&info, 0, sizeof(info));
		info.port = CONTEXT_PORT_NO_LISTEN;
		info.vhost_name = "another";
		lws_create_vhost(context, &info);
		break;
	case COMPLETE_TRANSACTION:
		if (lws_http_transaction_completed(wsi))
			return -1;
		break;
	case HTTP_STATUS:
		lws_return_http_status(wsi, 404, "no");
		break;
	case HTTP_REDIRECT:
		lws_http_redirect(wsi, 302, (const unsigned char *)"/x", 2, &p, end);
		break;
	case SERVE_FILE:
		lws_serve_http_file(wsi, "/proc/self/maps", "text/plain", NULL, 0);
		break;
	case HEADERS:
		lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_GET_URI);
		lws_hdr_custom_length(wsi, "x-a:", 4);
		lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_SERVER, (const unsigned char *)"x", 1, &p, end);
		lws_get_peer_simple(wsi, text, sizeof(text));
		break;
	case CLIENT_READ: {
		char *at = (char *)p;
		int len = 400;

		lws_http_client_read(wsi, &at, &len);
		lws_http_client_http_response(wsi);
		break;
	}
	case FORGET_USER:
		lws_set_wsi_user(wsi, NULL);
		break;
	case CLOSE_REASON:
		lws_close_reason(wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, NULL, 0);
		return -1;
	case CALLBACK_ALL:
		lws_callback_all_protocol_vhost(vhost, lws_get_protocol(wsi), LWS_CALLBACK_USER);
		lws_callback_on_writable_all_protocol(context, lws_get_protocol(wsi));
		break;
	case DEPRECATE:
		lws_context_deprecate(context, NULL);
		break;
	case RETURN_1:
		return 1;
	case RETURN_MINUS_1:
		return -1;
	case RETURN_BIG:
		return 123456789;
	case RETURN_SMALLEST:
		return INT_MIN;
	default:
		break;
	}
	(void)in;
	return 0;
}

/* What the two ends do when nobody interferes. */
static int behave(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len, int id)
{
	unsigned char room[LWS_PRE + 512], *start = room + LWS_PRE, *p = start, *end = room + sizeof(room) - 1;
	char buffer[512], *at = buffer;
	int n;

	switch (reason) {
	/* the server */
	case LWS_CALLBACK_ESTABLISHED:
		opened++;
		server_ws = wsi;
		break;
	case LWS_CALLBACK_CLOSED:
		closed++;
		server_ws = NULL;
		break;
	case LWS_CALLBACK_RECEIVE:
		return send_text(wsi, "answer") < 0;
	case LWS_CALLBACK_HTTP:
		if (in && !strcmp(in, "/file"))
			return lws_serve_http_file(wsi, "/etc/hostname", "text/plain", NULL, 0) < 0;
		if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI))
			return 0;
		if (lws_add_http_common_headers(wsi, 200, "text/plain", 4, &p, end) ||
		    lws_finalize_write_http_header(wsi, start, &p, end))
			return 1;
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		memcpy(start, "page", 4);
		if (lws_write(wsi, start, 4, LWS_WRITE_HTTP_FINAL) != 4)
			return 1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return lws_return_http_status(wsi, 200, "posted") || lws_http_transaction_completed(wsi) ? -1 : 0;
	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	/* the clients */
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened++;
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (user && !*(int *)user) {
			*(int *)user = 1;
			if (lws_write(wsi, start, 0, LWS_WRITE_PING) < 0)
				return -1;
			return send_text(wsi, "question") < 0;
		}
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		lws_set_timer_usecs(wsi, 100);
		break;
	case LWS_CALLBACK_TIMER:
		if (id)
			return close_normally(wsi);
		break;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		if (len > 60 && id == 3) {
			p = *(unsigned char **)in;
			n = snprintf((char *)p, len, "Content-Length: 4\x0d\x0a");
			*(unsigned char **)in += n;
			lws_client_http_body_pending(wsi, 1);
			lws_callback_on_writable(wsi);
		}
		break;
	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		if (id == 3 && user && !*(int *)user) {
			*(int *)user = 1;
			memcpy(start, "body", 4);
			lws_client_http_body_pending(wsi, 0);
			return lws_write(wsi, start, 4, LWS_WRITE_HTTP_FINAL) != 4;
		}
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		n = sizeof(buffer);
		return lws_http_client_read(wsi, &at, &n) < 0 ? -1 : 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		if (reason == LWS_CALLBACK_CLIENT_CLOSED)
			closed++;
		if (id > 0 && id <= CLIENTS) {
			ended[id - 1]++;
			open_clients--;
		}
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		if (id > 0 && id <= CLIENTS) {
			gone[id - 1]++;
			clients[id - 1] = NULL;
		}
		break;
	default:
		break;
	}
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	int id = (int)(intptr_t)lws_get_opaque_user_data(wsi);
	int side = id != 0, result, own = 0;

	if ((int)reason < (int)REASONS)
		seen[side * REASONS + reason] = 1;
	if (!acted && wanted_action >= 0 && side == wanted_side && (int)reason == wanted_reason) {
		acted = 1;
		own = act(wsi, in);
	}
	result = behave(wsi, reason, user, in, len, id);
	return own ? own : result;
}

static const struct lws_protocols protocols[] = {
	{ "every", on_event, sizeof(int), 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void on_tick(lws_sorted_usec_list_t *sul)
{
	ticks++;
	lws_cancel_service(context);
	lws_sul_schedule(context, 0, sul, on_tick, TICK_US);
}

/* One process: the whole scene with one action at one reason. */
static int scene(void)
{
	struct lws_context_creation_info info;
	int n;

	alarm(10);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	info.pcontext = &context;
	context = lws_create_context(&info);
	CHECK(context);
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.vhost_name = "every";
	vhost = lws_create_vhost(context, &info);
	CHECK(vhost);
	connect_one(NULL, "/", "every");
	connect_one("GET", "/page", "every");
	connect_one("POST", "/post", "every");
	connect_one("GET", "/file", "every");
	connect_one("RAW", "/", "every");
	lws_sul_schedule(context, 0, &tick, on_tick, TICK_US);
	while (context && open_clients > 1 && ticks < TICKS)
		if (lws_service(context, 0) < 0)
			break;
	for (n = 0; n < 3 && context; n++)
		if (lws_service(context, -1) < 0)
			break;
	if (context) {
		lws_sul_cancel(&tick);
		lws_context_destroy(context);
	}
	CHECK(!context);
	for (n = 0; n < CLIENTS; n++) {
		CHECK(ended[n] <= 1);
		CHECK(gone[n] <= 1);
	}
	/* an end for each beginning; an upgrade that the program refuses has an end alone, as in 4.3.5 */
	CHECK(closed <= opened + 1);
	return 0;
}

static pid_t start_scene(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		int result = scene();

		fflush(stdout);
		_exit(result);
	}
	return pid;
}

static int describe(pid_t pid, const int (*jobs)[3], int count, int status)
{
	int n;

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	for (n = 0; n < count; n++)
		if (jobs[n][0] == pid)
			say("reason %d, action %d: %s %d", jobs[n][1], jobs[n][2],
			    WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return 1;
}

int main(int argc, char **argv)
{
	static int jobs[REASONS * ACTIONS][3];
	int count = 0, running = 0, wrong = 0, reasons = 0, only, status;
	pid_t pid;

	CHECK(argc >= 2);
	wanted_side = !strcmp(argv[1], "client");
	wanted_action = -1;
	seen = mmap(NULL, 2 * REASONS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(seen != MAP_FAILED);
	if (argc > 3) {
		wanted_reason = atoi(argv[2]);
		wanted_action = atoi(argv[3]);
		return scene();
	}
	only = argc == 3 ? atoi(argv[2]) : -1;
	CHECK(waitpid(start_scene(), &status, 0) > 0);
	CHECK(WIFEXITED(status) && !WEXITSTATUS(status));
	for (wanted_reason = 0; wanted_reason < REASONS; wanted_reason++) {
		if (!seen[wanted_side * REASONS + wanted_reason] || (only >= 0 && only != wanted_reason))
			continue;
		reasons++;
		for (wanted_action = 0; wanted_action < ACTIONS; wanted_action++) {
			if (running == PARALLEL) {
				pid = wait(&status);
				wrong += describe(pid, (const int(*)[3])jobs, count, status);
				running--;
			}
			jobs[count][0] = start_scene();
			jobs[count][1] = wanted_reason;
			jobs[count++][2] = wanted_action;
			running++;
		}
	}
	while (running-- > 0) {
		pid = wait(&status);
		wrong += describe(pid, (const int(*)[3])jobs, count, status);
	}
	say("%s: %d actions at each of %d reasons, %d went wrong", argv[1], ACTIONS, reasons, wrong);
	return wrong != 0 || !reasons;
}
