/*
 * protocols.h: what an abstract protocol implements (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_ABSTRACT_PROTOCOLS_H
#define OXLWS_ABSTRACT_PROTOCOLS_H

/** Bits of `flags` of an abstract protocol. */
enum {
	LWS_AP_FLAG_PIPELINE_TRANSACTIONS = 1,
	LWS_AP_FLAG_MUXABLE_STREAM = 2
};

struct lws_abs;
struct lws_abs_protocol;

typedef struct lws_abs_protocol lws_abs_protocol_t;

/** The operations of an abstract protocol. */
struct lws_abs_protocol {
	const char *name;
	int alloc;
	int flags;
	int (*create)(const struct lws_abs *);
	void (*destroy)(lws_abs_protocol_inst_t **);
	int (*compare)(lws_abs_t *, lws_abs_t *);
	int (*accept)(lws_abs_protocol_inst_t *);
	int (*rx)(lws_abs_protocol_inst_t *, const uint8_t *, size_t);
	int (*writeable)(lws_abs_protocol_inst_t *, size_t);
	int (*closed)(lws_abs_protocol_inst_t *);
	int (*heartbeat)(lws_abs_protocol_inst_t *);
	int (*child_bind)(lws_abs_t *);
};

#endif
