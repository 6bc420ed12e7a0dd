/* Server probe: reports each callback and does what the request or message asks for. */
#include "probe_server.h"

static int
act_receive(struct lws *wsi, struct pss *pss, const char *in, size_t len)
{
	if (!pss)
		return 0;
	if (len >= 6 && !strncmp(in, "close:", 6)) {
		lws_close_reason(wsi, (enum lws_close_status)atoi(in + 6),
				 (unsigned char *)"bye", 3);
		return -1;
	}
	if (len == 3 && !strncmp(in, "ret", 3))
		return -1;
	if (len == 4 && !strncmp(in, "kill", 4)) {
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK,
				LWS_TO_KILL_ASYNC);
		return 0;
	}
	if (len == 5 && !strncmp(in, "wreqx", 5)) {
		pss->want_close = 1;
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (len > sizeof(pss->buf) - LWS_PRE - pss->len)
		return -1;
	memcpy(pss->buf + LWS_PRE + pss->len, in, len);
	pss->len += len;
	pss->binary = lws_frame_is_binary(wsi);
	if (lws_is_final_fragment(wsi))
		lws_callback_on_writable(wsi);
	return 0;
}

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
	 void *in, size_t len)
{
	struct pss *pss = (struct pss *)user;
	const struct lws_protocols *pr;
	int i, n, fake = 0;

	switch ((int)reason) {
	case LWS_CALLBACK_LOCK_POLL:
	case LWS_CALLBACK_UNLOCK_POLL:
	case LWS_CALLBACK_ADD_POLL_FD:
	case LWS_CALLBACK_DEL_POLL_FD:
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
	case LWS_CALLBACK_GET_THREAD_ID:
		if (!show_poll)
			return 0;
		break;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		return 0;
	case LWS_CALLBACK_PROTOCOL_INIT:
	case LWS_CALLBACK_PROTOCOL_DESTROY:
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
	case LWS_CALLBACK_VHOST_CERT_AGING:
		fake = 1;
		break;
	default:
		break;
	}

	if (reason == LWS_CALLBACK_WSI_DESTROY && !is_known(wsi)) {
		/*
		 * A listen socket: it had no WSI_CREATE.  Its protocol pointer
		 * is not safe to follow here, it may belong to a vhost that
		 * has been destroyed already.
		 */
		printf("WSI_DESTROY wsi=LISTEN\n");
		return 0;
	}

	pr = fake && reason != LWS_CALLBACK_PROTOCOL_INIT &&
	     reason != LWS_CALLBACK_PROTOCOL_DESTROY ? NULL :
					lws_get_protocol(wsi);
	if (reason == LWS_CALLBACK_FILTER_NETWORK_CONNECTION) {
		/* user is an args struct here, in is the socket */
		printf("%s wsi=LISTEN proto=%s user=ARGS in=FD len=%d\n",
		       cb_name(reason), pr ? pr->name : "-", (int)len);
		goto ret;
	}

	printf("%s wsi=%s proto=%s user=%s", cb_name(reason),
	       fake ? "FAKE" : wname(wsi, reason == LWS_CALLBACK_WSI_DESTROY),
	       pr ? pr->name : "-", user ? "Y" : "N");

	switch ((int)reason) {
	case LWS_CALLBACK_RECEIVE:
		printf(" first=%d final=%d bin=%d remain=%d",
		       lws_is_first_fragment(wsi), lws_is_final_fragment(wsi),
		       lws_frame_is_binary(wsi),
		       (int)lws_remaining_packet_payload(wsi));
		/* fallthrough */
	case LWS_CALLBACK_RECEIVE_PONG:
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_RAW_RX:
		printf(" len=%d ", (int)len);
		if (in)
			put_esc((unsigned char *)in, len, 48);
		else
			printf("NULL");
		break;
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
		printf(" len=%d ", (int)len);
		put_esc((unsigned char *)in, len, 200);
		break;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
	case LWS_CALLBACK_CONFIRM_EXTENSION_OKAY:
	case LWS_CALLBACK_VERIFY_BASIC_AUTHORIZATION:
		printf(" len=%d ", (int)len);
		if (in)
			put_esc((unsigned char *)in, strlen((char *)in), 200);
		else
			printf("NULL");
		break;
	case LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION:
		printf(" preverify_ok=%d", (int)len);
		break;
	default:
		printf(" in=%s len=%d", in ? "PTR" : "NULL", (int)len);
		break;
	}
	putchar('\n');

ret:
	for (i = 0; i < nrets; i++)
		if (rets[i].reason == (int)reason &&
		    ++rets[i].seen >= rets[i].nth) {
			printf("  returning %d\n", rets[i].value);
			return rets[i].value;
		}

	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return act_http(wsi, pss, (const char *)in);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return act_http_writeable(wsi, pss);
	case LWS_CALLBACK_TIMER:
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_HTTP_BODY:
		if (pss)
			pss->body += len;
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		if (pss && pss->mode == M_POST) {
			char b[64];

			snprintf(b, sizeof(b), "got %d", (int)pss->body);
			pss->mode = M_NONE;
			pss->body = 0;
			if (lws_return_http_status(wsi, 200, b))
				return -1;
		}
		n = lws_http_transaction_completed(wsi);
		printf("  transaction_completed=%d\n", n);
		return n ? -1 : 0;
	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		n = lws_http_transaction_completed(wsi);
		printf("  transaction_completed=%d\n", n);
		return n ? -1 : 0;
	case LWS_CALLBACK_ADD_HEADERS:
		if (in) {
			struct lws_process_html_args *a =
				(struct lws_process_html_args *)in;
			unsigned char *p = (unsigned char *)a->p;

			if (lws_add_http_header_by_name(wsi,
					(unsigned char *)"x-added:",
					(unsigned char *)"yes", 3, &p,
					p + a->max_len))
				return 1;
			a->p = (char *)p;
		}
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return act_receive(wsi, pss, (const char *)in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (!pss)
			return 0;
		if (pss->want_close)
			return -1;
		if (pss->len) {
			n = lws_write(wsi, pss->buf + LWS_PRE, pss->len,
				      pss->binary ? LWS_WRITE_BINARY :
						    LWS_WRITE_TEXT);
			printf("  lws_write=%d\n", n);
			pss->len = 0;
			if (n < 0)
				return -1;
		}
		return 0;
	case LWS_CALLBACK_RAW_RX:
		if (!pss)
			return 0;
		if (len == 5 && !memcmp(in, "close", 5))
			return -1;
		if (len > sizeof(pss->buf) - LWS_PRE)
			len = sizeof(pss->buf) - LWS_PRE;
		memcpy(pss->buf + LWS_PRE, in, len);
		pss->len = len;
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_RAW_WRITEABLE:
		if (pss && pss->len) {
			n = lws_write(wsi, pss->buf + LWS_PRE, pss->len,
				      LWS_WRITE_RAW);
			printf("  lws_write=%d\n", n);
			pss->len = 0;
		}
		return 0;
	case LWS_CALLBACK_VERIFY_BASIC_AUTHORIZATION:
		return in && !strcmp((char *)in, "user:pass");
	default:
		break;
	}

	return 0;
}

struct lws_protocols protocols[5] = {
	{ "first",  callback, sizeof(struct pss), 0, 1, NULL, 0 },
	{ "echo",   callback, sizeof(struct pss), 0, 2, NULL, 0 },
	{ "second", callback, sizeof(struct pss), 64, 3, NULL, 0 },
	{ "nopss",  callback, 0, 0, 4, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};
