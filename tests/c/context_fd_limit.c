/*
 * Only oxlws: a huge limit of open files costs nothing. A context takes little memory
 * and little time, whatever the limit is.
 *
 * Expected output: context_fd_limit.expected
 */
#include "harness.h"

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "limit", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *contexts[20];
	struct rlimit limit;
	long before, after;
	int i;

	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	if (limit.rlim_max < 1048576) {
		limit.rlim_max = 1048576; /* works for root */
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit)) {
		CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
		limit.rlim_cur = limit.rlim_max;
		CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	}

	/* The first context also pays for what the process needs once. */
	lws_context_destroy(make_context(protocols, NULL));
	before = resident_kib();
	for (i = 0; i < 20; i++) {
		contexts[i] = make_context(protocols, NULL);
		CHECK(lws_service(contexts[i], -1) >= 0);
	}
	after = resident_kib();
	CHECK(!memory_is_real() || after - before < 20 * 256);
	say("a context takes less than 256 KiB");
	for (i = 0; i < 20; i++)
		lws_context_destroy(contexts[i]);
	return 0;
}
