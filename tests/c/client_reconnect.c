/*
 * Connects, exchanges one message and closes, many times in one context, the next
 * attempt being started from inside CLIENT_CLOSED; memory and descriptors stay flat.
 *
 *   client_reconnect PORT TIMES [CA_FILE]
 *
 * Expected output: client_reconnect*.expected
 */
#include "harness.h"
#include <dirent.h>

static struct lws_context *context;
static const char *port, *ca;
static int times, count, done;
static long base_kib;

static int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	CHECK(dir != NULL);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void next(void)
{
	struct lws_client_connect_info info = to_port(context, port, "again");

	if (ca) {
		info.address = info.host = "localhost";
		info.ssl_connection = LCCSCF_USE_SSL;
	}
	CHECK(lws_client_connect_via_info(&info) != NULL);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("attempt %d failed: %s", count, in ? (const char *)in : "(null)");
		CHECK(0);
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (*(int *)user)
			return 0;
		*(int *)user = 1; /* fresh zeros for each connection */
		return send_text(wsi, "again") < 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(len == 5 && !memcmp(in, "again", 5));
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		if (++count == times) {
			done = 1;
			return 0;
		}
		if (count == times / 2)
			base_kib = resident_kib();
		next();
		return 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "again", on_event, sizeof(int), 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	int files = open_files();

	CHECK(argc >= 3);
	port = argv[1];
	times = atoi(argv[2]);
	ca = argv[3];
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = ca;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	next();
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	say("%d connections", count);
	CHECK(!memory_is_real() || resident_kib() - base_kib < 1024);
	say("memory is flat");
	lws_context_destroy(context);
#ifndef ORACLE
	/* One may stay: what lws_cancel_service writes to, for callers that come late. */
	CHECK(open_files() <= files + 1);
#else
	(void)files;
#endif
	return 0;
}
