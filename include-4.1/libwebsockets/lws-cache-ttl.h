/*
 * lws-cache-ttl.h: caches of items with lifetimes.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_CACHE_TTL_H
#define OXLWS_LWS_CACHE_TTL_H

/** Called before a cache item is freed. */
typedef void (*lws_cache_item_destroy_cb)(void *item, size_t size);

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

/** Walk state over the results block of a wildcard lookup. */
struct lws_cache_results {
	const uint8_t *ptr;
	size_t size;
	size_t payload_len;
	size_t tag_len;
	const uint8_t *tag;
};

typedef struct lws_cache_results lws_cache_results_t;

/** Head of one lookup result inside a results block; the tag and its NUL follow. */
struct lws_cache_match {
	lws_dll2_t list;
	lws_usec_t expiry;
	size_t payload_size;
	size_t tag_size;
};

typedef struct lws_cache_match lws_cache_match_t;

/**
 * Creates a cache level. `cx`, `name` and `ops` have to be set; the ops say of which kind it is.
 *
 * Returns NULL, and logs why, if something is missing.
 */
struct lws_cache_ttl_lru *lws_cache_create(const struct lws_cache_creation_info *info);

/** Logs what is in all levels at `LLL_DEBUG`. */
void lws_cache_debug_dump(struct lws_cache_ttl_lru *cache);

/** Destroys the level with all its items; `*cache` becomes NULL. What is in a file stays there. */
void lws_cache_destroy(struct lws_cache_ttl_lru **cache);

/** Removes all items from all levels. Returns 0, or nonzero if a level could not be emptied. */
int lws_cache_expunge(struct lws_cache_ttl_lru *cache);

/** Returns the bytes of memory that the items of this level take. */
uint64_t lws_cache_footprint(struct lws_cache_ttl_lru *cache);

/**
 * Finds the item `specific_key`, in the innermost level that has it.
 *
 * Returns 0 and the payload, which is valid until the next call about this cache; 1 if there is none.
 */
int lws_cache_item_get(struct lws_cache_ttl_lru *cache, const char *specific_key,
		const void **pdata, size_t *psize);

/**
 * Removes the item `wildcard_key` from all levels. Returns 0.
 *
 * The name of the argument promises more than the original does: keys are compared exactly.
 */
int lws_cache_item_remove(struct lws_cache_ttl_lru *cache, const char *wildcard_key);

/**
 * Lists the items of the outermost level whose keys match `wildcard_key`, in which `*` stands for anything.
 *
 * Returns 0 and a block for `lws_cache_results_walk`, valid until the next call about this cache; its size is 0 if
 * nothing matches.
 */
int lws_cache_lookup(struct lws_cache_ttl_lru *cache, const char *wildcard_key, const void **pdata,
		size_t *psize);

extern const struct lws_cache_ops lws_cache_ops_heap;

extern const struct lws_cache_ops lws_cache_ops_nscookiejar;

/**
 * Takes the next result out of the block of a lookup.
 *
 * `ptr` and `size` of `*walk_ctx` are set from the lookup at first. Returns 0 and sets `payload_len`, `tag` (a C string)
 * and `tag_len`; 1 at the end.
 */
int lws_cache_results_walk(lws_cache_results_t *walk_ctx);

/**
 * Stores `size` bytes under `specific_key` in all levels, from the outermost inwards; what was there is replaced.
 *
 * `expiry`: when the item goes, on the clock of `lws_now_usecs()`; 0 for never. `source` NULL leaves it to the caller to
 * fill the payload. `*ppay` (may be NULL) becomes where the innermost level keeps the payload. Returns 0, or nonzero if
 * the innermost level could not take it. What an outer level could not take, as a jar that gets a line of another cookie
 * than `specific_key` names, is told in the log only: the item is then in the inner levels, and 0 is returned.
 */
int lws_cache_write_through(struct lws_cache_ttl_lru *cache, const char *specific_key,
		const uint8_t *source, size_t size, lws_usec_t expiry, void **ppay);

#endif
