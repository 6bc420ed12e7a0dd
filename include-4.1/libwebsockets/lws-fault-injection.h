/*
 * lws-fault-injection.h: fault injection (stand-ins in this configuration) and a small random generator.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_FAULT_INJECTION_H
#define OXLWS_LWS_FAULT_INJECTION_H

/** A small fast pseudo-random generator (xoshiro256), not for secrets. */
struct lws_xos {
	uint64_t s[4];
};

typedef struct lws_xos lws_xos_t;

/** Returns the next number of the generator `xos` (xoshiro256**). */
uint64_t lws_xos(struct lws_xos *xos);

/** Starts the generator `xos` with `seed`: the same seed gives the same numbers. Not for secrets. */
void lws_xos_init(struct lws_xos *xos, uint64_t seed);

/** Returns 1 with a probability of `percent`, else 0: never for 0, always for 100. */
int lws_xos_percent(struct lws_xos *xos, int percent);

/* Fault injection is not built: nothing is ever injected. */
#define lws_fi(_fi_name, _fic) (0)
#define lws_fi_destroy(_x)
#define lws_fi_inherit_copy(_a, _b, _c, _d)
#define lws_fi_deserialize(_x, _y)
#define lws_fi_user_wsi_fi(_wsi, _name) (0)
#define lws_fi_user_context_fi(_wsi, _name) (0)
#define lws_fi_user_ss_fi(_h, _name) (0)
#define lws_fi_user_sspc_fi(_h, _name) (0)

#endif
