/* Vector runner: log lines. */
#include "runner.h"

/* --- logging --- */
static void emit(int level, const char *line)
{
	/* hide the wall clock: every digit inside the leading [...] becomes 9 */
	char b[2048]; size_t n;
	int in = line[0] == '[';
	lws_strncpy(b, line, sizeof(b));
	for (n = 0; in && b[n] && b[n] != ']'; n++)
		if (b[n] >= '0' && b[n] <= '9')
			b[n] = '9';
	oi("lvl", level);
	oz("line", b);
}
static void f_log(void)
{
	lws_set_log_level((int)I(0), emit);
	_lws_log((int)I(1), "%s", zs(2));
	oi("vis", lwsl_visible((int)I(1)));
}
static void f_hexdump(void)
{
	lws_set_log_level((int)I(0), emit);
	lwsl_hexdump_level((int)I(1), bs(2), L(2));
}
#if V43
static lws_log_cx_t lcx, pcx;
static void pre_p(lws_log_cx_t *c, void *o, char **p, char *e) { (void)c; (void)o; *p += lws_snprintf(*p, lws_ptr_diff_size_t(e, *p), "PARENT "); }
static void pre_c(lws_log_cx_t *c, void *o, char **p, char *e) { (void)c; (void)o; *p += lws_snprintf(*p, lws_ptr_diff_size_t(e, *p), "CHILD "); }
static void pre_o(lws_log_cx_t *c, void *o, char **p, char *e) { (void)c; *p += lws_snprintf(*p, lws_ptr_diff_size_t(e, *p), "<%s> ", (char *)o); }
static void emit_cx(struct lws_log_cx *cx, int level, const char *line, size_t len) { (void)cx; emit(level, line); oi("len_ok", strlen(line) == len); }
static int rcb_n;
static void rcb(lws_log_cx_t *cx, int n) { rcb_n += n; oi("ref", cx->refcount); }
static void f_log_cx(void)
{
	lcx.u.emit_cx = emit_cx; lcx.lll_flags = LLLF_LOG_CONTEXT_AWARE | (uint32_t)I(0);
	lcx.parent = I(2) ? &pcx : NULL; lcx.prepend = pre_c; pcx.prepend = pre_p; lcx.refcount_cb = rcb;
	lwsl_refcount_cx(&lcx, 1);
	_lws_log_cx(&lcx, I(3) ? pre_o : NULL, (void *)"obj", (int)I(1), I(4) ? "func" : NULL, "%s", "hello");
	lwsl_refcount_cx(&lcx, -1);
}
#endif
static void f_timestamp(void)
{
	char b[64], *p;
	int r;
	memset(b, 0xa5, sizeof(b));
	r = lwsl_timestamp((int)I(0), b, sizeof(b));
	oi("ret", r);
	for (p = b; *p && *p != ']'; p++) if (*p >= '0' && *p <= '9') *p = '9';
	oz("out", b);
}

const function_t log_functions[] = {
	{ "log", f_log },
	{ "hexdump", f_hexdump },
	{ "timestamp", f_timestamp },
#if V43
	{ "log_cx", f_log_cx },
#endif
	{ NULL, NULL },
};
