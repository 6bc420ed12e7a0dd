/*
 * transports.h: what an abstract transport implements (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_ABSTRACT_TRANSPORTS_H
#define OXLWS_ABSTRACT_TRANSPORTS_H

struct lws_abs_transport;

typedef struct lws_abs_transport lws_abs_transport_t;

/** The operations of an abstract transport. */
struct lws_abs_transport {
	const char *name;
	int alloc;
	int (*create)(lws_abs_t *);
	void (*destroy)(lws_abs_transport_inst_t **);
	int (*compare)(lws_abs_t *, lws_abs_t *);
	int (*tx)(lws_abs_transport_inst_t *, uint8_t *, size_t);
	int (*client_conn)(const lws_abs_t *);
	int (*close)(lws_abs_transport_inst_t *);
	int (*ask_for_writeable)(lws_abs_transport_inst_t *);
	int (*set_timeout)(lws_abs_transport_inst_t *, int, int);
	int (*state)(lws_abs_transport_inst_t *);
};

#endif
