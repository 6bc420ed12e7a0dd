/*
 * lws-lwsac.h: the chunk allocator, singly-linked lists in it, and cached files.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_LWSAC_H
#define OXLWS_LWS_LWSAC_H

/** A file kept in memory, see `lwsac_cached_file`. */
typedef unsigned char *lwsac_cached_file_t;

/** A node of a singly-linked list whose link is its first member. */
typedef void *lws_list_ptr;

/** Compares two nodes; positive if the first belongs behind the second. */
typedef int (*lws_list_ptr_sort_func_t)(lws_list_ptr a, lws_list_ptr b);

/**
 * Puts the object whose link is `*add` into the list `*phead`.
 *
 * Without `sort` it goes to the head; else in front of the first object for which `sort(new, object)` is 0 or negative.
 */
void lws_list_ptr_insert(lws_list_ptr *phead, lws_list_ptr *add, lws_list_ptr_sort_func_t sort);

/** Returns `length` rounded up to a multiple of 8. */
size_t lwsac_align(size_t length);

/**
 * Makes `*cache` the content of the file, with a NUL behind it, and `*len` its length.
 *
 * `*cache` is NULL at first. Later calls leave both as they are if the file was looked at within five seconds or has
 * not changed; else the old content is detached, as by `lwsac_use_cached_file_detach`, and replaced. Returns 0, or 1 if
 * the file cannot be read.
 */
int lwsac_cached_file(const char *filepath, lwsac_cached_file_t *cache, size_t *len);

/**
 * Says that the owner is done with the arena. It is freed, and `*head` becomes NULL, now if nobody uses it, else when
 * the last user is gone.
 */
void lwsac_detach(struct lwsac **head);

/**
 * Makes the last block longer, in place, by `amount` bytes rounded up to 8, which are zeroed.
 *
 * Returns 0, or 1 if its chunk has no room for that.
 */
int lwsac_extend(struct lwsac *head, int amount);

/** Frees the arena; `*head` becomes NULL. */
void lwsac_free(struct lwsac **head);

/** Returns the chunk behind `lac`, or NULL. */
struct lwsac *lwsac_get_next(struct lwsac *lac);

/** Returns where the blocks of the chunk `lac` end, counted from its start. */
size_t lwsac_get_tail_pos(struct lwsac *lac);

/** Logs the size of the arena at `LLL_DEBUG`. */
void lwsac_info(struct lwsac *head);

/** Counts one more user of the arena. */
void lwsac_reference(struct lwsac *head);

/**
 * Looks for the `len` bytes at `find` in all blocks; with `nul` nonzero, a zero byte has to follow them.
 *
 * Returns where they are, or NULL. Saves keeping the same string twice.
 */
uint8_t *lwsac_scan_extant(struct lwsac *head, uint8_t *find, size_t len, int nul);

/** Returns the bytes in front of the first block of a chunk: of the first chunk if `first` is nonzero, else of others. */
size_t lwsac_sizeof(int first);

/** Returns the bytes of all chunks. */
uint64_t lwsac_total_alloc(struct lwsac *head);

/** Returns the bytes that are no use to the program: what is left in the chunks, and their headers. */
uint64_t lwsac_total_overhead(struct lwsac *head);

/** Counts one less user of the arena. If it is detached and this was the last, it is freed and `*head` becomes NULL. */
void lwsac_unreference(struct lwsac **head);

/**
 * Returns a block of `ensure` bytes, aligned to 8, not initialised.
 *
 * A new chunk of `chunk_size` bytes (0: 4000), or of the size of the block if that is more, is added when the newest
 * one has no room. NULL if there is no memory.
 */
void *lwsac_use(struct lwsac **head, size_t ensure, size_t chunk_size);

/** As `lwsac_use`, and room that is left in older chunks is used first. */
void *lwsac_use_backfill(struct lwsac **head, size_t ensure, size_t chunk_size);

/** Drops the content: it is freed, and `*cache` becomes NULL, as soon as nobody uses it. */
void lwsac_use_cached_file_detach(lwsac_cached_file_t *cache);

/**
 * Ends what `lwsac_use_cached_file_start` began. Content that is detached and not used any more is freed, and `*cache`
 * becomes NULL.
 */
void lwsac_use_cached_file_end(lwsac_cached_file_t *cache);

/** Keeps the content from being freed while it is used, until `lwsac_use_cached_file_end`. */
void lwsac_use_cached_file_start(lwsac_cached_file_t cache);

/** As `lwsac_use`, and the block is all zero. */
void *lwsac_use_zero(struct lwsac **head, size_t ensure, size_t chunk_size);

/** The object of type `T` whose member `M` is at `P`. */
#define lws_list_ptr_container(P, T, M) ((T *)((char *)(P) - offsetof(T, M)))

/** Steps a list pointer to the node that its target links to. */
#define lws_list_ptr_advance(_lp) _lp = *((void **)_lp)

/** Older name of lwsac_use_zero(). */
#define lwsac_use_zeroed lwsac_use_zero

#endif
