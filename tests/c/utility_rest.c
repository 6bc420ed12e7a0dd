/*
 * Small functions that no other test calls: timer lists, dumps, the allocator, log prefixes,
 * sorted lists, arenas, files. What cannot be printed the same everywhere is checked in place.
 */
#define _GNU_SOURCE
#include "harness.h"
#include <fcntl.h>
#include <unistd.h>

static char logged[4096];
static int allocations, fired, notified;

static void collect(int level, const char *line)
{
	size_t len = strlen(logged);

	(void)level;
	lws_snprintf(logged + len, sizeof(logged) - len, "%s", line);
}

static void *count_allocations(void *ptr, size_t size, const char *reason)
{
	(void)reason;
	allocations++;
	if (size)
		return realloc(ptr, size);
	free(ptr);
	return NULL;
}

static void on_timer(lws_sorted_usec_list_t *sul)
{
	/* detached, and free to be used again, before it is called */
	CHECK(!sul->us && !sul->list.owner);
	fired = fired * 10 + (int)sul->latency_us;
}

static int on_state(lws_state_manager_t *manager, lws_state_notify_link_t *link, int now,
		    int target)
{
	CHECK(manager != NULL && link != NULL);
	notified += now == target;
	return 0;
}

static void timers(struct lws_context *context)
{
	lws_dll2_owner_t mine = { NULL, NULL, 0 };
	lws_sorted_usec_list_t a, b, c;
	lws_usec_t due = 7;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	memset(&c, 0, sizeof(c));
	a.latency_us = 1;
	b.latency_us = 2;
	c.latency_us = 3;
	/* equal times: the later one is in front */
	a.us = b.us = 50;
	c.us = 20;
	CHECK(!__lws_sul_insert(&mine, &a) && !__lws_sul_insert(&mine, &b) &&
	      !__lws_sul_insert(&mine, &c));
	CHECK(mine.head == &c.list && mine.head->next == &b.list && mine.tail == &a.list &&
	      mine.count == 3);
	CHECK(!__lws_sul_insert(&mine, &c) && mine.count == 3);
	lws_dll2_remove(&a.list);
	lws_dll2_remove(&b.list);
	lws_sul_cancel(&c);
	CHECK(!mine.count && !c.us);

	/* the second list is for what may wake the machine */
	CHECK(lws_sul_earliest_wakeable_event(context, &due) == 1 && due == 7);
	lws_sul_schedule(context, 0, &a, on_timer, LWS_US_PER_SEC);
	CHECK(lws_sul_earliest_wakeable_event(context, &due) == 1);
	lws_sul_schedule_wakesuspend(context, 0, &b, on_timer, 1);
	CHECK(!lws_sul_earliest_wakeable_event(context, &due) && due == b.us);
	a.us = c.us = b.us;
	a.cb = c.cb = on_timer;
	lws_sul2_schedule(context, 0, LWSSULLI_MISS_IF_SUSPENDED, &a);
	lws_sul2_schedule(context, 0, LWSSULLI_MISS_IF_SUSPENDED, &c);
	while (fired < 100 && lws_service(context, 0) >= 0)
		;
	say("fired in the order %d", fired);
}

static void states(struct lws_context *context)
{
	static const char *names[] = { "one", "two", "three" };
	lws_state_notify_link_t link = { { NULL, NULL, NULL }, on_state, "link" };
	lws_state_manager_t manager;
	lws_state_manager_t *system = lws_system_get_state_manager(context);

	memset(&manager, 0, sizeof(manager));
	manager.name = "mine";
	manager.state_names = names;
	manager.context = context;
	lws_state_reg_notifier(&manager, &link);
	lws_state_transition_steps(&manager, 2);
	say("state %d, told %d times", manager.state, notified);
	lws_state_reg_deregister(&link);
	lws_state_reg_deregister(&link);
	CHECK(!lws_state_transition(&manager, 1) && notified == 2);
	CHECK(!strcmp(system->name, "system") &&
	      lws_system_context_from_system_mgr(system) == context);
}

static void logs(struct lws_context *context)
{
	struct lws_vhost *vhost = lws_get_vhost_by_name(context, "default");
	char text[128], *p = text;

	CHECK(vhost != NULL);
	lws_log_prepend_vhost(NULL, vhost, &p, text + sizeof(text));
	say("of a vhost: %s", text);
	p = text;
	*p = '\0';
	lws_log_prepend_wsi(NULL, NULL, &p, text + sizeof(text));
	lws_log_prepend_context(NULL, context, &p, text + sizeof(text));
	CHECK(p >= text && p < text + sizeof(text));
	lws_set_log_level(LLL_ERR | LLL_DEBUG, collect);
	lwsl_hexdump_level_cx(NULL, NULL, NULL, LLL_ERR, "ab", 2);
	CHECK(strstr(logged, "0000: 61 62 ") != NULL);
	*logged = '\0';
	lwsl_hexdump("c", 1);
	CHECK(strstr(logged, "D: 0000: 63 ") != NULL);
	lws_set_log_level(LLL_ERR | LLL_NOTICE | LLL_DEBUG, collect);
}

static void collect_cx(lws_log_cx_t *cx, int level, const char *line, size_t len)
{
	CHECK(cx->opaque == logged && strlen(line) == len);
	collect(level, line);
}

/* What a context says of the library when it is created, in its own log if it has one. */
static void version_line(void)
{
	struct lws_context_creation_info info;
	struct lws_context *context;
	lws_log_cx_t cx;

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	*logged = '\0';
	context = lws_create_context(&info);
	CHECK(context != NULL && strstr(logged, "LWS: 4.3.5-unknown, ") != NULL);
	CHECK(strstr(logged, ", NET CLI SRV H1 H2 WS ConMon IPV6-on\n") != NULL);
	lws_context_destroy(context);
	info.options = LWS_SERVER_OPTION_DISABLE_IPV6;
	*logged = '\0';
	context = lws_create_context(&info);
	CHECK(context != NULL && strstr(logged, "ConMon IPV6-off\n") != NULL);
	lws_context_destroy(context);

	memset(&cx, 0, sizeof(cx));
	cx.u.emit_cx = collect_cx;
	cx.lll_flags = LLLF_LOG_CONTEXT_AWARE | LLL_NOTICE;
	cx.opaque = logged;
	info.log_cx = &cx;
	*logged = '\0';
	lws_set_log_level(0, NULL);
	context = lws_create_context(&info);
	CHECK(context != NULL && cx.refcount > 0);
	CHECK(strstr(logged, "lws_create_context: LWS: ") != NULL &&
	      strstr(logged, "lws_create_context: LWS: ") < strstr(logged, "++ [vh|"));
	lws_context_destroy(context);
	CHECK(cx.refcount == 0);
	lws_set_log_level(LLL_ERR | LLL_NOTICE | LLL_DEBUG, collect);
}

/* Dumps say something, about what is there and what is not, and change nothing. */
static void dumps(void)
{
	struct lws_buflist *list = NULL;
	struct lwsac *arena = NULL;
	struct lws_ring *ring = lws_ring_create(4, 3, NULL);
	uint32_t tail = 0;

	CHECK(ring != NULL && lws_ring_insert(ring, "1234", 1) == 1);
	*logged = '\0';
	lws_ring_dump(ring, &tail);
	CHECK(*logged && lws_ring_get_count_waiting_elements(ring, &tail) == 1);
	lws_ring_destroy(ring);

	CHECK(lws_buflist_append_segment(&list, (const uint8_t *)"hello", 5) == 1);
	*logged = '\0';
	lws_buflist_describe(&list, &list, "a test");
	CHECK(*logged && lws_buflist_total_len(&list) == 5);
	lws_buflist_destroy_all_segments(&list);

	CHECK(lwsac_use(&arena, 8, 64) && lwsac_use(&arena, 64, 64));
	CHECK(lwsac_get_next(arena) != NULL && lwsac_get_next(lwsac_get_next(arena)) == NULL);
	say("arena: first used to %d of %d", (int)lwsac_get_tail_pos(arena),
	    (int)lwsac_total_alloc(arena));
	lwsac_info(arena);
	lwsac_info(NULL);
	lwsac_free(&arena);
}

static int by_number(void *priv, const lws_dll2_t *in_list, const lws_dll2_t *added)
{
	const int *numbers = priv;

	return numbers[((const char *)in_list - (const char *)priv) % 2] -
	       numbers[((const char *)added - (const char *)priv) % 2];
}

static void others(struct lws_context *context)
{
	char program[] = "program", debug[] = "-d", level[] = "3",
	     *arguments[] = { program, debug, level };
	struct lws_context_creation_info info;
	lws_dll2_owner_t owner = { NULL, NULL, 0 };
	lws_dll2_t first = { NULL, NULL, NULL }, second = { NULL, NULL, NULL };
	int numbers[2] = { 0, 0 };
	lws_system_blob_t *blob = lws_system_get_blob(context, LWS_SYSBLOB_TYPE_DEVICE_TYPE, 0);
	lws_fop_flags_t flags = O_RDONLY;
	lws_fop_fd_t file;
	void *memory;

	/* all are equal: the newest is in front */
	lws_dll2_add_sorted_priv(&first, &owner, numbers, by_number);
	lws_dll2_add_sorted_priv(&second, &owner, numbers, by_number);
	CHECK(owner.head == &second && owner.tail == &first);

	CHECK(lws_now_secs() > 1700000000UL && lws_plat_recommended_rsa_bits() == 4096);
	CHECK(!lws_system_blob_heap_append(blob, (const uint8_t *)"x", 1));
	lws_system_blob_destroy(blob);

	CHECK(!lws_plat_write_file("utility_rest.tmp", (void *)(intptr_t) "hello", 5));
	file = _lws_plat_file_open(lws_get_fops(context), "utility_rest.tmp", NULL, &flags);
	CHECK(file != NULL && lws_vfs_get_length(file) == 5);
	/* the platform's files leave the time unset, and say so */
	CHECK(!lws_vfs_get_mod_time(file) && !(flags & LWS_FOP_FLAG_MOD_TIME_VALID));
	CHECK(!lws_vfs_file_close(&file));
	remove("utility_rest.tmp");

	lws_set_allocator(count_allocations);
	memory = lws_realloc(NULL, 10, "a test");
	CHECK(memory != NULL && allocations == 1);
	CHECK(lws_realloc(memory, 0, "a test") == NULL && allocations == 2);

	memset(&info, 0, sizeof(info));
	lws_cmdline_option_handle_builtin(3, (const char **)arguments, &info);
	CHECK(lwsl_visible(LLL_WARN) && !lwsl_visible(LLL_NOTICE) && !lwsl_visible(LLL_USER));
	lwsl_emit_stderr_notimestamp(LLL_ERR, "");
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "none", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);

	timers(context);
	states(context);
	logs(context);
	version_line();
	dumps();
	others(context);
	lws_context_destroy(context);
	say("end");
	return 0;
}
