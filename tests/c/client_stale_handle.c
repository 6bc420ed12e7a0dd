/*
 * Only oxlws: a struct lws * that has been closed is recognised in every function.
 * Each gives its error value, none crashes, while other connections live on, after
 * new connections were made, and after the context has gone.
 *
 * Expected output: client_stale_handle.expected
 */
#include "harness.h"

struct session {
	int id;
};

static int closed, established, destroying;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED)
		established++;
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		CHECK(destroying);
	if (reason == LWS_CALLBACK_CLIENT_WRITEABLE)
		return send_text(wsi, "alive") < 0;
	if (reason == LWS_CALLBACK_CLIENT_RECEIVE)
		return -1;
	if (reason == LWS_CALLBACK_WSI_DESTROY)
		closed++;
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "stale", on_event, sizeof(struct session), 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* Every common function that takes a connection, with one that is no more. */
static void use(struct lws *wsi)
{
	unsigned char buffer[LWS_PRE + 64], *p = buffer + LWS_PRE;
	char text[64];
	int n = sizeof(text);
	char *q = text;

	memset(buffer, 0, sizeof(buffer));
	/* sending and asking */
	CHECK(lws_callback_on_writable(wsi) == -1);
	CHECK(lws_write(wsi, p, 1, LWS_WRITE_TEXT) == -1);
	CHECK(lws_write(wsi, p, 1, LWS_WRITE_PING) == -1);
	CHECK(lws_send_pipe_choked(wsi) != 0);
	CHECK(lws_partial_buffered(wsi) == 0);
	CHECK(lws_rx_flow_control(wsi, 1) != 0);
	lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, p, 2);
	lws_validity_confirmed(wsi);
	lws_wsi_close(wsi, LWS_TO_KILL_ASYNC);
	lws_wsi_close(wsi, LWS_TO_KILL_SYNC);
	/* timers */
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, 1);
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	lws_set_timer_usecs(wsi, 1000);
	lws_set_timer_usecs(wsi, LWS_SET_TIMER_USEC_CANCEL);
	lws_cancel_service_pt(wsi);
	/* getters */
	CHECK(lws_wsi_user(wsi) == NULL);
	CHECK(lws_get_context(wsi) == NULL);
	CHECK(lws_get_vhost(wsi) == NULL);
	CHECK(lws_get_protocol(wsi) == NULL);
	CHECK(lws_get_parent(wsi) == NULL);
	CHECK(lws_get_child(wsi) == NULL);
	CHECK(lws_get_network_wsi(wsi) == NULL);
	CHECK(lws_get_opaque_user_data(wsi) == NULL);
	CHECK(lws_get_opaque_parent_data(wsi) == NULL);
	CHECK(lws_get_udp(wsi) == NULL);
	CHECK(lws_get_socket_fd(wsi) == LWS_SOCK_INVALID);
	CHECK(lws_get_close_length(wsi) <= 0);
	CHECK(lws_get_close_payload(wsi) == NULL);
	CHECK(lws_is_ssl(wsi) == 0);
	CHECK(lws_is_final_fragment(wsi) == 0);
	CHECK(lws_is_first_fragment(wsi) == 0);
	CHECK(lws_frame_is_binary(wsi) == 0);
	CHECK(lws_get_reserved_bits(wsi) == 0);
	CHECK(lws_remaining_packet_payload(wsi) == 0);
	CHECK(lws_get_peer_simple(wsi, text, sizeof(text)) == text); /* a text in any case */
	CHECK(lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0);
	CHECK(lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_GET_URI) < 0);
	lws_get_peer_addresses(wsi, 0, text, sizeof(text), text, sizeof(text));
	lws_http_client_http_response(wsi);
	CHECK(lws_http_client_read(wsi, &q, &n) < 0);
	/* setters */
	lws_set_wsi_user(wsi, NULL);
	lws_set_opaque_user_data(wsi, text);
	lws_set_opaque_parent_data(wsi, text);
	lws_client_http_body_pending(wsi, 1);
}

int main(int argc, char **argv)
{
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_client_connect_info info;
	struct lws *first = NULL, *second = NULL, *third = NULL;

	CHECK(argc == 2);
	info = to_port(context, argv[1], "stale");
	info.pwsi = &first;
	CHECK(lws_client_connect_via_info(&info) == first);
	while (closed < 1)
		CHECK(lws_service(context, 0) >= 0);
	say("after CLOSED");
	use(first);

	info.pwsi = &second;
	CHECK(lws_client_connect_via_info(&info) == second);
	while (established < 2)
		CHECK(lws_service(context, 0) >= 0);
	say("beside a new connection, which is not touched");
	CHECK(second != first);
	use(first);
	CHECK(lws_get_context(second) == context);
	CHECK(lws_callback_on_writable(second) == 1);

	say("pointers that were never a connection");
	use(NULL);
	use((struct lws *)&info);

	while (closed < 2)
		CHECK(lws_service(context, 0) >= 0);
	info.pwsi = &third;
	CHECK(lws_client_connect_via_info(&info) == third);
	destroying = 1; /* while the third connects */
	lws_context_destroy(context);
	CHECK(closed == 3);
	say("after the context has gone");
	use(first);
	use(second);
	use(third);
	CHECK(lws_service(context, 0) != 0);
	lws_cancel_service(context);
	lws_context_destroy(context);
	return 0;
}
