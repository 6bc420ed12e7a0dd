/*
 * lws-state.h: states that change in steps with listeners.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_STATE_H
#define OXLWS_LWS_STATE_H

/** A state that moves in steps, and those who want to know. */
struct lws_state_manager {
	lws_dll2_owner_t notify_list;
	struct lws_context *context;
	void *parent;
	lws_smd_class_t smd_class;
	const char **state_names;
	const char *name;
	int state;
};

/** Called before and after a state change, with current and target state; nonzero from before vetoes it. */
typedef int (*lws_state_notify_t)(struct lws_state_manager *mgr, struct lws_state_notify_link *link,
		int current, int target);

/** One listener of a state manager. */
struct lws_state_notify_link {
	lws_dll2_t list;
	lws_state_notify_t notify_cb;
	const char *name;
};

typedef struct lws_state_notify_link lws_state_notify_link_t;

typedef struct lws_state_manager lws_state_manager_t;

/** Takes a notifier out. Nothing happens if it is not registered. */
void lws_state_reg_deregister(lws_state_notify_link_t *nl);

/** Adds a notifier; the newest is asked first. */
void lws_state_reg_notifier(lws_state_manager_t *mgr, lws_state_notify_link_t *nl);

/** Adds the notifiers of an array that ends with NULL. The array may be NULL. */
void lws_state_reg_notifier_list(lws_state_manager_t *mgr, lws_state_notify_link_t *const *nl);

/**
 * Moves to the state `target`, unless a notifier vetoes.
 *
 * All notifiers are asked with (present state, `target`); nonzero from one is a veto, and whoever gave it has to call
 * again later. Then all are told with (`target`, `target`). Returns 0.
 */
int lws_state_transition(lws_state_manager_t *mgr, int target);

/** Moves up one state after the other until `target`, or a veto. Nothing happens if `target` is behind. Returns 0. */
int lws_state_transition_steps(lws_state_manager_t *mgr, int target);

#endif
