/* Server probe: answers to requests. */
#include "probe_server.h"

int
reply_headers(struct lws *wsi, unsigned int code, const char *type,
	      lws_filepos_t clen)
{
	unsigned char b[LWS_PRE + 2048], *start = b + LWS_PRE, *p = start,
		      *end = b + sizeof(b) - 1;

	if (lws_add_http_common_headers(wsi, code, type, clen, &p, end))
		return 1;
	if (lws_finalize_write_http_header(wsi, start, &p, end))
		return 1;
	return 0;
}

void
dump_request(struct lws *wsi)
{
	char b[512];
	int n, m;
	struct { enum lws_token_indexes t; const char *n; } tk[] = {
		{ WSI_TOKEN_GET_URI, "GET_URI" },
		{ WSI_TOKEN_POST_URI, "POST_URI" },
		{ WSI_TOKEN_HEAD_URI, "HEAD_URI" },
		{ WSI_TOKEN_HOST, "HOST" },
		{ WSI_TOKEN_CONNECTION, "CONNECTION" },
		{ WSI_TOKEN_UPGRADE, "UPGRADE" },
		{ WSI_TOKEN_ORIGIN, "ORIGIN" },
		{ WSI_TOKEN_HTTP, "HTTP" },
		{ WSI_TOKEN_HTTP_ACCEPT, "ACCEPT" },
		{ WSI_TOKEN_HTTP_COOKIE, "COOKIE" },
		{ WSI_TOKEN_HTTP_CONTENT_LENGTH, "CONTENT_LENGTH" },
		{ WSI_TOKEN_HTTP_CONTENT_TYPE, "CONTENT_TYPE" },
		{ WSI_TOKEN_HTTP_AUTHORIZATION, "AUTHORIZATION" },
		{ WSI_TOKEN_HTTP_URI_ARGS, "URI_ARGS" },
		{ WSI_TOKEN_HTTP_USER_AGENT, "USER_AGENT" },
		{ WSI_TOKEN_X_FORWARDED_FOR, "X_FORWARDED_FOR" },
	};
	char *up = NULL;

	n = lws_http_get_uri_and_method(wsi, &up, &m);
	printf("  method=%d uri=", n);
	put_esc((unsigned char *)(up ? up : ""), n >= 0 ? (size_t)m : 0, 200);
	putchar('\n');
	for (m = 0; m < (int)COUNT(tk); m++) {
		n = lws_hdr_total_length(wsi, tk[m].t);
		if (!n)
			continue;
		b[0] = 0;
		printf("  tok %s total=%d copy=%d ", tk[m].n, n,
		       lws_hdr_copy(wsi, b, sizeof(b), tk[m].t));
		put_esc((unsigned char *)b, strlen(b), 200);
		putchar('\n');
	}
	for (n = 0; n < 8; n++) {
		m = lws_hdr_copy_fragment(wsi, b, sizeof(b),
					  WSI_TOKEN_HTTP_URI_ARGS, n);
		if (m < 0)
			break;
		printf("  arg %d len=%d ", n, m);
		put_esc((unsigned char *)b, (size_t)m, 200);
		putchar('\n');
	}
	n = lws_hdr_custom_length(wsi, "x-probe:", 8);
	printf("  custom x-probe: %d", n);
	if (n > 0 && lws_hdr_custom_copy(wsi, b, sizeof(b), "x-probe:", 8) >= 0) {
		putchar(' ');
		put_esc((unsigned char *)b, strlen(b), 200);
	}
	putchar('\n');
}

int
act_http(struct lws *wsi, struct pss *pss, const char *uri)
{
	unsigned char b[LWS_PRE + 1024], *p = b + LWS_PRE,
		      *end = b + sizeof(b) - 1;
	char path[512];
	int n;

	if (!strcmp(uri, "/dyn") || !strcmp(uri, "/keep")) {
		pss->mode = M_DYN;
		if (reply_headers(wsi, 200, "text/plain", 12))
			return 1;
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (!strcmp(uri, "/nolen")) {
		pss->mode = M_DYN;
		if (reply_headers(wsi, 200, "text/plain",
				  LWS_ILLEGAL_HTTP_CONTENT_LEN))
			return 1;
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (!strcmp(uri, "/chunk")) {
		unsigned char *s = p;

		pss->mode = M_CHUNK;
		if (lws_add_http_header_status(wsi, 200, &p, end) ||
		    lws_add_http_header_by_token(wsi,
				WSI_TOKEN_HTTP_TRANSFER_ENCODING,
				(unsigned char *)"chunked", 7, &p, end) ||
		    lws_finalize_write_http_header(wsi, s, &p, end))
			return 1;
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (!strcmp(uri, "/sse")) {
		pss->mode = M_SSE;
		if (reply_headers(wsi, 200, "text/event-stream",
				  LWS_ILLEGAL_HTTP_CONTENT_LEN))
			return 1;
		lws_http_mark_sse(wsi);
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (!strncmp(uri, "/post", 5)) {
		pss->mode = M_POST;
		return 0;
	}
	if (!strcmp(uri, "/early")) {
		/* answer before the body was read */
		if (lws_return_http_status(wsi, 200, "early"))
			return -1;
		n = lws_http_transaction_completed(wsi);
		printf("  transaction_completed=%d\n", n);
		return n;
	}
	if (!strcmp(uri, "/s404") || !strcmp(uri, "/s500") ||
	    !strcmp(uri, "/s403")) {
		n = lws_return_http_status(wsi, (unsigned)atoi(uri + 2),
					   uri[2] == '5' ? "<b>oops</b>" : NULL);
		printf("  return_http_status=%d\n", n);
		if (n)
			return -1;
		n = lws_http_transaction_completed(wsi);
		printf("  transaction_completed=%d\n", n);
		return n;
	}
	if (!strcmp(uri, "/redir")) {
		n = lws_http_redirect(wsi, 302, (unsigned char *)"/else", 5,
				      &p, end);
		printf("  http_redirect=%s\n", n > 0 ? ">0" : n ? "<0" : "0");
		if (n < 0)
			return -1;
		n = lws_http_transaction_completed(wsi);
		printf("  transaction_completed=%d\n", n);
		return n;
	}
	if (!strncmp(uri, "/hdrs", 5)) {
		dump_request(wsi);
		pss->mode = M_DYN;
		if (reply_headers(wsi, 200, "text/plain", 12))
			return 1;
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (!strncmp(uri, "/servefile", 10)) {
		snprintf(path, sizeof(path), "%s/hello.txt", docroot);
		n = lws_serve_http_file(wsi, path, "text/plain",
					"x-extra: 1\x0d\x0a", 12);
		printf("  serve_http_file=%d\n", n);
		if (n < 0 || (n > 0 && lws_http_transaction_completed(wsi)))
			return -1;
		return 0;
	}
	if (!strncmp(uri, "/nofile", 7)) {
		n = lws_serve_http_file(wsi, "/nonexistent/zz", "text/plain",
					NULL, 0);
		printf("  serve_http_file=%d\n", n);
		if (n < 0 || (n > 0 && lws_http_transaction_completed(wsi)))
			return -1;
		return 0;
	}
	if (!strcmp(uri, "/ret1"))
		return 1;
	if (!strcmp(uri, "/silent"))
		return 0;

	return lws_callback_http_dummy(wsi, LWS_CALLBACK_HTTP, pss,
				       (void *)uri, strlen(uri));
}

int
act_http_writeable(struct lws *wsi, struct pss *pss)
{
	unsigned char b[LWS_PRE + 256];
	int n;

	switch (pss ? pss->mode : M_NONE) {
	case M_DYN:
		pss->mode = M_NONE;
		memcpy(b + LWS_PRE, "hello world\n", 12);
		n = lws_write(wsi, b + LWS_PRE, 12, LWS_WRITE_HTTP_FINAL);
		printf("  lws_write=%d\n", n);
		if (n != 12)
			return 1;
		n = lws_http_transaction_completed(wsi);
		printf("  transaction_completed=%d\n", n);
		return n ? -1 : 0;
	case M_CHUNK:
		if (!pss->step) {
			memcpy(b + LWS_PRE, "5\x0d\x0ahello\x0d\x0a", 10);
			n = lws_write(wsi, b + LWS_PRE, 10, LWS_WRITE_HTTP);
			printf("  lws_write=%d\n", n);
			pss->step = 1;
			lws_callback_on_writable(wsi);
			return 0;
		}
		memcpy(b + LWS_PRE, "0\x0d\x0a\x0d\x0a", 5);
		n = lws_write(wsi, b + LWS_PRE, 5, LWS_WRITE_HTTP_FINAL);
		printf("  lws_write=%d\n", n);
		pss->mode = M_NONE;
		pss->step = 0;
		n = lws_http_transaction_completed(wsi);
		printf("  transaction_completed=%d\n", n);
		return n ? -1 : 0;
	case M_SSE:
		if (pss->step == 2)
			return -1;
		n = snprintf((char *)b + LWS_PRE, 200, "data: tick %d\n\n",
			     pss->step++);
		lws_write(wsi, b + LWS_PRE, (size_t)n, LWS_WRITE_HTTP);
		lws_set_timer_usecs(wsi, 30 * LWS_USEC_PER_SEC / 1000);
		return 0;
	default:
		return 0;
	}
}
