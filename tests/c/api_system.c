/*
 * What a program asks of its context besides connections: callbacks with reasons of
 * its own, functions called in the service thread, captive portal detection, ids,
 * handing over, and what is answered without HTTP/2 and plugins.
 *
 * Expected output: api_system.expected
 */
#include "harness.h"

#if LWS_LIBRARY_VERSION_NUMBER >= 4002000
typedef uid_t user_type;
typedef gid_t group_type;
#else
typedef int user_type;
typedef int group_type;
#endif

static struct lws_context *context;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t service_thread;
static int attached, portal_starts;

enum { REASON_OF_OURS = LWS_CALLBACK_USER + 7 };

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	if ((int)reason != REASON_OF_OURS)
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	CHECK(lws_get_context(wsi) == context);
	CHECK(user == NULL);
	say("%s got %s, %d bytes", lws_get_protocol(wsi)->name, in ? (const char *)in : "nothing",
	    (int)len);
	return in != NULL && !strcmp(in, "stop");
}

static int attach(struct lws_context *cx, int tsi, lws_attach_cb_t cb, lws_system_states_t state,
		  void *opaque, struct lws_attach_item **get)
{
	int n;

	pthread_mutex_lock(&lock);
	n = __lws_system_attach(cx, tsi, cb, state, opaque, get);
	pthread_mutex_unlock(&lock);
	return n;
}

static int detect(struct lws_context *cx)
{
	portal_starts++;
	CHECK(lws_system_cpd_state_get(cx) == LWS_CPD_UNKNOWN);
	lws_system_cpd_set(cx, LWS_CPD_INTERNET_OK);
	lws_system_cpd_set(cx, LWS_CPD_NO_INTERNET); /* the first result counts */
	return 5;
}

static const lws_system_ops_t ops = { .attach = attach, .captive_portal_detect_request = detect };

static void in_service_thread(struct lws_context *cx, int tsi, void *opaque)
{
	CHECK(cx == context && tsi == 0);
	CHECK(pthread_equal(pthread_self(), service_thread));
	attached += *(int *)opaque;
}

static void *other_thread(void *arg)
{
	CHECK(ops.attach(context, 0, in_service_thread, LWS_SYSTATE_OPERATIONAL, arg, NULL) == 0);
	return NULL;
}

static int handed_over;

static int on_deprecated(void)
{
	handed_over++;
	return 0;
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "one", on_event, 0, 0, 0, NULL, 0 },
		{ "two", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static const char *const nowhere[] = { "/nonexistent", NULL };
	struct lws_context_creation_info info;
	struct lws_plugin *plugins = NULL;
	struct lws_vhost *vhost;
	pthread_t thread;
	user_type uid = 99999;
	group_type gid = 99999;
	int three = 3;
	int turns;

	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.system_ops = &ops;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	vhost = lws_get_vhost_by_name(context, "default");
	CHECK(vhost != NULL);
	service_thread = pthread_self();

	say("callbacks of a vhost: %d",
	    lws_callback_vhost_protocols_vhost(vhost, REASON_OF_OURS, (void *)(uintptr_t) "hello",
					       5));
	say("one refuses: %d", lws_callback_vhost_protocols_vhost(vhost, REASON_OF_OURS,
								  (void *)(uintptr_t) "stop", 4));
	CHECK(lws_callback_all_protocol(context, &protocols[0], REASON_OF_OURS) == 0);
	CHECK(lws_callback_all_protocol_vhost(vhost, &protocols[0], REASON_OF_OURS) == 0);
	lws_rx_flow_allow_all_protocol(context, &protocols[0]);

	CHECK(pthread_create(&thread, NULL, other_thread, &three) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(attached == 0);
	for (turns = 0; turns < 100 && !attached; turns++)
		CHECK(lws_service(context, 0) == 0);
	say("attached from another thread: %d", attached);

	say("portal detection: %d", lws_system_cpd_start(context));
	CHECK(lws_system_cpd_state_get(context) == LWS_CPD_INTERNET_OK);
	lws_system_cpd_start_defer(context, 1000);
	for (turns = 0; turns < 100 && portal_starts < 2; turns++)
		CHECK(lws_service(context, 0) == 0);
	say("portal detections: %d", portal_starts);

	lws_get_effective_uid_gid(context, &uid, &gid);
	CHECK(uid == (user_type)geteuid() && gid == (group_type)getegid());

	/* 4.1 calls it a success */
	CHECK((lws_plugins_init(&plugins, nowhere, "none", NULL, NULL, NULL) != 0) ==
		      (LWS_LIBRARY_VERSION_NUMBER >= 4002000) &&
	      plugins == NULL);
	CHECK(lws_plugins_destroy(&plugins, NULL, NULL) == 0);

	CHECK(!lws_context_is_deprecated(context));
	lws_context_deprecate(context, on_deprecated);
	lws_context_deprecate(context, on_deprecated);
	say("handed over: %d, %d", lws_context_is_deprecated(context), handed_over);

#ifndef ORACLE
	{
		struct lws_conmon times;
		char text[64];

		/* Nothing of this may end the program. */
		CHECK(lws_h2_client_stream_long_poll_rxonly(NULL) == 1);
		CHECK(lws_wsi_tx_credit(NULL, 0, 0) == 0);
		CHECK(lws_tls_session_is_reused(NULL) == 0);
		CHECK(lws_tls_session_dump_save(vhost, "host", 443, NULL, NULL) == 1);
		CHECK(lws_tls_session_dump_load(vhost, "host", 443, NULL, NULL) == 1);
		CHECK(lws_tls_vhost_cert_info(vhost, LWS_TLS_CERT_INFO_USAGE, NULL, 0) == -1);
		CHECK(lws_tls_client_vhost_extra_cert_mem(vhost, NULL, 0) == -1);
		lws_close_free_wsi(NULL, LWS_CLOSE_STATUS_NORMAL, "test");
		lws_conmon_wsi_take(NULL, &times);
		CHECK(times.ciu_dns == 0 && times.dns_results_copy == NULL);
		lws_conmon_release(&times);
		lws_get_peer_addresses(NULL, -1, text, sizeof(text), text, sizeof(text));
		CHECK(text[0] == 0);
		CHECK(lwsws_get_config_globals(&info, "/etc/lwsws", NULL, NULL) != 0);
		lws_vhost_destroy1(vhost);
		CHECK(lws_get_vhost_by_name(context, "default") == NULL);
	}
#endif
	lws_context_destroy(context);
	say("end");
	return 0;
}
