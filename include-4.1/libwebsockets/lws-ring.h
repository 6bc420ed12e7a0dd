/*
 * lws-ring.h: ring buffers with one or many consumers.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_RING_H
#define OXLWS_LWS_RING_H

/** Makes `bytes` bytes valid that were written at the place `lws_ring_next_linear_insert_range` told. */
void lws_ring_bump_head(struct lws_ring *ring, size_t bytes);

/**
 * Takes up to `max_count` elements from the ring at `tail`, or at the oldest tail if that is NULL.
 *
 * They are copied to `dest`, or passed over if that is NULL; the tail moves on. Elements are destroyed only when the
 * oldest tail moves: here if `tail` is NULL, else in `lws_ring_update_oldest_tail`. Returns how many were there.
 */
size_t lws_ring_consume(struct lws_ring *ring, uint32_t *tail, void *dest, size_t max_count);

/**
 * Creates a ring for `count` - 1 elements of `element_len` bytes.
 *
 * `destroy_element`, if not NULL, is called for each element when the oldest tail passes it, and for what is left in
 * the end. Returns NULL if there is no memory.
 */
struct lws_ring *lws_ring_create(size_t element_len, size_t count, void (*destroy_element)(void *));

/** Destroys the elements that are left, then the ring. NULL is allowed. */
void lws_ring_destroy(struct lws_ring *ring);

/** Logs the state of the ring at `LLL_NOTICE`, as seen from `tail` (NULL: the oldest). */
void lws_ring_dump(struct lws_ring *ring, uint32_t *tail);

/** Returns how many elements can be inserted now. */
size_t lws_ring_get_count_free_elements(struct lws_ring *ring);

/** Returns how many elements wait at `tail`, or at the oldest tail if that is NULL. */
size_t lws_ring_get_count_waiting_elements(struct lws_ring *ring, uint32_t *tail);

/**
 * Returns the element at `tail`, or at the oldest tail if that is NULL; NULL if there is none.
 *
 * It stays in the ring, and valid until it is destroyed or overwritten.
 */
const void *lws_ring_get_element(struct lws_ring *ring, uint32_t *tail);

/** Returns the oldest tail; a new reader that is to see what is there already starts from it. */
uint32_t lws_ring_get_oldest_tail(struct lws_ring *ring);

/**
 * Copies up to `max_count` elements from `src` into the ring.
 *
 * Returns how many fitted.
 */
size_t lws_ring_insert(struct lws_ring *ring, const void *src, size_t max_count);

/**
 * Tells where elements may be written in place, to be made valid with `lws_ring_bump_head`.
 *
 * Returns 0 and the place and its length in bytes (up to the end of the buffer, so perhaps less than is free); 1 if the
 * ring is full.
 */
int lws_ring_next_linear_insert_range(struct lws_ring *ring, void **start, size_t *bytes);

/** Destroys all elements from the oldest tail up to `tail`, which becomes the oldest. */
void lws_ring_update_oldest_tail(struct lws_ring *ring, uint32_t tail);

/**
 * Consumes `___count` elements for the consumer with tail `*___ptail`. If it was the oldest, the oldest tail becomes
 * the one of the slowest consumer on the list: objects of type `___type` linked by `___mlist`, with their tails in
 * `___mtail`.
 */
#define lws_ring_consume_and_update_oldest_tail(___ring, ___type, ___ptail, ___count, ___list_head, ___mtail, \
		___mlist) do { \
		int was_oldest = lws_ring_get_oldest_tail(___ring) == *(___ptail); \
		lws_ring_consume(___ring, ___ptail, NULL, ___count); \
		if (was_oldest) { \
			uint32_t slowest = *(___ptail); \
			size_t most = 0; \
			lws_start_foreach_ll(___type *, one_consumer, ___list_head) { \
				size_t waiting = lws_ring_get_count_waiting_elements(___ring, &one_consumer->___mtail); \
				if (waiting >= most) { \
					most = waiting; \
					slowest = one_consumer->___mtail; \
				} \
			} lws_end_foreach_ll(one_consumer, ___mlist); \
			lws_ring_update_oldest_tail(___ring, slowest); \
		} \
	} while (0)

/** Consumes `___count` elements where there is only one consumer. */
#define lws_ring_consume_single_tail(___ring, ___ptail, ___count) do { \
		lws_ring_consume(___ring, ___ptail, NULL, ___count); \
		lws_ring_update_oldest_tail(___ring, *(___ptail)); \
	} while (0)

#endif
