/*
 * lws-map.h: maps from blobs to blobs.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_MAP_H
#define OXLWS_LWS_MAP_H

typedef struct lws_map lws_map_t;

/** The hash of a key. */
typedef uint32_t lws_map_hash_t;

/** A key of a map. */
typedef void *lws_map_key_t;

/** Reduces a key to a hash. */
typedef lws_map_hash_t (*lws_map_hash_from_key_t)(lws_map_key_t key, size_t kl);

/** A value of a map. */
typedef void *lws_map_value_t;

/** Compares two keys; 0 if they are the same. */
typedef int (*lws_map_compare_key_t)(lws_map_key_t key1, size_t kl1, lws_map_value_t key2,
		size_t kl2);

/** Allocates for a map. */
typedef void *(*lws_map_alloc_t)(struct lws_map *map, size_t size);

/** Frees what the allocator of the same map gave. */
typedef void (*lws_map_free_t)(void *ptr);

/** How to create a map: argument of `lws_map_create`. Zero members mean the defaults. */
struct lws_map_info {
	lws_map_hash_from_key_t _hash;
	lws_map_compare_key_t _compare;
	lws_map_alloc_t _alloc;
	lws_map_free_t _free;
	void *opaque;
	void *aux;
	size_t modulo;
};

typedef struct lws_map_info lws_map_info_t;

/**
 * An `_alloc` for `lws_map_info_t` that uses the arena whose head `info.opaque` points to, in chunks of
 * `(size_t)info.aux` bytes.
 */
void *lws_map_alloc_lwsac(struct lws_map *map, size_t x);

/**
 * Creates a map. Members of `info` that are zero mean: 8 buckets, a hash and comparison of the bytes, the heap.
 *
 * Returns NULL if there is no memory.
 */
lws_map_t *lws_map_create(const lws_map_info_t *info);

/** Destroys the map and all its items; `*pmap` becomes NULL. NULL is allowed in either place. */
void lws_map_destroy(lws_map_t **pmap);

/** The `_free` that belongs to `lws_map_alloc_lwsac`: does nothing, the arena is freed as a whole. */
void lws_map_free_lwsac(void *v);

/**
 * Adds a copy of key and value to the map; an item with the same key is replaced.
 *
 * With `value` NULL, the place for `valuelen` bytes is left for the caller to fill. Returns the item, or NULL if there
 * is no memory.
 */
struct lws_map_item *lws_map_item_create(lws_map_t *map, lws_map_key_t key, size_t keylen,
		lws_map_value_t value, size_t valuelen);

/** Takes the item out of its map and frees it. */
void lws_map_item_destroy(struct lws_map_item *item);

/** Returns the key of the item; no NUL follows. */
const void *lws_map_item_key(struct lws_map_item *_item);

/** Returns the length of the key in bytes. */
size_t lws_map_item_key_len(struct lws_map_item *_item);

/** Returns the item with this key, or NULL. */
struct lws_map_item *lws_map_item_lookup(lws_map_t *map, lws_map_key_t key, size_t keylen);

/** Returns the value of the item; no NUL follows. */
const void *lws_map_item_value(struct lws_map_item *_item);

/** Returns the length of the value in bytes. */
size_t lws_map_item_value_len(struct lws_map_item *_item);

/* The same with a C string as the key. */
#define lws_map_item_create_ks(_map, _str, _v, _vl) \
	lws_map_item_create(_map, (const lws_map_key_t)(_str), strlen(_str), (const lws_map_value_t)(_v), _vl)
#define lws_map_item_lookup_ks(_map, _str) \
	lws_map_item_lookup(_map, (const lws_map_key_t)(_str), strlen(_str))

#endif
