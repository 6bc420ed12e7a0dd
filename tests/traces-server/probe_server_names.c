/* Server probe: names of callbacks and of connections, bytes as text. */
#include "probe_server.h"

#define N(_x) { LWS_CALLBACK_ ## _x, #_x }

static const struct { int num; const char *name; } cbs[] = {
	N(ESTABLISHED), N(CLOSED), N(CLOSED_HTTP), N(RECEIVE), N(RECEIVE_PONG),
	N(SERVER_WRITEABLE), N(HTTP), N(HTTP_BODY), N(HTTP_BODY_COMPLETION),
	N(HTTP_FILE_COMPLETION), N(HTTP_WRITEABLE),
	N(FILTER_NETWORK_CONNECTION), N(FILTER_HTTP_CONNECTION),
	N(SERVER_NEW_CLIENT_INSTANTIATED), N(FILTER_PROTOCOL_CONNECTION),
	N(OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS),
	N(OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS),
	N(OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION),
	N(CONFIRM_EXTENSION_OKAY), N(PROTOCOL_INIT), N(PROTOCOL_DESTROY),
	N(WSI_CREATE), N(WSI_DESTROY), N(GET_THREAD_ID), N(ADD_POLL_FD),
	N(DEL_POLL_FD), N(CHANGE_MODE_POLL_FD), N(LOCK_POLL), N(UNLOCK_POLL),
	N(WS_PEER_INITIATED_CLOSE), N(WS_EXT_DEFAULTS), N(HTTP_BIND_PROTOCOL),
	N(HTTP_DROP_PROTOCOL), N(CHECK_ACCESS_RIGHTS), N(PROCESS_HTML),
	N(ADD_HEADERS), N(SESSION_INFO), N(HTTP_PMO), N(RAW_RX), N(RAW_CLOSE),
	N(RAW_WRITEABLE), N(RAW_ADOPT), N(RAW_ADOPT_FILE), N(RAW_RX_FILE),
	N(RAW_WRITEABLE_FILE), N(RAW_CLOSE_FILE), N(SSL_INFO),
	N(CHILD_CLOSING), N(EVENT_WAIT_CANCELLED), N(VHOST_CERT_AGING),
	N(TIMER), N(VHOST_CERT_UPDATE), N(WS_SERVER_BIND_PROTOCOL),
	N(WS_SERVER_DROP_PROTOCOL), N(RAW_SKT_BIND_PROTOCOL),
	N(RAW_SKT_DROP_PROTOCOL), N(RAW_FILE_BIND_PROTOCOL),
	N(RAW_FILE_DROP_PROTOCOL), N(HTTP_CONFIRM_UPGRADE), N(RAW_CONNECTED),
	N(VERIFY_BASIC_AUTHORIZATION),
};

const char *
cb_name(int n)
{
	static char num[24];
	size_t i;

	for (i = 0; i < COUNT(cbs); i++)
		if (cbs[i].num == n)
			return cbs[i].name;
	snprintf(num, sizeof(num), "CALLBACK_%d", n);
	return num;
}


int
reason_by_name(const char *s, size_t l)
{
	size_t i;

	for (i = 0; i < COUNT(cbs); i++)
		if (strlen(cbs[i].name) == l && !strncmp(cbs[i].name, s, l))
			return cbs[i].num;
	fprintf(stderr, "unknown callback %s\n", s);
	exit(2);
}

static struct lws *known[256];
static int kid[256];
static int next_id = 1;

int
is_known(struct lws *wsi)
{
	int i;

	for (i = 0; i < 256; i++)
		if (known[i] == wsi)
			return 1;
	return 0;
}

const char *
wname(struct lws *wsi, int forget)
{
	static char b[16];
	int i, hole = -1;

	for (i = 0; i < 256; i++) {
		if (known[i] == wsi) {
			snprintf(b, sizeof(b), "W%d", kid[i]);
			if (forget)
				known[i] = NULL;
			return b;
		}
		if (!known[i] && hole < 0)
			hole = i;
	}
	known[hole] = wsi;
	kid[hole] = next_id++;
	snprintf(b, sizeof(b), "W%d", kid[hole]);
	if (forget)
		known[hole] = NULL;
	return b;
}

void
put_esc(const unsigned char *p, size_t len, size_t max)
{
	size_t n;

	putchar('"');
	for (n = 0; n < len && n < max; n++)
		if (p[n] == '"' || p[n] == '\\')
			printf("\\%c", p[n]);
		else if (p[n] >= 32 && p[n] < 127)
			putchar(p[n]);
		else
			printf("\\x%02x", p[n]);
	putchar('"');
	if (len > max)
		printf("...");
}
