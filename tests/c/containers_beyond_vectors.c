/*
 * Containers where recorded vectors say nothing: lookups of both kinds of cache, an arena as the
 * memory of a map, timers under their other names, message payloads.
 *
 * Expected output: containers_beyond_vectors.expected
 */
#define _GNU_SOURCE
#include "harness.h"
#include <fcntl.h>

struct named {
	const char *name;
	lws_dll2_t list;
};

static struct lws_context *context;
static int removed;

static void item_goes(void *item, size_t len)
{
	(void)item;
	(void)len;
	removed++;
}

static void show_lookup(struct lws_cache_ttl_lru *cache, const char *wildcard)
{
	lws_cache_results_t results;

	memset(&results, 0, sizeof(results));
	CHECK(!lws_cache_lookup(cache, wildcard, (const void **)&results.ptr, &results.size));
	printf("%s:", wildcard);
	while (results.size && !lws_cache_results_walk(&results))
		printf(" %.*s(%d)", (int)results.tag_len, (const char *)results.tag,
		       (int)results.payload_len);
	say("");
}

static struct lws_cache_ttl_lru *heap_cache(struct lws_cache_ttl_lru *parent)
{
	struct lws_cache_creation_info info;

	memset(&info, 0, sizeof(info));
	info.cx = context;
	info.name = "heap";
	info.ops = &lws_cache_ops_heap;
	info.parent = parent;
	info.cb = item_goes;
	info.max_footprint = 1000;
	return lws_cache_create(&info);
}

static void cache_in_memory(void)
{
	struct lws_cache_ttl_lru *cache = heap_cache(NULL);
	lws_usec_t soon = lws_now_usecs() + 600 * LWS_US_PER_MS;
	void *payload = NULL;
	const void *data;
	size_t size;

	CHECK(!lws_cache_write_through(cache, "a|1", (const uint8_t *)"one", 3, 0, NULL));
	CHECK(!lws_cache_write_through(cache, "a|2", (const uint8_t *)"three", 5, 0, NULL));
	CHECK(!lws_cache_write_through(cache, "b|1", NULL, 8, soon, &payload));
	memcpy(payload, "payload", 8);
	CHECK(!lws_cache_item_get(cache, "b|1", &data, &size) && size == 8 &&
	      !strcmp(data, "payload"));
	show_lookup(cache, "a|*");
	show_lookup(cache, "*|1");
	show_lookup(cache, "nothing");
	CHECK(lws_cache_write_through(cache, "huge", NULL, 2000, 0, NULL));
	CHECK(lws_cache_footprint(cache) < 1000);
	while (lws_now_usecs() <= soon)
		;
	CHECK(lws_cache_item_get(cache, "b|1", &data, &size));
	CHECK(removed == 1);
	lws_cache_destroy(&cache);
	CHECK(!cache && removed == 3);
	lws_cache_destroy(&cache);
}

static void cache_in_file(void)
{
	static const char line[] = "example.com\tFALSE\t/my\tTRUE\t0\tid\tsecret";
	char path[] = "/tmp/oxlws-jar-XXXXXX", text[256];
	struct lws_cache_creation_info info;
	struct lws_cache_ttl_lru *jar, *cache;
	const void *data;
	size_t size;
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	close(fd);
	memset(&info, 0, sizeof(info));
	info.cx = context;
	info.name = "jar";
	info.ops = &lws_cache_ops_nscookiejar;
	CHECK(!lws_cache_create(&info)); /* needs a path */
	info.u.nscookiejar.filepath = path;
	jar = lws_cache_create(&info);
	cache = heap_cache(jar);
	CHECK(jar && cache);

	CHECK(!lws_cache_write_through(cache, "example.com|/my|id", (const uint8_t *)line,
				       strlen(line), 0, NULL));
	show_lookup(cache, "example.com|/my/path|*");
	show_lookup(cache, "example.com|/other|*");
	CHECK(!lws_cache_item_get(jar, "example.com|/my|id", &data, &size));
	CHECK(size == strlen(line) && !memcmp(data, line, size));
	fd = open(path, O_RDONLY);
	size = (size_t)read(fd, text, sizeof(text) - 1);
	close(fd);
	CHECK(size == strlen(line) + 1 && !memcmp(text, line, size - 1));
	CHECK(!lws_cache_item_remove(cache, "example.com|/my|id"));
	CHECK(lws_cache_item_get(cache, "example.com|/my|id", &data, &size));
	CHECK(!lws_cache_expunge(cache));
	lws_cache_debug_dump(cache);
	lws_cache_destroy(&cache);
	lws_cache_destroy(&jar);
	unlink(path);
}

static void lists_and_arena(void)
{
	struct named nodes[3];
	lws_dll2_owner_t owner;
	struct lwsac *arena = NULL;
	struct lws_map_item *item;
	lws_map_info_t info;
	lws_map_t *map;
	struct named *found;

	memset(nodes, 0, sizeof(nodes));
	memset(&owner, 0, sizeof(owner));
	nodes[0].name = "one";
	nodes[2].name = "three";
	lws_dll2_add_tail(&nodes[0].list, &owner);
	lws_dll2_add_tail(&nodes[1].list, &owner);
	lws_dll2_add_tail(&nodes[2].list, &owner);
	found = lws_dll2_search_sz_pl(&owner, "threefold", 5, struct named, list, name);
	CHECK(found == &nodes[2]);
	CHECK(!lws_dll2_search_sz_pl(&owner, "thre", 4, struct named, list, name));

	memset(&info, 0, sizeof(info));
	info._alloc = lws_map_alloc_lwsac;
	info._free = lws_map_free_lwsac;
	info.opaque = &arena;
	info.aux = (void *)(uintptr_t)2000;
	map = lws_map_create(&info);
	CHECK(map != NULL);
	item = lws_map_item_create_ks(map, "key", (lws_map_value_t) "value", 5);
	CHECK(item && lws_map_item_lookup_ks(map, "key") == item);
	say("arena of %d bytes", (int)lwsac_total_alloc(arena));
	lws_map_destroy(&map);
	lwsac_free(&arena);
	CHECK(!arena);
}

static void on_time(lws_sorted_usec_list_t *sul)
{
	(void)sul;
}

static void timers(void)
{
	lws_sorted_usec_list_t a, b;
	lws_usec_t due = 0;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	lws_sul_cancel(&a);
	CHECK(lws_sul_earliest_wakeable_event(context, &due) == 1 && due == 0);
	lws_sul_schedule_wakesuspend(context, 0, &a, on_time, 60 * LWS_US_PER_SEC);
	CHECK(!lws_sul_earliest_wakeable_event(context, &due) && due == a.us && a.list.owner);
	b.cb = on_time;
	b.us = a.us - 1;
	lws_sul2_schedule(context, 0, LWSSULLI_WAKE_IF_SUSPENDED, &b);
	CHECK(!lws_sul_earliest_wakeable_event(context, &due) && due == b.us);
	CHECK(b.list.owner == a.list.owner && b.list.next == &a.list && a.list.prev == &b.list);
	b.us = a.us + 1; /* moved although its time was changed while it was listed */
	lws_sul2_schedule(context, 0, LWSSULLI_WAKE_IF_SUSPENDED, &b);
	CHECK(a.list.next == &b.list && !b.list.next);
	lws_dll2_remove(&a.list);
	CHECK(!a.list.owner);
	lws_sul_schedule(context, 0, &b, on_time, LWS_SET_TIMER_USEC_CANCEL);
	CHECK(!b.list.owner && !b.us);
	CHECK(lws_sul_earliest_wakeable_event(context, &due) == 1);
	say("timers ok");
}

static int on_message(void *opaque, lws_smd_class_t message_class, lws_usec_t timestamp, void *buf,
		      size_t len)
{
	(void)opaque;
	(void)message_class;
	(void)timestamp;
	(void)buf;
	(void)len;
	return 0;
}

static void messages(void)
{
	enum { CLASS = 1 << LWSSMDCL_USER_BASE_BITNUM };
	struct lws_smd_peer *peer;
	void *payload;
	int n;

	CHECK(!lws_smd_msg_alloc(context, CLASS, 4)); /* nobody wants it */
	peer = lws_smd_register(context, NULL, 0, CLASS, on_message);
	CHECK(peer != NULL);
	payload = lws_smd_msg_alloc(context, CLASS, 4);
	CHECK(payload != NULL);
	lws_smd_msg_free(&payload);
	CHECK(!payload);
	CHECK(!lws_smd_msg_alloc(context, CLASS, LWS_SMD_MAX_PAYLOAD + 1));
	CHECK(lws_smd_msg_printf(context, CLASS, "%*d", LWS_SMD_MAX_PAYLOAD + 1, 1) == 1);
	CHECK(lws_smd_msg_printf(context, CLASS, "%*d", LWS_SMD_MAX_PAYLOAD, 1) == 0);
	for (n = 0; n < 1000; n++) {
		payload = lws_smd_msg_alloc(context, CLASS, 4);
		memcpy(payload, "full", 4);
		if (lws_smd_msg_send(context, payload))
			break;
	}
	CHECK(n < 1000);
	lws_smd_msg_free(&payload);
	lws_smd_unregister(peer);
	lws_smd_unregister(peer); /* logged, no harm */
	say("messages ok");
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "none", lws_callback_http_dummy, 0, 0, 0, NULL, 0 }, LWS_PROTOCOL_LIST_TERM
	};

	context = make_context(protocols, NULL);
	cache_in_memory();
	cache_in_file();
	lists_and_arena();
	timers();
	messages();
	lws_context_destroy(context);
	return 0;
}
