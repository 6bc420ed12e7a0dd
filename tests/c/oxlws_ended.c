/*
 * oxlws.h: why connections ended, in their callbacks and afterwards, and what was counted.
 *
 * Arguments: the ports of a peer that closes with 4001, of one that answers 404, and of one that just ends TCP.
 */
#include "harness.h"
#include <oxlws.h>

static const char *steps[] = {"-", "resolving", "connecting", "proxy", "tls", "http", "open", "closing"};
static const char *sides[] = {"-", "us", "the peer", "a timeout", "a failure"};
static struct lws_context *context;
static int ended, kill_it;

static void tell(struct lws *wsi, const char *where)
{
	struct oxlws_ended why;

	CHECK(oxlws_wsi_ended(wsi, &why, sizeof(why)) == 1);
	CHECK(why.by >= 1 && why.by <= 4 && why.step >= 1 && why.step <= 7);
	CHECK(why.ago_us < 5000000);
	why.text[24] = 0;
	say("%s: by %s, step %s, code %d: %s", where, sides[why.by], steps[why.step], why.close_code, why.text);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct oxlws_ended why;
	struct oxlws_wsi_stats stats;

	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(oxlws_wsi_ended(wsi, &why, sizeof(why)) == 0);
		CHECK(send_text(wsi, "one") == 3 && send_text(wsi, "two") == 3);
		CHECK(oxlws_wsi_stats(wsi, &stats, sizeof(stats)) == 0);
		CHECK(stats.messages_out == 2 && stats.queued > 0 && stats.bytes_in > 0);
		if (kill_it)
			lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, 1);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		tell(wsi, "CLIENT_CLOSED");
		CHECK(oxlws_wsi_stats(wsi, &stats, sizeof(stats)) == 0);
		say("%d messages out, %d in", (int)stats.messages_out, (int)stats.messages_in);
		ended = 1;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		tell(wsi, "CLIENT_CONNECTION_ERROR");
		ended = 1;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{"test", callback, 0, 0, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

static void one(const char *port)
{
	struct lws *wsi = connect_to(context, port, "test");

	CHECK(wsi != NULL);
	for (ended = 0; !ended;)
		CHECK(lws_service(context, 0) == 0);
	CHECK(lws_service(context, -1) == 0);
	/* The pointer is dead by now, and known all the same. */
	tell(wsi, "afterwards");
}

static int complaints;

static void count_complaints(int level, const char *line)
{
	(void)line;
	if (level == LLL_ERR)
		complaints++;
}

/* What is asked about nothing, or has no place for the answer, is -1 and a line in the log. */
static void about_nothing(void)
{
	struct oxlws_context_stats stats;
	struct oxlws_wsi_stats counted;
	struct oxlws_ended why;
	struct lws *garbage = (struct lws *)&why;

	lws_set_log_level(LLL_ERR, count_complaints);
	CHECK(oxlws_wsi_ended(NULL, &why, sizeof(why)) == -1 && complaints == 1);
	CHECK(oxlws_wsi_ended(garbage, &why, sizeof(why)) == -1 && complaints == 2);
	CHECK(oxlws_wsi_ended(garbage, &why, sizeof(why)) == -1 && complaints == 2);
	CHECK(oxlws_wsi_stats(NULL, &counted, sizeof(counted)) == -1 && complaints == 3);
	CHECK(oxlws_wsi_stats(garbage, &counted, sizeof(counted)) == -1 && complaints == 4);
	CHECK(oxlws_wsi_stats(garbage, NULL, sizeof(counted)) == -1 && complaints == 5);
	CHECK(oxlws_context_stats(NULL, &stats, sizeof(stats)) == -1 && complaints == 6);
	CHECK(oxlws_context_stats(context, NULL, 8) == -1 && complaints == 7);
}

int main(int argc, char **argv)
{
	struct {
		struct oxlws_context_stats stats;
		uint64_t behind;
	} larger;
	struct oxlws_context_stats stats;

	CHECK(argc == 4);
	context = make_context(protocols, NULL);
	one(argv[1]);
	one(argv[2]);
	one(argv[3]);
	kill_it = 1;
	one(argv[3]);
	CHECK(oxlws_context_stats(context, &stats, sizeof(stats)) == 0);
	say("clients %d, now %d, failed %d, websockets %d, timed out %d, messages out %d in %d", (int)stats.clients,
	    (int)stats.clients_now, (int)stats.clients_failed, (int)stats.upgraded, (int)stats.timed_out,
	    (int)stats.messages_out, (int)stats.messages_in);
	CHECK(stats.bytes_in > 100 && stats.bytes_out > 100 && stats.accepted == 0);

	/* Programs that know fewer or more members than the library. */
	memset(&stats, 0xff, sizeof(stats));
	CHECK(oxlws_context_stats(context, &stats, 2 * sizeof(uint64_t)) == 0);
	CHECK(stats.clients == 4 && stats.clients_now == 0 && stats.clients_failed == UINT64_MAX);
	memset(&larger, 0xff, sizeof(larger));
	CHECK(oxlws_context_stats(context, &larger.stats, sizeof(larger)) == 0);
	CHECK(larger.stats.clients == 4 && larger.behind == 0);

	about_nothing();
	lws_context_destroy(context);
	return 0;
}
