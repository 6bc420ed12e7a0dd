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
 * The loop of the event library that the context is in: `uv_loop_t *`, `struct ev_loop *`, `GMainLoop *`,
 * `struct event_base *` or `sd_event *`.
 *
 * What was given in `info.foreign_loops`, or the loop that the library made and `lws_service()` runs; the program may put
 * its own timers and descriptors in there, and stop it, which makes `lws_service()` return 1. NULL: the context has the
 * built-in loop, or was destroyed.
 */
void *oxlws_event_loop(struct lws_context *context);

#ifdef __cplusplus
}
#endif

#endif
