/*
 * lws-stats.h: statistics and latencies of 4.1.
 */
#ifndef OXLWS_LWS_STATS_H
#define OXLWS_LWS_STATS_H

/* Parts of 4.1 that are gone in 4.3; nothing of it is built. */

enum {
	LDLT_READ = 0,
	LDLT_WRITE = 1,
	LDLT_NAME_RESOLUTION = 2,
	LDLT_CONNECTION = 3,
	LDLT_TLS_NEG_CLIENT = 4,
	LDLT_TLS_NEG_SERVER = 5,
	LDLT_USER = 6,
	LAT_DUR_PROXY_CLIENT_REQ_TO_WRITE = 0,
	LAT_DUR_PROXY_CLIENT_WRITE_TO_PROXY_RX = 1,
	LAT_DUR_PROXY_PROXY_REQ_TO_WRITE = 2,
	LAT_DUR_PROXY_RX_TO_ONWARD_TX = 3,
	LAT_DUR_USERCB = 4,
	LAT_DUR_STEPS = 5
};

/** How long the steps of one event took. */
struct lws_detlat {
	lws_usec_t earliest_write_req;
	lws_usec_t earliest_write_req_pre_write;
	const char *aux;
	int type;
	uint32_t latencies[5];
	size_t req_size;
	size_t acc_size;
};

typedef struct lws_detlat lws_detlat_t;

/** Called with the times of an event. */
typedef int (*det_lat_buf_cb_t)(struct lws_context *, const lws_detlat_t *);

enum {
	LWSSTATS_C_CONNECTIONS = 0,
	LWSSTATS_C_API_CLOSE = 1,
	LWSSTATS_C_API_READ = 2,
	LWSSTATS_C_API_LWS_WRITE = 3,
	LWSSTATS_C_API_WRITE = 4,
	LWSSTATS_C_WRITE_PARTIALS = 5,
	LWSSTATS_C_WRITEABLE_CB_REQ = 6,
	LWSSTATS_C_WRITEABLE_CB_EFF_REQ = 7,
	LWSSTATS_C_WRITEABLE_CB = 8,
	LWSSTATS_C_SSL_CONNECTIONS_FAILED = 9,
	LWSSTATS_C_SSL_CONNECTIONS_ACCEPTED = 10,
	LWSSTATS_C_SSL_ACCEPT_SPIN = 11,
	LWSSTATS_C_SSL_CONNS_HAD_RX = 12,
	LWSSTATS_C_TIMEOUTS = 13,
	LWSSTATS_C_SERVICE_ENTRY = 14,
	LWSSTATS_B_READ = 15,
	LWSSTATS_B_WRITE = 16,
	LWSSTATS_B_PARTIALS_ACCEPTED_PARTS = 17,
	LWSSTATS_US_SSL_ACCEPT_LATENCY_AVG = 18,
	LWSSTATS_US_WRITABLE_DELAY_AVG = 19,
	LWSSTATS_US_WORST_WRITABLE_DELAY = 20,
	LWSSTATS_US_SSL_RX_DELAY_AVG = 21,
	LWSSTATS_C_PEER_LIMIT_AH_DENIED = 22,
	LWSSTATS_C_PEER_LIMIT_WSI_DENIED = 23,
	LWSSTATS_C_CONNS_CLIENT = 24,
	LWSSTATS_C_CONNS_CLIENT_FAILED = 25,
	LWSSTATS_SIZE = 26
};

/** Statistics are not built: 0. */
static LWS_INLINE uint64_t lws_stats_get(struct lws_context *context, int index)
{
	(void)context;
	(void)index;
	return 0;
}

/** Statistics are not built: does nothing. */
static LWS_INLINE void lws_stats_log_dump(struct lws_context *context)
{
	(void)context;
}

#endif
