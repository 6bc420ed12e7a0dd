/*
 * lws-threadpool.h: thread pools (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_THREADPOOL_H
#define OXLWS_LWS_THREADPOOL_H

/** What a task returns. */
enum lws_threadpool_task_return {
	LWS_TP_RETURN_CHECKING_IN = 0,
	LWS_TP_RETURN_SYNC = 1,
	LWS_TP_RETURN_FINISHED = 2,
	LWS_TP_RETURN_STOPPED = 3,
	LWS_TP_RETURN_FLAG_OUTLIVE = 64
};

/** The states of a task. */
enum lws_threadpool_task_status {
	LWS_TP_STATUS_QUEUED = 0,
	LWS_TP_STATUS_RUNNING = 1,
	LWS_TP_STATUS_SYNCING = 2,
	LWS_TP_STATUS_STOPPING = 3,
	LWS_TP_STATUS_FINISHED = 4,
	LWS_TP_STATUS_STOPPED = 5
};

struct lws;

/** How to create a pool. */
struct lws_threadpool_create_args {
	int threads;
	int max_queue_depth;
};

/** How to queue a task. */
struct lws_threadpool_task_args {
	struct lws *wsi;
	void *user;
	const char *name;
	char async_task;
	enum lws_threadpool_task_return (*task)(void *, enum lws_threadpool_task_status);
	void (*cleanup)(struct lws *, void *);
};

#endif
