/* Vector runner: texts: tokens, urls, escapes, hex, base64, expansion, patterns, JSON by name. */
#include "runner.h"

static const char * const tokname[] = { "ERR_BROKEN_UTF8", "ERR_UNTERM_STRING",
	"ERR_MALFORMED_FLOAT", "ERR_NUM_ON_LHS", "ERR_COMMA_LIST", "ENDED",
	"DELIMITER", "TOKEN", "INTEGER", "FLOAT", "TOKEN_NAME_EQUALS",
	"TOKEN_NAME_COLON", "QUOTED_STRING" };

static void f_tokenize(void)
{
	/* string, flags, use explicit length? */
	struct lws_tokenize ts;
	char *z = I(2) ? (char *)bs(0) : zs2(0);
	int e, lim = 200;

	memset(&ts, 0, sizeof(ts));
	lws_tokenize_init(&ts, z, (int)I(1));
	if (I(2))
		ts.len = L(0);
	do {
		char buf[512];
		int n;

		e = lws_tokenize(&ts);
		n = snprintf(buf, sizeof(buf), "%s", e >= -5 && e <= 7 ? tokname[e + 5] : "?");
		if (e > 0) {
			buf[n++] = ' ';
			if (ts.token_len + (size_t)n < sizeof(buf)) {
				memcpy(buf + n, ts.token, ts.token_len);
				n += (int)ts.token_len;
			}
		}
		os("ev", buf, (size_t)n);
	} while (e > 0 && --lim);
}

static void f_tokenize_cstr(void)
{
	struct lws_tokenize ts;
	char *z = zs(0), *o = outbuf((size_t)I(2));
	int e, r;

	memset(&ts, 0, sizeof(ts));
	lws_tokenize_init(&ts, z, (int)I(1));
	e = lws_tokenize(&ts);
	oi("e", e);
	r = lws_tokenize_cstr(&ts, o, (size_t)I(2));
	oi("ret", r);
	if (!r)
		ob("out", o, (size_t)I(2));
}

static void f_parse_uri(void)
{
	char *z = zs(0);
	const char *prot = NULL, *ads = NULL, *path = NULL;
	int port = -12345;

	oi("ret", lws_parse_uri(z, &prot, &ads, &port, &path));
	oz("prot", prot); oz("ads", ads); oi("port", port); oz("path", path);
}

static void f_urlencode(void)
{
	char *o = outbuf((size_t)I(1));
	oi("same", lws_urlencode(o, zs(0), (int)I(1)) == o);
	ob("out", o, (size_t)I(1));
}
static void f_urldecode(void)
{
	char *o = outbuf((size_t)I(1) + 1);
	int r = lws_urldecode(o, zs(0), (int)I(1));
	oi("ret", r);
	if (!r)
		ob("out", o, (size_t)I(1) + 1);
}
static void f_urldecode_inplace(void)
{
	char *z = zs(0);
	int r = lws_urldecode(z, z, (int)I(1));
	oi("ret", r);
	if (!r)
		oz("out", z);
}
static void f_sql_purify(void)
{
	char *o = outbuf((size_t)I(1));
	lws_sql_purify(o, zs(0), (size_t)I(1));
	ob("out", o, (size_t)I(1));
}
static void f_json_purify(void)
{
	char *o = outbuf((size_t)I(1));
	int used = -99;
	lws_json_purify(o, zs(0), (int)I(1), &used);
	ob("out", o, (size_t)I(1));
	oi("in_used", used);
}
static void f_json_purify_len(void) { oi("ret", lws_json_purify_len(zs(0))); }
static void f_filename_purify(void) { char *z = zs(0); lws_filename_purify_inplace(z); oz("out", z); }
static void f_hex_to_bytes(void)
{
	unsigned char *o = (unsigned char *)outbuf((size_t)I(1));
	int r = lws_hex_to_byte_array(zs(0), o, (int)I(1));
	oi("ret", r);
	if (r > 0)
		os("out", o, (size_t)r);
}
#if V43
static void f_hex_from_bytes(void)
{
	char *o = outbuf((size_t)I(1));
	lws_hex_from_byte_array(bs(0), L(0), o, (size_t)I(1));
	ob("out", o, (size_t)I(1));
}
#endif
static void f_b64_encode(void)
{
	char *o = outbuf((size_t)I(1));
	int r = lws_b64_encode_string((char *)bs(0), (int)L(0), o, (int)I(1));
	oi("ret", r);
	if (r >= 0)
		ob("out", o, (size_t)I(1));
}
static void f_b64_encode_url(void)
{
	char *o = outbuf((size_t)I(1));
	int r = lws_b64_encode_string_url((char *)bs(0), (int)L(0), o, (int)I(1));
	oi("ret", r);
	if (r >= 0)
		ob("out", o, (size_t)I(1));
}
static void f_b64_decode(void)
{
	char *o = outbuf((size_t)I(1));
	int r = lws_b64_decode_string(zs(0), o, (int)I(1));
	oi("ret", r);
	if (r > 0)
		os("out", o, (size_t)r);
}
static void f_b64_decode_len(void)
{
	char *o = outbuf((size_t)I(1));
	int r = lws_b64_decode_string_len((char *)bs(0), (int)L(0), o, (int)I(1));
	oi("ret", r);
	if (r > 0)
		os("out", o, (size_t)r);
}
/* args: out capacity per call, chunk, chunk, ... ; the last chunk is final */
static void f_b64_stateful(void)
{
	struct lws_b64state st;
	int n;

	lws_b64_decode_state_init(&st);
	for (n = 1; n < NA; n++) {
		size_t il = L(n), ol = (size_t)I(0);
		unsigned char *o = (unsigned char *)outbuf((size_t)I(0) + 1);
		oi("ret", lws_b64_decode_stateful(&st, (char *)bs(n), &il, o, &ol, n == NA - 1));
		oi("in", (long long)il);
		os("out", o, ol);
	}
}
static void f_humanize(void)
{
	const lws_humanize_unit_t *s[3] = { humanize_schema_si,
			humanize_schema_si_bytes, humanize_schema_us };
	char *o = outbuf((size_t)I(2));
	uint64_t v = strtoull(zs(0), NULL, 10);
	oi("ret", lws_humanize(o, (size_t)I(2), v, s[I(1)]));
	ob("out", o, (size_t)I(2));
}

/* strexp: args: in, out capacity (0 = NULL out), k, v, k, v ... */
static int sx_cb(void *priv, const char *name, char *out, size_t *pos,
		 size_t olen, size_t *exp_ofs)
{
	int n;
	for (n = 2; n + 1 < NA; n += 2) {
		char *k = zs(n), *v = zs(n + 1);
		size_t total, budget;
		if (strcmp(k, name))
			continue;
		total = strlen(v) - *exp_ofs;
		budget = olen - *pos;
		if (total < budget)
			budget = total;
		if (out)
			memcpy(out + *pos, v + *exp_ofs, budget);
		*exp_ofs += budget;
		*pos += budget;
		return budget == total ? LSTRX_DONE : LSTRX_FILLED_OUT;
	}
	return LSTRX_FATAL_NAME_UNKNOWN;
}
static void f_strexp(void)
{
	lws_strexp_t e;
	size_t cap = (size_t)I(1), used = 0, ui = 9999, uo = 9999;
	char *o = cap ? outbuf(cap + 1) : NULL, *in = (char *)bs(0);
	int r, lim = 30;

	memset(&e, 0, sizeof(e));
	lws_strexp_init(&e, NULL, sx_cb, o, cap ? cap : (size_t)-1);
	do {
		ui = uo = 9999;
		r = lws_strexp_expand(&e, in + used, L(0) - used, &ui, &uo);
		oi("ret", r);
		if (r < 0)
			break;
		oi("used_in", (long long)ui);
		oi("used_out", (long long)uo);
		if (o && uo <= cap)
			os("out", o, uo);
		used += ui;
		if (r == LSTRX_FILLED_OUT) {
			if (!o)
				break;
			lws_strexp_reset_out(&e, o, cap);
		}
	} while (r == LSTRX_FILLED_OUT && --lim);
}
#if V43
static void f_wildcard(void)
{
	oi("match", !lws_strcmp_wildcard((char *)bs(0), L(0), (char *)bs(1), L(1)));
}
#endif
static void f_nstrstr(void)
{
	char *h = (char *)bs(0);
	const char *r = lws_nstrstr(h, L(0), (char *)bs(1), L(1));
	oi("ofs", r ? (long long)(r - h) : -1);
}
static void f_json_find(void)
{
	char *h = (char *)bs(0);
	size_t al = 0;
	const char *r = lws_json_simple_find(h, L(0), zs(1), &al);
	oi("ofs", r ? (long long)(r - h) : -1);
	if (r) {
		oi("len", (long long)al);
		if ((size_t)(r - h) + al <= L(0))
			os("val", r, al);
	}
}
static void f_json_strcmp(void)
{
	int r = lws_json_simple_strcmp((char *)bs(0), L(0), zs(1), zs(2));
	oi("equal", !r);
}

const function_t text_functions[] = {
	{ "tokenize", f_tokenize },
	{ "tokenize_cstr", f_tokenize_cstr },
	{ "parse_uri", f_parse_uri },
	{ "urlencode", f_urlencode },
	{ "urldecode", f_urldecode },
	{ "urldecode_inplace", f_urldecode_inplace },
	{ "sql_purify", f_sql_purify },
	{ "json_purify", f_json_purify },
	{ "json_purify_len", f_json_purify_len },
	{ "filename_purify", f_filename_purify },
	{ "hex_to_bytes", f_hex_to_bytes },
	{ "b64_encode", f_b64_encode },
	{ "b64_encode_url", f_b64_encode_url },
	{ "b64_decode", f_b64_decode },
	{ "b64_decode_len", f_b64_decode_len },
	{ "b64_stateful", f_b64_stateful },
	{ "humanize", f_humanize },
	{ "strexp", f_strexp },
	{ "nstrstr", f_nstrstr },
	{ "json_find", f_json_find },
	{ "json_strcmp", f_json_strcmp },
#if V43
	{ "hex_from_bytes", f_hex_from_bytes },
	{ "wildcard", f_wildcard },
#endif
	{ NULL, NULL },
};
