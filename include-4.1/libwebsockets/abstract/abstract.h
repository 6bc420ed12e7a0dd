/*
 * abstract.h: abstract protocols over abstract transports (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_ABSTRACT_ABSTRACT_H
#define OXLWS_ABSTRACT_ABSTRACT_H

/** Where the indexes of lws_token_map begin. */
enum {
	LTMI_END_OF_ARRAY = 0,
	LTMI_PROTOCOL_BASE = 2048,
	LTMI_TRANSPORT_BASE = 4096
};

struct lws_abs;
struct lws_token_map;

/** A protocol in use. */
typedef void lws_abs_protocol_inst_t;

typedef struct lws_abs lws_abs_t;

/** A transport in use. */
typedef void lws_abs_transport_inst_t;

typedef struct lws_token_map lws_token_map_t;

/** A named setting of a transport or protocol. */
struct lws_token_map {
	union {
		const char *value;
		uint8_t *bvalue;
		unsigned long lvalue;
	} u;
	short name_index;
	short length_or_zero;
};

#endif
