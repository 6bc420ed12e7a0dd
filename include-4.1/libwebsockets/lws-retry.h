/*
 * lws-retry.h: retry and idle policies.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_RETRY_H
#define OXLWS_LWS_RETRY_H

/** As conceal_count: retry without end and never tell. */
#define LWS_RETRY_CONCEAL_ALWAYS 65535

/** Retry delays and idle timing: how long to wait before retries, when to ping and when to hang up. */
struct lws_retry_bo {
	/** Delays in milliseconds of the first tries; the last one repeats. */
	const uint32_t *retry_ms_table;
	/** How many entries the table has. */
	uint16_t retry_ms_table_count;
	/** How many tries are made before the program is told of the failure. */
	uint16_t conceal_count;
	/** Seconds without proof that the peer is alive before it is pinged. */
	uint16_t secs_since_valid_ping;
	/** Seconds without proof before the connection is given up. */
	uint16_t secs_since_valid_hangup;
	/** How much is added to a delay at random; 0: 30. */
	uint8_t jitter_percent;
};

typedef struct lws_retry_bo lws_retry_bo_t;

/**
 * Returns the milliseconds to wait before the next try, and counts it.
 *
 * `*ctry`: tries so far, 0 at first. `retry`: NULL for 3 s each time; else its table has the times of the first tries
 * and the last entry those of all others. A random part of up to `jitter_percent` (0: 30) is added. `*conceal` (may be
 * NULL) becomes 1 while there have not been more than `conceal_count` tries, else 0: time to tell somebody.
 */
unsigned int lws_retry_get_delay_ms(struct lws_context *context, const lws_retry_bo_t *retry,
		uint16_t *ctry, char *conceal);

/**
 * Schedules `cb(sul)` after the time that `lws_retry_get_delay_ms` tells.
 *
 * Returns 0; 1 and schedules nothing if there have been more than `conceal_count` tries. `tid` is 0.
 */
int lws_retry_sul_schedule(struct lws_context *context, int tid, lws_sorted_usec_list_t *sul,
		const lws_retry_bo_t *retry, sul_cb_t cb, uint16_t *ctry);

/**
 * As `lws_retry_sul_schedule`, with the policy of the connection; a Retry-After of its reply makes the delay longer.
 *
 * Returns 0; 1 and schedules nothing if there have been more tries than the policy conceals.
 */
int lws_retry_sul_schedule_retry_wsi(struct lws *wsi, lws_sorted_usec_list_t *sul, sul_cb_t cb,
		uint16_t *ctry);

#endif
