/*
 * lws-sequencer.h: sequencers (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SEQUENCER_H
#define OXLWS_LWS_SEQUENCER_H

#define LWSSEQTO_NONE 0

/** What the callback of a sequencer returns. */
enum lws_seq_cb_return {
	LWSSEQ_RET_CONTINUE = 0,
	LWSSEQ_RET_DESTROY = 1
};

/** What a sequencer is told. */
typedef enum {
	LWSSEQ_CREATED = 0,
	LWSSEQ_DESTROYED = 1,
	LWSSEQ_TIMED_OUT = 2,
	LWSSEQ_HEARTBEAT = 3,
	LWSSEQ_WSI_CONNECTED = 4,
	LWSSEQ_WSI_CONN_FAIL = 5,
	LWSSEQ_WSI_CONN_CLOSE = 6,
	LWSSEQ_SS_STATE_BASE = 7,
	LWSSEQ_USER_BASE = 100
} lws_seq_events_t;

struct lws_context;
struct lws_seq_info;
struct lws_sequencer;

typedef enum lws_seq_cb_return lws_seq_cb_return_t;

/** The callback of a sequencer. */
typedef lws_seq_cb_return_t (*lws_seq_event_cb)(struct lws_sequencer *, void *, int, void *, void *);

typedef struct lws_seq_info lws_seq_info_t;

/** How to create a sequencer. */
struct lws_seq_info {
	struct lws_context *context;
	int tsi;
	size_t user_size;
	void **puser;
	lws_seq_event_cb cb;
	const char *name;
	const lws_retry_bo_t *retry;
	uint8_t wakesuspend:1;
};

#endif
