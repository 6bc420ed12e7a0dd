/* Vector runner: containers: rings, lists, arenas, maps, caches, blobs. */
#include "runner.h"

/* element size, count, ops: Ixyz insert bytes xyz, C<n> consume n, F free, W waiting, */
static int ring_destroyed;
static void ring_d(void *e) { (void)e; ring_destroyed++; }
static void f_ring(void)
{
	struct lws_ring *r = lws_ring_create((size_t)I(0), (size_t)I(1), I(3) ? ring_d : NULL);
	char *op = zs(2), buf[256];
	size_t es = (size_t)I(0);

	while (op && *op) {
		char c = *op++;
		int n = (int)strtol(op, &op, 10);
		void *st = NULL;
		size_t by = 0;
		memset(buf, 0, sizeof(buf));
		switch (c) {
		case 'I': { static unsigned char v; int m;
			for (m = 0; m < (int)((size_t)n * es); m++) buf[m] = (char)(v++ & 0x7f);
			oi("ins", (long long)lws_ring_insert(r, buf, (size_t)n)); break; }
		case 'C': { size_t g = lws_ring_consume(r, NULL, buf, (size_t)n);
			oi("con", (long long)g); os("data", buf, g * es); break; }
		case 'X': oi("skip", (long long)lws_ring_consume(r, NULL, NULL, (size_t)n)); break;
		case 'F': oi("free", (long long)lws_ring_get_count_free_elements(r)); break;
		case 'W': oi("wait", (long long)lws_ring_get_count_waiting_elements(r, NULL)); break;
		case 'E': oi("elem", lws_ring_get_element(r, NULL) ? *(const unsigned char *)lws_ring_get_element(r, NULL) : -1); break;
		case 'T': oi("tail", lws_ring_get_oldest_tail(r)); break;
		case 'L': oi("lret", lws_ring_next_linear_insert_range(r, &st, &by)); oi("lbytes", (long long)by); break;
		case 'B': lws_ring_bump_head(r, (size_t)n); break;
		case 'D': oi("destroyed", ring_destroyed); break;
		}
		if (*op == ' ') op++;
	}
	lws_ring_destroy(r);
	oi("destroyed_end", ring_destroyed);
}
/* ops: A<text> append; U<n> use; N next len; T total; L<n> linear_use; P<o>,<n> linear_copy; G<n> fragment_use */
#if V43
static void f_buflist(void)
{
	struct lws_buflist *h = NULL;
	int n;
	for (n = 0; n < NA; n++) {
		char *op = zs(n), buf[256], f1 = 9, f2 = 9, *e;
		uint8_t *p = NULL;
		size_t z;
		int r;
		memset(buf, 0, sizeof(buf));
		switch (*op) {
		case 'A': oi("app", lws_buflist_append_segment(&h, (uint8_t *)op + 1, strlen(op + 1))); break;
		case 'U': oi("use", (long long)lws_buflist_use_segment(&h, (size_t)atoi(op + 1))); break;
		case 'N': z = lws_buflist_next_segment_len(&h, &p); oi("next", (long long)z); if (p) os("at", p, z); break;
		case 'T': oi("total", (long long)lws_buflist_total_len(&h)); break;
		case 'L': r = lws_buflist_linear_use(&h, (uint8_t *)buf, (size_t)atoi(op + 1)); oi("lin", r); os("data", buf, (size_t)r); break;
		case 'P': z = strtoul(op + 1, &e, 10); r = lws_buflist_linear_copy(&h, z, (uint8_t *)buf, (size_t)atoi(e + 1)); oi("cpy", r); os("data", buf, (size_t)r); break;
		case 'G': r = lws_buflist_fragment_use(&h, (uint8_t *)buf, (size_t)atoi(op + 1), &f1, &f2);
			  oi("frag", r); os("data", buf, (size_t)r); oi("first", f1); oi("fin", f2); break;
		case 'D': lws_buflist_destroy_all_segments(&h); oi("gone", !h); break;
		}
	}
	lws_buflist_destroy_all_segments(&h);
}
#endif
struct dnode { int v; lws_dll2_t l; };
static int dcmp(const lws_dll2_t *a, const lws_dll2_t *b)
{
	return lws_container_of(a, struct dnode, l)->v / 10 - lws_container_of(b, struct dnode, l)->v / 10;
}
/* ops: H<v> add head, T<v> add tail, S<v> sorted (key = v/10), R<v> remove, B<v> before head */
static void f_dll2(void)
{
	struct dnode nd[256];
	lws_dll2_owner_t o;
	char s[512]; int n, k = 0;
	memset(nd, 0, sizeof(nd));
	lws_dll2_owner_clear(&o);
	for (n = 0; n < NA; n++) {
		char *op = zs(n); int v = atoi(op + 1) & 255;
		nd[v].v = v;
		switch (*op) {
		case 'H': lws_dll2_add_head(&nd[v].l, &o); break;
		case 'T': lws_dll2_add_tail(&nd[v].l, &o); break;
		case 'S': lws_dll2_add_sorted(&nd[v].l, &o, dcmp); break;
		case 'B': lws_dll2_add_before(&nd[v].l, o.head); break;
		case 'R': lws_dll2_remove(&nd[v].l); oi("det", lws_dll2_is_detached(&nd[v].l)); break;
		}
	}
	s[0] = 0;
	lws_start_foreach_dll(struct lws_dll2 *, p, lws_dll2_get_head(&o)) {
		k += snprintf(s + k, sizeof(s) - (size_t)k, "%d ", lws_container_of(p, struct dnode, l)->v);
	} lws_end_foreach_dll(p);
	oz("fwd", s);
	k = 0; s[0] = 0;
	lws_start_foreach_dll_safe(struct lws_dll2 *, p, p1, lws_dll2_get_tail(&o)) {
		(void)p1;
		k += snprintf(s + k, sizeof(s) - (size_t)k, "%d ", lws_container_of(p, struct dnode, l)->v);
	} lws_end_foreach_dll_safe(p, p1);
	oz("from_tail", s);
	oi("count", o.count);
}
static void f_lwsac(void)
{
	/* chunk size, then sizes; reports totals */
	struct lwsac *ac = NULL;
	int n;
	for (n = 1; n < NA; n++) {
		unsigned char *p = lwsac_use(&ac, (size_t)I(n), (size_t)I(0));
		oi("aligned", !((uintptr_t)p & 7));
		oi("total", (long long)lwsac_total_alloc(ac));
	}
	oi("overhead", (long long)lwsac_total_overhead(ac));
	lwsac_free(&ac);
	oi("null", !ac);
}
static void f_lwsac_align(void) { oi("ret", (long long)lwsac_align((size_t)I(0))); }
static void f_lwsac_sizeof(void) { oi("ret", (long long)lwsac_sizeof((int)I(0))); }
#if V43
static void f_xos(void)
{
	struct lws_xos x;
	int n;
	char t[32];
	memset(&x, 0, sizeof(x));
	lws_xos_init(&x, strtoull(zs(0), NULL, 10));
	for (n = 0; n < I(1); n++) {
		snprintf(t, sizeof(t), "%llu", (unsigned long long)lws_xos(&x));
		oz("v", t);
	}
	oi("pc0", lws_xos_percent(&x, 0));
	oi("pc100", lws_xos_percent(&x, 100));
}
static void f_map(void)
{
	/* ops: +k=v, -k, ?k */
	lws_map_info_t mi;
	lws_map_t *m;
	int n;
	memset(&mi, 0, sizeof(mi));
	m = lws_map_create(&mi);
	for (n = 0; n < NA; n++) {
		char *op = zs(n), *e;
		struct lws_map_item *it;
		switch (*op) {
		case '+': e = strchr(op, '='); *e++ = 0;
			it = lws_map_item_create_ks(m, op + 1, e, strlen(e)); oi("add", !!it); break;
		case '-': it = lws_map_item_lookup_ks(m, op + 1); oi("del", !!it); if (it) lws_map_item_destroy(it); break;
		case '?': it = lws_map_item_lookup_ks(m, op + 1); oi("hit", !!it);
			if (it) { os("val", lws_map_item_value(it), lws_map_item_value_len(it));
				  os("key", lws_map_item_key(it), lws_map_item_key_len(it)); }
			break;
		}
	}
	lws_map_destroy(&m);
	oi("null", !m);
}
static int cachewalk_n;
static void f_cache(void)
{
	/* max footprint, max items, max payload; ops: +k=v, -k, ?k, *wild, X */
	struct lws_context *cx = mkctx();
	struct lws_cache_creation_info ci;
	struct lws_cache_ttl_lru *c;
	int n;
	memset(&ci, 0, sizeof(ci));
	ci.cx = cx; ci.name = "v"; ci.ops = &lws_cache_ops_heap;
	ci.max_footprint = (size_t)I(0); ci.max_items = (size_t)I(1); ci.max_payload = (size_t)I(2);
	c = lws_cache_create(&ci);
	oi("create", !!c);
	for (n = 3; n < NA; n++) {
		char *op = zs(n), *e;
		const void *p = NULL; size_t sz = 0; void *q;
		lws_cache_results_t cr;
		switch (*op) {
		case '+': e = strchr(op, '='); *e++ = 0;
			oi("put", lws_cache_write_through(c, op + 1, (const uint8_t *)e, strlen(e),
					lws_now_usecs() + 1000000000ll, &q)); break;
		case '-': oi("del", lws_cache_item_remove(c, op + 1)); break;
		case '?': { int r = lws_cache_item_get(c, op + 1, &p, &sz); oi("get", r); if (!r) os("val", p, sz); break; }
		case '*': memset(&cr, 0, sizeof(cr));
			oi("look", lws_cache_lookup(c, op + 1, (const void **)&cr.ptr, &cr.size));
			cachewalk_n = 0;
			while (cr.size && !lws_cache_results_walk(&cr)) { os("tag", cr.tag, cr.tag_len); oi("plen", (long long)cr.payload_len); }
			break;
		case 'X': oi("exp", lws_cache_expunge(c)); break;
		case 'Z': oi("foot", (long long)(lws_cache_footprint(c) > 0)); break;
		}
	}
	lws_cache_destroy(&c);
	oi("null", !c);
	lws_context_destroy(cx);
}
#endif

static int lp_cmp(lws_list_ptr a, lws_list_ptr b)
{
	struct e { lws_list_ptr next; long v; };
	return (int)(((struct e *)a)->v - ((struct e *)b)->v);
}
static void f_list_ptr(void)
{
	struct e { lws_list_ptr next; long v; } el[MAXA];
	lws_list_ptr head = NULL;
	char s[256]; int n, k = 0;
	memset(el, 0, sizeof(el));
	for (n = 1; n < NA; n++) {
		el[n].v = (long)I(n);
		lws_list_ptr_insert(&head, &el[n].next, I(0) ? lp_cmp : NULL);
	}
	s[0] = 0;
	lws_start_foreach_ll(struct e *, p, (struct e *)head) {
		k += snprintf(s + k, sizeof(s) - (size_t)k, "%ld ", p->v);
	} lws_end_foreach_ll(p, next);
	oz("order", s);
}
static void f_blob(void)
{
	/* direct? then data, get offset, get len */
	struct lws_context *cx = mkctx();
	lws_system_blob_t *b = lws_system_get_blob(cx, LWS_SYSBLOB_TYPE_DEVICE_SERIAL, 0);
	char o[64]; size_t l = (size_t)I(3);
	unsigned char *d = bs(1);
	const uint8_t *sp = NULL;
	memset(o, 0, sizeof(o));
	oi("size0", (long long)lws_system_blob_get_size(b));
	if (I(0)) lws_system_blob_direct_set(b, d, L(1));
	else { lws_system_blob_heap_empty(b); oi("app", lws_system_blob_heap_append(b, d, L(1)));
	       oi("app", lws_system_blob_heap_append(b, d, L(1))); }
	oi("size", (long long)lws_system_blob_get_size(b));
	oi("get", lws_system_blob_get(b, (uint8_t *)o, &l, (size_t)I(2)));
	oi("len", (long long)l);
	os("data", o, l < sizeof(o) ? l : 0);
	oi("single", lws_system_blob_get_single_ptr(b, &sp));
	oi("idx1null", !lws_system_get_blob(cx, LWS_SYSBLOB_TYPE_DEVICE_SERIAL, 1));
	lws_context_destroy(cx);
}

const function_t container_functions[] = {
	{ "ring", f_ring },
	{ "dll2", f_dll2 },
	{ "lwsac", f_lwsac },
	{ "lwsac_align", f_lwsac_align },
	{ "lwsac_sizeof", f_lwsac_sizeof },
	{ "list_ptr", f_list_ptr },
	{ "blob", f_blob },
#if V43
	{ "buflist", f_buflist },
	{ "xos", f_xos },
	{ "map", f_map },
	{ "cache", f_cache },
#endif
	{ NULL, NULL },
};
