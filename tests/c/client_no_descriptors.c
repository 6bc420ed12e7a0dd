/*
 * Only oxlws: no descriptor is left when a client connects, by address, by name and with
 * a context to be made. Each call fails in one of the two ways that programs know, and
 * works again when descriptors come back.
 *
 * Expected output: client_no_descriptors.expected
 */
#include "harness.h"
#include <fcntl.h>

static struct lws_context *context;
static int failed, established, closed;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(in && len);
		failed++;
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		established++;
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return close_normally(wsi);
	case LWS_CALLBACK_CLIENT_CLOSED:
		closed++;
		return 0;
	default:
		return 0;
	}
}

/* The descriptors of the process end here. */
static void take_away(struct rlimit *was)
{
	struct rlimit none;
	int lowest = open("/dev/null", O_RDONLY);

	CHECK(lowest >= 0 && !getrlimit(RLIMIT_NOFILE, was));
	close(lowest);
	none = *was;
	none.rlim_cur = (rlim_t)lowest;
	CHECK(!setrlimit(RLIMIT_NOFILE, &none));
}

static void try_to_connect(const char *host, const char *port)
{
	struct lws_client_connect_info info = to_port(context, port, "p");
	int before = failed + closed;

	info.address = host;
	if (!lws_client_connect_via_info(&info)) {
		failed++;
		return;
	}
	while (failed + closed == before)
		CHECK(lws_service(context, 0) >= 0);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = { { "p", on_event, 0, 0, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };
	struct lws_context_creation_info info;
	struct rlimit was;

	CHECK(argc == 2);
	context = make_context(protocols, NULL);
	try_to_connect("127.0.0.1", argv[1]);
	say("with descriptors: %d established, %d failed", established, failed);
	take_away(&was);
	try_to_connect("127.0.0.1", argv[1]);
	try_to_connect("localhost", argv[1]);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	say("without: %d established, %d failed, another context: %s", established, failed,
	    lws_create_context(&info) ? "made" : "NULL");
	CHECK(!setrlimit(RLIMIT_NOFILE, &was));
	try_to_connect("127.0.0.1", argv[1]);
	try_to_connect("localhost", argv[1]);
	say("with descriptors again: %d established, %d failed", established, failed);
	lws_context_destroy(context);
	return 0;
}
