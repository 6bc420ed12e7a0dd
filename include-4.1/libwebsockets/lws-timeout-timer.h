/*
 * lws-timeout-timer.h: timers and timeouts.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_TIMEOUT_TIMER_H
#define OXLWS_LWS_TIMEOUT_TIMER_H

/** The timer need not wake a suspended system. */
#define LWSSULLI_MISS_IF_SUSPENDED 0
/** The timer wakes a suspended system. */
#define LWSSULLI_WAKE_IF_SUSPENDED 1

/** How many lists of timers a service thread has. */
#define LWS_COUNT_PT_SUL_OWNERS 2

/** As a time: no timer, or no longer. */
#define LWS_SET_TIMER_USEC_CANCEL (-1ll)

/** As a timeout: close from the service loop. */
#define LWS_TO_KILL_ASYNC (-1)
/** As a timeout: close before the call returns; not inside callbacks of that connection. */
#define LWS_TO_KILL_SYNC (-2)

/** Microseconds in a second. */
#define LWS_USEC_PER_SEC ((lws_usec_t)1000000)

/** What a connection waits for while its timeout runs. */
enum pending_timeout {
	/** No timeout. */
	NO_PENDING_TIMEOUT = 0,
	PENDING_TIMEOUT_AWAITING_PROXY_RESPONSE = 1,
	PENDING_TIMEOUT_AWAITING_CONNECT_RESPONSE = 2,
	PENDING_TIMEOUT_ESTABLISH_WITH_SERVER = 3,
	PENDING_TIMEOUT_AWAITING_SERVER_RESPONSE = 4,
	PENDING_TIMEOUT_AWAITING_PING = 5,
	PENDING_TIMEOUT_CLOSE_ACK = 6,
	PENDING_TIMEOUT_UNUSED1 = 7,
	PENDING_TIMEOUT_SENT_CLIENT_HANDSHAKE = 8,
	PENDING_TIMEOUT_SSL_ACCEPT = 9,
	PENDING_TIMEOUT_HTTP_CONTENT = 10,
	PENDING_TIMEOUT_AWAITING_CLIENT_HS_SEND = 11,
	PENDING_FLUSH_STORED_SEND_BEFORE_CLOSE = 12,
	PENDING_TIMEOUT_SHUTDOWN_FLUSH = 13,
	PENDING_TIMEOUT_CGI = 14,
	PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE = 15,
	PENDING_TIMEOUT_WS_PONG_CHECK_SEND_PING = 16,
	PENDING_TIMEOUT_WS_PONG_CHECK_GET_PONG = 17,
	PENDING_TIMEOUT_CLIENT_ISSUE_PAYLOAD = 18,
	PENDING_TIMEOUT_AWAITING_SOCKS_GREETING_REPLY = 19,
	PENDING_TIMEOUT_AWAITING_SOCKS_CONNECT_REPLY = 20,
	PENDING_TIMEOUT_AWAITING_SOCKS_AUTH_REPLY = 21,
	PENDING_TIMEOUT_KILLED_BY_SSL_INFO = 22,
	PENDING_TIMEOUT_KILLED_BY_PARENT = 23,
	PENDING_TIMEOUT_CLOSE_SEND = 24,
	PENDING_TIMEOUT_HOLDING_AH = 25,
	PENDING_TIMEOUT_UDP_IDLE = 26,
	PENDING_TIMEOUT_CLIENT_CONN_IDLE = 27,
	PENDING_TIMEOUT_LAGGING = 28,
	PENDING_TIMEOUT_THREADPOOL = 29,
	PENDING_TIMEOUT_THREADPOOL_TASK = 30,
	PENDING_TIMEOUT_KILLED_BY_PROXY_CLIENT_CLOSE = 31,
	PENDING_TIMEOUT_USER_OK = 32,
	/** From here on: for programs. */
	PENDING_TIMEOUT_USER_REASON_BASE = 1000
};

/** Called when a timer is due. */
typedef void (*sul_cb_t)(struct lws_sorted_usec_list *sul);

/** A timer, embedded in an object of the program. All zero means not scheduled. */
struct lws_sorted_usec_list {
	/** First member: the node in the list of timers. */
	struct lws_dll2 list;
	/** When it is due, in the time of lws_now_usecs(). */
	lws_usec_t us;
	/** Called when it is due. */
	sul_cb_t cb;
	/** Used by the library. */
	uint32_t latency_us;
};

typedef struct lws_sorted_usec_list lws_sorted_usec_list_t;

/**
 * Puts `sul` into a sorted list of timers at its place by `sul->us`; it is removed from where it was.
 *
 * For event loop integrations. Returns 0.
 */
int __lws_sul_insert(lws_dll2_owner_t *own, lws_sorted_usec_list_t *sul);

/**
 * Runs all timers of a context that are due at `usnow`; `own` is its array of lists.
 *
 * For event loop integrations. Returns the microseconds from `usnow` to the next timer, 0 if there is none.
 */
lws_usec_t __lws_sul_service_ripe(lws_dll2_owner_t *own, int own_len, lws_usec_t usnow);

/**
 * Closes the connection after `secs`, unless set anew or cleared with 0.
 *
 * `LWS_TO_KILL_ASYNC`: at the next turn of the loop. `LWS_TO_KILL_SYNC`: before the call returns (when a callback of
 * this connection is running: when that returns). From another thread: queued.
 */
void lws_set_timeout(struct lws *wsi, enum pending_timeout reason, int secs);

/**
 * One TIMER callback after `usecs`; a new call replaces the old time, `LWS_SET_TIMER_USEC_CANCEL` cancels. From another
 * thread: queued.
 */
void lws_set_timer_usecs(struct lws *wsi, lws_usec_t usecs);

/**
 * Schedules `sul`, whose `us` (absolute, on the clock of `lws_now_usecs()`) and `cb` are set already.
 *
 * `flags`: `LWSSULLI_MISS_IF_SUSPENDED` or `LWSSULLI_WAKE_IF_SUSPENDED`. `tsi` is 0.
 */
void lws_sul2_schedule(struct lws_context *context, int tsi, int flags,
		lws_sorted_usec_list_t *sul);

/** Takes back a timer, and zeroes `sul->us`. Nothing else happens if it is not scheduled. Any thread. */
void lws_sul_cancel(lws_sorted_usec_list_t *sul);

/**
 * Tells when the device must wake at the latest.
 *
 * Returns 0 and the due time of the earliest timer that was scheduled with a wake, on the clock of `lws_now_usecs()`;
 * 1 if there is none (`*pearliest` stays as it is).
 */
int lws_sul_earliest_wakeable_event(struct lws_context *ctx, lws_usec_t *pearliest);

/**
 * Calls `_cb(sul)` in the service thread, `_us` microseconds from now.
 *
 * A timer that is scheduled already is moved. `_us` 0, or negative: at the next turn of the loop, never from inside
 * this call; `LWS_SET_TIMER_USEC_CANCEL`: as `lws_sul_cancel`. Until then `sul->list.owner` is not NULL and `sul->us`
 * is the due time on the clock of `lws_now_usecs()`. `tsi` is 0. Any thread.
 */
void lws_sul_schedule(struct lws_context *ctx, int tsi, lws_sorted_usec_list_t *sul, sul_cb_t _cb,
		lws_usec_t _us);

/** As `lws_sul_schedule`, for a timer that may wake a device that sleeps; see `lws_sul_earliest_wakeable_event`. */
void lws_sul_schedule_wakesuspend(struct lws_context *ctx, int tsi, lws_sorted_usec_list_t *sul,
		sul_cb_t _cb, lws_usec_t _us);

/** Tells that the peer proved to be alive: the times of the validity policy start anew. From another thread: queued. */
void lws_validity_confirmed(struct lws *wsi);

/** Older name of lws_now_usecs(). */
#define lws_time_in_microseconds lws_now_usecs

/** Asks for a connection to be closed: `to_kill` is LWS_TO_KILL_SYNC or LWS_TO_KILL_ASYNC. */
#define lws_wsi_close(w, to_kill) lws_set_timeout(w, (enum pending_timeout)1, to_kill)

/** Would look for timers left behind in freed memory; not built. */
#define lws_sul_debug_zombies(_a, _b, _c, _d)

#endif
