/* Vector runner: what is taken apart: JSON, dates, addresses. */
#include "runner.h"

static const char *lejpn(int r)
{
	switch (r) {
	case LEJPCB_CONSTRUCTED: return "CONSTRUCTED";
	case LEJPCB_DESTRUCTED: return "DESTRUCTED";
	case LEJPCB_START: return "START";
	case LEJPCB_COMPLETE: return "COMPLETE";
	case LEJPCB_FAILED: return "FAILED";
	case LEJPCB_PAIR_NAME: return "PAIR_NAME";
	case LEJPCB_VAL_TRUE: return "VAL_TRUE";
	case LEJPCB_VAL_FALSE: return "VAL_FALSE";
	case LEJPCB_VAL_NULL: return "VAL_NULL";
	case LEJPCB_VAL_NUM_INT: return "VAL_NUM_INT";
	case LEJPCB_VAL_NUM_FLOAT: return "VAL_NUM_FLOAT";
	case LEJPCB_VAL_STR_START: return "VAL_STR_START";
	case LEJPCB_VAL_STR_CHUNK: return "VAL_STR_CHUNK";
	case LEJPCB_VAL_STR_END: return "VAL_STR_END";
	case LEJPCB_ARRAY_START: return "ARRAY_START";
	case LEJPCB_ARRAY_END: return "ARRAY_END";
	case LEJPCB_OBJECT_START: return "OBJECT_START";
	case LEJPCB_OBJECT_END: return "OBJECT_END";
	}
	return "?";
}
static int lejp_fail_on = -1;
static signed char lejp_cb(struct lejp_ctx *ctx, char reason)
{
	char b[1024];
	int n = snprintf(b, sizeof(b), "%s", lejpn(reason)), m;

	if (reason != LEJPCB_CONSTRUCTED) {
		n += snprintf(b + n, sizeof(b) - (size_t)n, " p='%s' m=%d d=%d", ctx->path,
				(int)ctx->path_match, (int)ctx->sp);
		if ((reason & LEJP_FLAG_CB_IS_VALUE)) {
			int l = (int)ctx->npos;
			if (reason == LEJPCB_VAL_TRUE || reason == LEJPCB_VAL_FALSE ||
			    reason == LEJPCB_VAL_NULL)
				l = (int)strnlen(ctx->buf, sizeof(ctx->buf));
			n += snprintf(b + n, sizeof(b) - (size_t)n, " v='%.*s'", l, ctx->buf);
		}
		if (ctx->ipos) {
			n += snprintf(b + n, sizeof(b) - (size_t)n, " i=");
			for (m = 0; m < ctx->ipos && m < LEJP_MAX_INDEX_DEPTH; m++)
				n += snprintf(b + n, sizeof(b) - (size_t)n, "%s%d", m ? "," : "",
						(int)ctx->i[m]);
		}
		if (ctx->wildcount) {
			char w[64];
			int r = lejp_get_wildcard(ctx, 0, w, sizeof(w));
			n += snprintf(b + n, sizeof(b) - (size_t)n, " w=%d:'%s'", r, r ? w : "");
		}
	}
	os("ev", b, (size_t)n < sizeof(b) ? (size_t)n : sizeof(b) - 1);

	return reason == lejp_fail_on ? -1 : 0;
}
/* json, chunk size (0 = one go), reason to fail on (-1 none), path, path, ... */
static void f_lejp(void)
{
	struct lejp_ctx ctx;
	const char *paths[MAXA];
	int n, r = -1, np = 0;
	size_t ofs = 0, ch = (size_t)I(1);

	memset(&ctx, 0, sizeof(ctx));
	lejp_fail_on = (int)I(2);
	for (n = 3; n < NA; n++)
		paths[np++] = zs(n);
	lejp_construct(&ctx, lejp_cb, NULL, paths, (unsigned char)np);
	if (!ch)
		ch = L(0) ? L(0) : 1;
	do {
		size_t l = L(0) - ofs;
		unsigned char *c;
		if (l > ch)
			l = ch;
		c = malloc(l ? l : 1);
		memcpy(c, A[0].s + ofs, l);
		r = lejp_parse(&ctx, c, (int)l);
		free(c);
		ofs += l;
	} while (r == LEJP_CONTINUE && ofs < L(0));
	oi("ret", r);
	oi("line", ctx.line);
	lejp_destruct(&ctx);
}
static void f_lejp_err(void) { oz("out", lejp_error_to_string((int)I(0))); }
#if V43
static void f_date_render(void)
{
	time_t t = (time_t)I(0);
	char *o = outbuf((size_t)I(1));
	int r = lws_http_date_render_from_unix(o, (size_t)I(1), &t);
	oi("ret", r);
	if (!r)
		ob("out", o, (size_t)I(1));
}
#endif
#if V43
static void f_date_parse(void)
{
	/* note: reads past short day digits with atoi, so hand it a NUL */
	time_t t = 0;
	int r = lws_http_date_parse_unix(zs(0), L(0), &t);
	oi("ret", r);
	if (!r)
		oi("t", (long long)t);
}
#endif
static void f_parse_numeric(void)
{
	unsigned char *o = (unsigned char *)outbuf(16);
	int r = lws_parse_numeric_address(zs(0), o, (size_t)I(1));
	oi("ret", r);
	if (r > 0)
		os("out", o, (size_t)r);
}
static void f_write_numeric(void)
{
	char *o = outbuf((size_t)I(1));
	int r = lws_write_numeric_address(bs(0), (int)L(0), o, (size_t)I(1));
	oi("ret", r);
	if (r >= 0)
		ob("out", o, (size_t)I(1));
}
static int mk46(int n, lws_sockaddr46 *s)
{
	char *z = zs(n);
	memset(s, 0, sizeof(*s));
	if (!*z)
		return 0;
	return lws_sa46_parse_numeric_address(z, s);
}
static void f_sa46_parse(void)
{
	lws_sockaddr46 s;
	char b[64];
	int r = mk46(0, &s);
	oi("ret", r);
	if (!r) {
		oi("v6", s.sa4.sin_family == AF_INET6);
		oi("wret", lws_sa46_write_numeric_address(&s, b, sizeof(b)));
		oz("out", b);
	}
}
static void f_sa46_write_family(void)
{
	lws_sockaddr46 s;
	char b[64];
	memset(&s, 0, sizeof(s));
	s.sa4.sin_family = (sa_family_t)I(0);
	oi("ret", lws_sa46_write_numeric_address(&s, b, sizeof(b)));
	oz("out", b);
}
static void f_sa46_compare(void)
{
	lws_sockaddr46 a, b;
	mk46(0, &a); mk46(1, &b);
	oi("differ", !!lws_sa46_compare_ads(&a, &b));
}
#if V43
static void f_sa46_on_net(void)
{
	lws_sockaddr46 a, b;
	mk46(0, &a); mk46(1, &b);
	oi("ret", lws_sa46_on_net(&a, &b, (int)I(2)));
}
#endif

const function_t parse_functions[] = {
	{ "lejp", f_lejp },
	{ "lejp_err", f_lejp_err },
	{ "parse_numeric", f_parse_numeric },
	{ "write_numeric", f_write_numeric },
	{ "sa46_parse", f_sa46_parse },
	{ "sa46_write_family", f_sa46_write_family },
	{ "sa46_compare", f_sa46_compare },
#if V43
	{ "date_render", f_date_render },
	{ "date_parse", f_date_parse },
	{ "sa46_on_net", f_sa46_on_net },
#endif
	{ NULL, NULL },
};
