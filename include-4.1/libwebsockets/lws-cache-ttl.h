/*
 * lws-cache-ttl.h: caches of items with lifetimes.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_CACHE_TTL_H
#define OXLWS_LWS_CACHE_TTL_H

/** Called before a cache item is freed. */
typedef void (*lws_cache_item_destroy_cb)(void *item, size_t size);

/** Settings of the cookie jar file cache. */
struct lws_cache_creation_info_u_nscookiejar {
	const char *filepath;
};

/** Settings that only one kind of cache has. */
union lws_cache_creation_info_u {
	struct lws_cache_creation_info_u_nscookiejar nscookiejar;
};

/** How to create a cache level: argument of `lws_cache_create`. */
struct lws_cache_creation_info {
	struct lws_context *cx;
	const char *name;
	lws_cache_item_destroy_cb cb;
	struct lws_cache_ttl_lru *parent;
	const struct lws_cache_ops *ops;
	union lws_cache_creation_info_u u;
	size_t max_footprint;
	size_t max_items;
	size_t max_payload;
	int tsi;
};

/** The operations of one kind of cache. */
struct lws_cache_ops {
	struct lws_cache_ttl_lru *(*create)(const struct lws_cache_creation_info *info);
	void (*destroy)(struct lws_cache_ttl_lru **cache);
	int (*expunge)(struct lws_cache_ttl_lru *cache);
	int (*write)(struct lws_cache_ttl_lru *cache, const char *key, const uint8_t *source, size_t size,
		lws_usec_t expiry, void **ppay);
	int (*tag_match)(struct lws_cache_ttl_lru *cache, const char *wildcard, const char *tag,
		char lookup_rules);
	int (*lookup)(struct lws_cache_ttl_lru *cache, const char *wildcard_key,
		lws_dll2_owner_t *results_owner);
	int (*invalidate)(struct lws_cache_ttl_lru *cache, const char *wildcard_key);
	int (*get)(struct lws_cache_ttl_lru *cache, const char *key, const void **pdata, size_t *psize);
	void (*debug_dump)(struct lws_cache_ttl_lru *cache);
};

/** Head of one lookup result inside a results block; the tag and its NUL follow. */
struct lws_cache_match {
	lws_dll2_t list;
	lws_usec_t expiry;
	size_t payload_size;
	size_t tag_size;
};

typedef struct lws_cache_match lws_cache_match_t;

/** Walk state over the results block of a wildcard lookup. */
struct lws_cache_results {
	const uint8_t *ptr;
	size_t size;
	size_t payload_len;
	size_t tag_len;
	const uint8_t *tag;
};

typedef struct lws_cache_results lws_cache_results_t;

struct lws_cache_ttl_lru *lws_cache_create(const struct lws_cache_creation_info *info);

void lws_cache_debug_dump(struct lws_cache_ttl_lru *cache);

void lws_cache_destroy(struct lws_cache_ttl_lru **cache);

int lws_cache_expunge(struct lws_cache_ttl_lru *cache);

uint64_t lws_cache_footprint(struct lws_cache_ttl_lru *cache);

int lws_cache_item_get(struct lws_cache_ttl_lru *cache, const char *specific_key,
		const void **pdata, size_t *psize);

int lws_cache_item_remove(struct lws_cache_ttl_lru *cache, const char *wildcard_key);

int lws_cache_lookup(struct lws_cache_ttl_lru *cache, const char *wildcard_key, const void **pdata,
		size_t *psize);

extern const struct lws_cache_ops lws_cache_ops_heap;

extern const struct lws_cache_ops lws_cache_ops_nscookiejar;

int lws_cache_results_walk(lws_cache_results_t *walk_ctx);

int lws_cache_write_through(struct lws_cache_ttl_lru *cache, const char *specific_key,
		const uint8_t *source, size_t size, lws_usec_t expiry, void **ppay);

#endif
