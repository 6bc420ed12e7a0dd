/* Vector runner: the rest: numbers as bytes, C strings, delays, command lines, mime types, options. */
#include "runner.h"

static void f_vbi_encode(void)
{
	unsigned char o[16];
	int r = lws_vbi_encode((uint64_t)I(0), o);
	oi("ret", r);
	if (r > 0)
		os("out", o, (size_t)r);
}
static void f_vbi_decode(void)
{
	uint64_t v = 0xdeadbeef;
	int r = lws_vbi_decode(bs(0), &v, L(0));
	oi("ret", r);
	oi("v", (long long)v);
}
static void f_ser(void)
{
	unsigned char b[8];
	uint64_t v = strtoull(zs(1), NULL, 10);
	char t[32];
	switch (I(0)) {
	case 16: lws_ser_wu16be(b, (uint16_t)v); os("out", b, 2);
		 snprintf(t, sizeof(t), "%u", lws_ser_ru16be(b)); break;
	case 32: lws_ser_wu32be(b, (uint32_t)v); os("out", b, 4);
		 snprintf(t, sizeof(t), "%u", lws_ser_ru32be(b)); break;
	default: lws_ser_wu64be(b, v); os("out", b, 8);
		 snprintf(t, sizeof(t), "%llu", (unsigned long long)lws_ser_ru64be(b)); break;
	}
	oz("back", t);
}
static void f_snprintf(void)
{
	/* size, format kind, string, number */
	size_t c = (size_t)I(0);
	char *o = outbuf(c);
	int r;
	switch (I(1)) {
	case 0: r = lws_snprintf(o, c, "%s", zs(2)); break;
	case 1: r = lws_snprintf(o, c, "%d", (int)I(3)); break;
	case 2: r = lws_snprintf(o, c, "%s:%d", zs(2), (int)I(3)); break;
	case 3: r = lws_snprintf(o, c, "%-8s|%08x|%5.2f", zs(2), (unsigned int)I(3), 3.14159); break;
	default: r = lws_snprintf(o, c, "%llu %zu %c %%", (unsigned long long)I(3), (size_t)7, 'q'); break;
	}
	oi("ret", r);
	if (c)
		ob("out", o, c);
}
static void f_strncpy(void)
{
	size_t c = (size_t)I(1);
	char *o = outbuf(c);
	oi("same", lws_strncpy(o, zs(0), c) == o);
	ob("out", o, c);
}
static void f_strnncpy(void)
{
	/* src bytes, count, dest size */
	char *o = outbuf((size_t)I(2));
	lws_strnncpy(o, zs(0), (size_t)I(1), (size_t)I(2));
	ob("out", o, (size_t)I(2));
}
static void f_bcmp(void) { oi("differ", !!lws_timingsafe_bcmp(bs(0), bs(1), (uint32_t)L(0))); }
static void f_sha1(void)
{
	unsigned char d[20];
	memset(d, 0, sizeof(d));
	oi("same", lws_SHA1(bs(0), L(0), d) == d);
	os("out", d, 20);
}

/* conceal_count, jitter, tries, table... : reports delay bounds over 200 samples */
static void f_retry(void)
{
	struct lws_context *cx = mkctx();
	uint32_t tab[MAXA];
	lws_retry_bo_t bo;
	int n, use = (int)I(0) >= 0;
	uint16_t ct = 0;

	memset(&bo, 0, sizeof(bo));
	for (n = 3; n < NA; n++)
		tab[n - 3] = (uint32_t)I(n);
	bo.retry_ms_table = tab;
	bo.retry_ms_table_count = (uint16_t)(NA - 3);
	bo.conceal_count = use ? (uint16_t)I(0) : 0;
	bo.jitter_percent = (uint8_t)I(1);
	for (n = 0; n < I(2); n++) {
		uint16_t c0 = ct, c1 = ct;
		unsigned int ms, lo = 0xffffffffu, hi = 0, m;
		char conceal = 9;
		unsigned int base, pc = I(1) ? (unsigned int)I(1) : 30;
		for (m = 0; m < 200; m++) {
			c1 = c0;
			conceal = 9;
			ms = lws_retry_get_delay_ms(cx, use ? &bo : NULL, &c1, &conceal);
			if (ms < lo) lo = ms;
			if (ms > hi) hi = ms;
		}
		ct = c1;
		if (!use || NA == 3) base = 3000;
		else base = tab[c0 < bo.retry_ms_table_count ? c0 : bo.retry_ms_table_count - 1];
		if (!use) pc = 30;
		oi("base", base);
		oi("in_bounds", lo >= base && hi <= base + (base * pc) / 100);
		oi("spread", hi > lo);
		oi("try", ct);
		oi("conceal", conceal);
	}
	lws_context_destroy(cx);
}
static void f_random(void)
{
	struct lws_context *cx = mkctx();
	unsigned char b[64], z[64];
	char h[64];
	int n;
	memset(b, 0, sizeof(b)); memset(z, 0, sizeof(z));
	oi("ret", (long long)lws_get_random(cx, b, (size_t)I(0)));
	/* one byte is zero once in 256 draws: ask again before believing it */
	for (n = 0; n < 16 && !memcmp(b, z, sizeof(b)); n++)
		lws_get_random(cx, b, (size_t)I(0));
	oi("nonzero", !!memcmp(b, z, sizeof(b)));
	memset(h, 0xa5, sizeof(h));
	oi("hret", lws_hex_random(cx, h, (size_t)I(1)));
	oi("hlen", (long long)strnlen(h, sizeof(h)));
	oi("hhex", (long long)(strspn(h, "0123456789abcdef") == strnlen(h, sizeof(h))));
	lws_context_destroy(cx);
}
static void f_cmdline(void)
{
	/* option, argv... */
	const char *av[MAXA], *r;
	int n;
	for (n = 1; n < NA; n++)
		av[n - 1] = zs(n);
	av[NA - 1] = NULL;
	r = lws_cmdline_option(NA - 1, av, zs(0));
	oz("out", r);
}
static void f_basic_auth(void)
{
	char *o = outbuf((size_t)I(2));
	int r = lws_http_basic_auth_gen(zs(0), zs(1), o, (size_t)I(2));
	oi("ret", r);
	if (!r)
		ob("out", o, (size_t)I(2));
}

static void f_mime(void) { oz("out", lws_get_mimetype(zs(0), NULL)); }
static void f_tok_to_string(void)
{
	/* only tokens whose number the public enum fixes */
	oz("out", (const char *)lws_token_to_string((enum lws_token_indexes)I(0)));
}
static void f_pvo(void)
{
	struct lws_protocol_vhost_options c = { NULL, NULL, "c", "3" }, b = { &c, NULL, "b", "2" }, a = { &b, NULL, "a", "1" };
	const char *r = "unset";
	const struct lws_protocol_vhost_options *s = lws_pvo_search(&a, zs(0));
	oz("search", s ? s->value : NULL);
	oi("ret", lws_pvo_get_str(&a, zs(0), &r));
	oz("str", r);
}

static void f_bzero(void)
{
	unsigned char *d = bs(0);
	lws_explicit_bzero(d, L(0));
	os("out", d, L(0));
}

const function_t misc_functions[] = {
	{ "vbi_encode", f_vbi_encode },
	{ "vbi_decode", f_vbi_decode },
	{ "ser", f_ser },
	{ "snprintf", f_snprintf },
	{ "strncpy", f_strncpy },
	{ "strnncpy", f_strnncpy },
	{ "bcmp", f_bcmp },
	{ "sha1", f_sha1 },
	{ "retry", f_retry },
	{ "random", f_random },
	{ "cmdline", f_cmdline },
	{ "basic_auth", f_basic_auth },
	{ "mime", f_mime },
	{ "tok_to_string", f_tok_to_string },
	{ "pvo", f_pvo },
	{ "bzero", f_bzero },
	{ NULL, NULL },
};
