/*
 * lws-dll2.h: doubly-linked lists embedded in the objects of the program, and loops over lists.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_DLL2_H
#define OXLWS_LWS_DLL2_H

/** The head of a list of `lws_dll2` nodes. All zero means empty. */
struct lws_dll2_owner {
	struct lws_dll2 *tail;
	struct lws_dll2 *head;
	uint32_t count;
};

/** A node of a doubly-linked list, embedded in the object that is listed. All zero means detached. */
struct lws_dll2 {
	struct lws_dll2 *prev;
	struct lws_dll2 *next;
	struct lws_dll2_owner *owner;
};

typedef struct lws_dll2 lws_dll2_t;

typedef struct lws_dll2_owner lws_dll2_owner_t;

/** Called for each node of a list; nonzero stops the walk. */
typedef int (*lws_dll2_foreach_cb_t)(struct lws_dll2 *d, void *user);

/**
 * Finds the object whose `const char *` member is the string `name` of `namelen` bytes.
 *
 * `dll2_ofs` and `ptr_ofs` are the offsets of the node and of that member in the objects of the list `own`; objects
 * whose member is NULL are passed over. Returns the object, or NULL. Behind the macro `lws_dll2_search_sz_pl`.
 */
void *_lws_dll2_search_sz_pl(lws_dll2_owner_t *own, const char *name, size_t namelen,
		size_t dll2_ofs, size_t ptr_ofs);

/** Puts the detached node `d` in front of the listed node `after`, in the same list. */
void lws_dll2_add_before(struct lws_dll2 *d, struct lws_dll2 *after);

/** Puts the detached node `d` at the head of `owner`'s list. A node that is listed already stays where it is. */
void lws_dll2_add_head(struct lws_dll2 *d, struct lws_dll2_owner *owner);

/**
 * Puts the detached node `d` into `own`'s list, which is in the order of `compare`.
 *
 * It goes in front of the first listed node `p` with `compare(p, d) >= 0`, so of equal nodes the newest comes first.
 */
void lws_dll2_add_sorted(lws_dll2_t *d, lws_dll2_owner_t *own, int (*compare)(const lws_dll2_t *,
		const lws_dll2_t *));

/** As `lws_dll2_add_sorted`, with a comparison that is also given `priv`. */
void lws_dll2_add_sorted_priv(lws_dll2_t *d, lws_dll2_owner_t *own, void *priv,
		int (*compare3)(void *, const lws_dll2_t *, const lws_dll2_t *));

/** Puts the detached node `d` at the tail of `owner`'s list. A node that is listed already stays where it is. */
void lws_dll2_add_tail(struct lws_dll2 *d, struct lws_dll2_owner *owner);

/**
 * Zeroes the node `d` without regard to any list it may be in; for memory that was never a node.
 *
 * A scheduled timer is cancelled, as its list would be broken otherwise.
 */
void lws_dll2_clear(struct lws_dll2 *d);

/**
 * Calls `cb(d, user)` for each node from the head on; `cb` may remove the node it is given.
 *
 * Stops when `cb` returns nonzero, and returns 1 then; else 0.
 */
int lws_dll2_foreach_safe(struct lws_dll2_owner *owner, void *user, lws_dll2_foreach_cb_t cb);

/**
 * Tells whether `d` is in no list.
 *
 * Returns 1 if it is in none, 0 if it is listed.
 */
int lws_dll2_is_detached(const struct lws_dll2 *d);

/** Zeroes the list head `d`; the nodes in the list are not touched. */
void lws_dll2_owner_clear(struct lws_dll2_owner *d);

/** Takes `d` out of its list. Nothing happens if it is in none. */
void lws_dll2_remove(struct lws_dll2 *d);

/** The first node, or NULL. */
static LWS_INLINE struct lws_dll2 *
lws_dll2_get_head(struct lws_dll2_owner *owner)
{
	return owner->head;
}

/** The last node, or NULL. */
static LWS_INLINE struct lws_dll2 *
lws_dll2_get_tail(struct lws_dll2_owner *owner)
{
	return owner->tail;
}

/** The owner of the list that `d` is on, or NULL if it is on none. */
static LWS_INLINE const struct lws_dll2_owner *
lws_dll2_owner(const struct lws_dll2 *d)
{
	return d->owner;
}

/**
 * The object of type `type` whose `const char *` member `membptr` points at a string of `namelen` characters equal to
 * `name`; its node is the member `membd2list`. NULL if there is none.
 */
#define lws_dll2_search_sz_pl(own, name, namelen, type, membd2list, membptr) \
	((type *)_lws_dll2_search_sz_pl(own, name, namelen, offsetof(type, membd2list), offsetof(type, membptr)))

#if defined(NDEBUG)
/** Debug output of a list; nothing with NDEBUG. */
#define lws_dll2_describe(owner, desc)
#endif

/*
 * Loops over lists. Each is opened by a start macro, followed by a body in braces, and closed by its end macro:
 *
 *	lws_start_foreach_dll(struct lws_dll2 *, d, lws_dll2_get_head(&owner)) {
 *		...
 *	} lws_end_foreach_dll(d);
 *
 * In the safe forms the next node is read before the body runs, so the body may remove the node it looks at. `continue`
 * cannot be used in the body: it would skip the step that the end macro makes.
 */

#define lws_start_foreach_dll(___type, ___it, ___start) \
	{ \
		___type ___it = ___start; \
		while (___it) {
#define lws_end_foreach_dll(___it) \
			___it = (___it)->next; \
		} \
	}

#define lws_start_foreach_dll_safe(___type, ___it, ___tmp, ___start) \
	{ \
		___type ___it = ___start; \
		while (___it) { \
			___type ___tmp = (___it)->next;
#define lws_end_foreach_dll_safe(___it, ___tmp) \
			___it = ___tmp; \
		} \
	}

/* Singly-linked lists; `nxt` is the member that links them. */

#define lws_start_foreach_ll(type, it, start) \
	{ \
		type it = start; \
		while (it) {
#define lws_end_foreach_ll(it, nxt) \
			it = (it)->nxt; \
		} \
	}

#define lws_start_foreach_ll_safe(type, it, start, nxt) \
	{ \
		type it = start; \
		while (it) { \
			type next_##it = (it)->nxt;
#define lws_end_foreach_ll_safe(it) \
			it = next_##it; \
		} \
	}

/*
 * Singly-linked lists by the pointer that leads to each object, so that the body can unlink it: `start` is the head
 * pointer itself, `*it` the object. The safe form keeps the address of the following link in `next`.
 */

#define lws_start_foreach_llp(type, it, start) \
	{ \
		type it = &(start); \
		while (*(it)) {
#define lws_end_foreach_llp(it, nxt) \
			it = &(*(it))->nxt; \
		} \
	}

#define lws_start_foreach_llp_safe(type, it, start, nxt) \
	{ \
		type it = &(start); \
		type next; \
		while (*(it)) { \
			next = &((*(it))->nxt);
#define lws_end_foreach_llp_safe(it) \
			it = next; \
		} \
	}

/** Puts an object in front of a singly-linked list. */
#define lws_ll_fwd_insert(___new_object, ___m_list, ___list_head) do { \
		(___new_object)->___m_list = ___list_head; \
		___list_head = ___new_object; \
	} while (0)

/** Takes an object out of a singly-linked list, if it is there. */
#define lws_ll_fwd_remove(___type, ___m_list, ___target, ___list_head) do { \
		___type **link_to_it = &(___list_head); \
		while (*link_to_it && *link_to_it != (___target)) \
			link_to_it = &(*link_to_it)->___m_list; \
		if (*link_to_it) \
			*link_to_it = (___target)->___m_list; \
	} while (0)

#endif
