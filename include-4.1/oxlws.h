/*
 * oxlws.h: what oxlws offers beyond libwebsockets.
 *
 * Only oxlws has this header and these functions; all their names begin with oxlws_. A program that is also to be built with
 * libwebsockets asks first:
 *
 *     #include <libwebsockets.h>
 *     #if defined(__has_include) && __has_include(<oxlws.h>)
 *     #include <oxlws.h>
 *     #endif
 *     ...
 *     #ifdef OXLWS_VERSION_NUMBER
 *
 * C99 and C++98 and later. The man page is oxlws.h(3).
 */
#ifndef OXLWS_H
#define OXLWS_H

#include <libwebsockets.h>

/** Version of oxlws, and the same as one number for comparisons: major * 1000000 + minor * 1000 + patch. */
#define OXLWS_VERSION "0.1.0"
#define OXLWS_VERSION_NUMBER 1000

#ifdef __cplusplus
extern "C" {
#endif

/** Who ended a connection: `by` of struct oxlws_ended. */
enum {
	OXLWS_ENDED_BY_US = 1, /**< the program, or the library for it */
	OXLWS_ENDED_BY_PEER = 2,
	OXLWS_ENDED_BY_TIMEOUT = 3,
	OXLWS_ENDED_BY_FAILURE = 4 /**< a client connection that did not come about */
};

/** How far a connection was: `step` of struct oxlws_ended. */
enum {
	OXLWS_STEP_RESOLVING = 1,
	OXLWS_STEP_CONNECTING = 2,
	OXLWS_STEP_PROXY = 3,
	OXLWS_STEP_TLS = 4,
	OXLWS_STEP_HTTP = 5, /**< request or reply head */
	OXLWS_STEP_OPEN = 6, /**< websocket or raw data, http bodies */
	OXLWS_STEP_CLOSING = 7
};

/** Why a connection ended. Filled by `oxlws_wsi_ended()`. */
struct oxlws_ended {
	/** OXLWS_ENDED_BY_*. */
	int by;
	/** OXLWS_STEP_*: how far the connection was when that happened. */
	int step;
	/** The close code of RFC 6455 that travelled; 0: none. */
	int close_code;
	/** Microseconds since then. */
	uint64_t ago_us;
	/** What happened, as the library's log has it; UTF-8, always ends with NUL, cut if it is longer. */
	char text[256];
};

/** What a context counted since it was made. Filled by `oxlws_context_stats()`. */
struct oxlws_context_stats {
	/** Client connections that were begun, and those that exist now. */
	uint64_t clients;
	uint64_t clients_now;
	/** Client connections that did not come about (CLIENT_CONNECTION_ERROR, or NULL from the connect call). */
	uint64_t clients_failed;
	/** Connections that were accepted or adopted, and those that exist now. */
	uint64_t accepted;
	uint64_t accepted_now;
	/** Connections of both sides that became websockets. */
	uint64_t upgraded;
	/** Connections that were ended by a timeout. */
	uint64_t timed_out;
	/**
	 * Bytes on the wire, of ended and living connections; with TLS those of its records. Datagrams and files are not
	 * counted.
	 */
	uint64_t bytes_in;
	uint64_t bytes_out;
	/** Whole ws messages of data. */
	uint64_t messages_in;
	uint64_t messages_out;
};

/** What a connection counted. Filled by `oxlws_wsi_stats()`. */
struct oxlws_wsi_stats {
	/** Bytes on the wire; with TLS those of its records. */
	uint64_t bytes_in;
	uint64_t bytes_out;
	/** Whole ws messages of data, modulo 2^32. */
	uint64_t messages_in;
	uint64_t messages_out;
	/** Bytes that were written and wait to be sent. */
	uint64_t queued;
};

/**
 * A descriptor that any event loop can watch in place of all connections, timers and wake-ups of a context.
 *
 * It is readable (POLLIN, by level) whenever a service call has something to do, also when a timer is due, when another
 * thread called `lws_cancel_service()` or queued something, and when work is pending that no socket tells of. When it is,
 * call `lws_service(context, -1)`, which does what there is and does not wait; there is no timeout to compute:
 *
 * ```c
 * struct pollfd watched = { oxlws_context_fd(context), POLLIN, 0 };
 * int ended = 0;
 * while (!ended && poll(&watched, 1, -1) >= 0)
 *     ended = watched.revents && lws_service(context, -1) < 0;
 * ```
 *
 * Readable is all it ever is: it cannot be read or written, and events other than POLLIN mean nothing. Edge-triggered
 * watchers must call `lws_service(context, -1)` until poll() says that it is no longer readable.
 *
 * It may be watched by several means at a time and added to an epoll set. It belongs to the library, stays the same and
 * open until the context is destroyed, and must not be closed; a loop that does not notice closed descriptors has to be
 * told to stop watching before `lws_context_destroy()`. Other calls (writes, timers, connects) may come from anywhere in
 * the program's loop, in the thread that services the context. Contexts that this was not called for pay nothing.
 *
 * Returns the descriptor; -1: not a context, another thread's, or no descriptor left. The log says which.
 */
int oxlws_context_fd(struct lws_context *context);

/**
 * Tells what a context counted. From any thread. `size`: sizeof(*stats).
 *
 * Costs a look at every living connection; the counting itself costs nothing to speak of. Returns 0; -1: not a context.
 */
int oxlws_context_stats(struct lws_context *context, struct oxlws_context_stats *stats,
		size_t size);

/**
 * The loop of the event library that the context is in: `uv_loop_t *`, `struct ev_loop *`, `GMainLoop *`,
 * `struct event_base *` or `sd_event *`.
 *
 * What was given in `info.foreign_loops`, or the loop that the library made and `lws_service()` runs; the program may put
 * its own timers and descriptors in there, and stop it, which makes `lws_service()` return 1. NULL: the context has the
 * built-in loop, or was destroyed.
 */
void *oxlws_event_loop(struct lws_context *context);

/**
 * Tells why a connection ended.
 *
 * To be called in its CLOSED, CLIENT_CLOSED, CLOSED_HTTP, RAW_CLOSE or CLIENT_CONNECTION_ERROR callback, or later with the
 * dead pointer, which is recognised as such: what is known stays until the place in the library's table is used by another
 * connection (at the earliest 256 connections later). `size`: sizeof(*ended).
 *
 * Returns 1 and fills `*ended`; 0: the connection has not ended; -1: nothing is known.
 */
int oxlws_wsi_ended(struct lws *wsi, struct oxlws_ended *ended, size_t size);

/**
 * Tells what a connection counted. From any thread; `size`: sizeof(*stats). For connections that ended as long as
 * `oxlws_wsi_ended()` knows of them.
 *
 * Returns 0; -1: not a connection.
 */
int oxlws_wsi_stats(struct lws *wsi, struct oxlws_wsi_stats *stats, size_t size);

#ifdef __cplusplus
}
#endif

#endif
