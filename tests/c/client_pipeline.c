/*
 * Several plain http transactions over one kept connection (LCCSCF_PIPELINE).
 *
 *   client_pipeline PORT CA STEP...
 *
 * CA "-" means no TLS. Each STEP is a word of transactions, one letter each: all of a
 * word are started together, the next word when all of the one before are completed
 * or ended. In front of a letter, a digit is its keep_warm_secs and "!" means without
 * LCCSCF_PIPELINE. "x" returns nonzero at COMPLETED_CLIENT_HTTP, "n" starts "o" there,
 * "k" is killed as soon as it is started, "p" is a POST. "." as a word waits for all
 * connections to end. With "grouped" as first word, the lines of each transaction are
 * printed together at the end: where the order between them is not certain.
 * Expected output: client_pipeline_*.expected
 */
#include "harness.h"

struct transaction {
	char name;
	int done, closed;
	struct lws *wsi;
	char log[2048];
};

static struct transaction all[32];
static int started, done, closed;
static long long begun;
static struct lws_context *context;
static lws_sorted_usec_list_t timer;
static const char *port;
static int tls;

static int grouped;

static void start(const char *word);

/* One line about a transaction. */
static void note(struct transaction *t, const char *format, ...)
{
	char line[600];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (!grouped) {
		say("%c: %s", t->name, line);
		return;
	}
	CHECK(strlen(t->log) + strlen(line) + 6 < sizeof(t->log));
	sprintf(t->log + strlen(t->log), "%c: %s\n", t->name, line);
}

static void finished(struct transaction *t)
{
	if (!t->done) {
		t->done = 1;
		done++;
	}
}

static const char *name_of(enum lws_callback_reasons reason)
{
	switch (reason) {
#define REASON(name)                                                                               \
	case LWS_CALLBACK_##name:                                                                  \
		return #name;
		REASON(ESTABLISHED_CLIENT_HTTP)
		REASON(COMPLETED_CLIENT_HTTP)
		REASON(CLIENT_APPEND_HANDSHAKE_HEADER)
#undef REASON
	default:
		return reason_name(reason);
	}
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct transaction *t = (struct transaction *)user;
	char chunk[LWS_PRE + 512];
	char *at = chunk + LWS_PRE;
	unsigned char **p = (unsigned char **)in;
	int room = 512;

	if (!t)
		return 0;
	if (name_of(reason) && reason != LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		note(t, "%s", name_of(reason));
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		note(t, "status %u", lws_http_client_http_response(wsi));
		return 0;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &at, &room) < 0 ? -1 : 0;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		note(t, "body %.*s", (int)len, (const char *)in);
		return 0;

	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		if (t->name == 'p') {
			*p += lws_snprintf((char *)*p, len, "Content-Length: 4\r\n");
			lws_client_http_body_pending(wsi, 1);
			lws_callback_on_writable(wsi);
		}
		return 0;

	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		memcpy(at, "body", 4);
		CHECK(lws_write(wsi, (unsigned char *)at, 4, LWS_WRITE_HTTP_FINAL) == 4);
		lws_client_http_body_pending(wsi, 0);
		return 0;

	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		if (t->name == 'n')
			start("o");
		finished(t);
		return t->name == 'x' ? -1 : 0;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		note(t, "CLIENT_CONNECTION_ERROR");
		/* fallthrough */
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		finished(t);
		return 0;

	case LWS_CALLBACK_WSI_DESTROY:
		finished(t);
		if (!t->closed) {
			t->closed = 1;
			closed++;
		}
		return 0;

	default:
		return 0;
	}
}

/* The genuine library does not come back from lws_service when only a timer did something. */
static void tick(lws_sorted_usec_list_t *sul)
{
	lws_sul_schedule(context, 0, sul, tick, 50 * LWS_US_PER_MS);
}

static void start(const char *word)
{
	int keep = 0, pipeline = 1;

	for (; *word; word++) {
		struct lws_client_connect_info connect = to_port(context, port, "http");
		struct transaction *t = &all[started];
		char path[3] = { '/', *word, 0 };

		if (*word >= '0' && *word <= '9') {
			keep = *word - '0';
			continue;
		}
		if (*word == '!') {
			pipeline = 0;
			continue;
		}
		started++;
		t->name = *word;
		connect.method = t->name == 'p' ? "POST" : "GET";
		connect.path = path;
		connect.userdata = t;
		connect.pwsi = &t->wsi;
		connect.keep_warm_secs = (uint16_t)keep;
		connect.ssl_connection = pipeline ? LCCSCF_PIPELINE : 0;
		if (tls) {
			connect.address = connect.host = "localhost";
			connect.ssl_connection |= LCCSCF_USE_SSL;
		}
		say("start %c", t->name);
		CHECK(lws_client_connect_via_info(&connect) != NULL);
		if (t->name == 'k')
			lws_set_timeout(t->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
		keep = 0;
		pipeline = 1;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "http", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	int n;

	CHECK(argc >= 4);
	port = argv[1];
	tls = strcmp(argv[2], "-") != 0;
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	if (tls) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = argv[2];
	}
	context = lws_create_context(&info);
	CHECK(context != NULL);
	tick(&timer);
	begun = now_us();
	for (n = 3; n < argc; n++) {
		if (!strcmp(argv[n], ".")) {
			while (closed < started && lws_service(context, 0) >= 0)
				;
			say("closed within %d s", (int)((now_us() - begun) / 1000000) + 1);
			continue;
		}
		if (!strcmp(argv[n], "grouped")) {
			grouped = 1;
			continue;
		}
		start(argv[n]);
		while (done < started && lws_service(context, 0) >= 0)
			;
		begun = now_us();
	}
	say("destroy");
	lws_sul_cancel(&timer);
	lws_context_destroy(context);
	for (n = 0; n < started; n++)
		printf("%s", all[n].log);
	return 0;
}
