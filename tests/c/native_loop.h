/*
 * native_loop.h: the event libraries that tests run contexts in, behind one small interface. One of LOOP_UV, LOOP_EV,
 * LOOP_GLIB, LOOP_EVENT, LOOP_SD is defined.
 */
#ifndef NATIVE_LOOP_H
#define NATIVE_LOOP_H

#include <stdlib.h>

#if defined(LOOP_UV)
#include <uv.h>
#define LOOP_OPTION LWS_SERVER_OPTION_LIBUV
typedef uv_loop_t native_loop;
#elif defined(LOOP_EV)
#include <ev.h>
#define LOOP_OPTION LWS_SERVER_OPTION_LIBEV
typedef struct ev_loop native_loop;
#elif defined(LOOP_GLIB)
#include <glib.h>
#define LOOP_OPTION LWS_SERVER_OPTION_GLIB
typedef GMainLoop native_loop;
#elif defined(LOOP_EVENT)
#include <event2/event.h>
#define LOOP_OPTION LWS_SERVER_OPTION_LIBEVENT
typedef struct event_base native_loop;
#elif defined(LOOP_SD)
#include <systemd/sd-event.h>
#define LOOP_OPTION LWS_SERVER_OPTION_SDEVENT
typedef sd_event native_loop;
#else
#error which loop?
#endif

typedef void (*native_fn)(void);

static inline native_loop *native_new(void)
{
#if defined(LOOP_UV)
	uv_loop_t *loop = malloc(sizeof(*loop));

	CHECK(loop && uv_loop_init(loop) == 0);
	return loop;
#elif defined(LOOP_EV)
	return ev_loop_new(EVFLAG_AUTO);
#elif defined(LOOP_GLIB)
	return g_main_loop_new(NULL, FALSE);
#elif defined(LOOP_EVENT)
	return event_base_new();
#else
	sd_event *loop = NULL;

	CHECK(sd_event_new(&loop) >= 0);
	return loop;
#endif
}

/* Until native_stop(), or (but for GLib) until nothing is left to wait for. */
static inline void native_run(native_loop *loop)
{
#if defined(LOOP_UV)
	uv_run(loop, UV_RUN_DEFAULT);
#elif defined(LOOP_EV)
	ev_run(loop, 0);
#elif defined(LOOP_GLIB)
	g_main_loop_run(loop);
#elif defined(LOOP_EVENT)
	event_base_dispatch(loop);
#else
	sd_event_loop(loop);
#endif
}

static inline void native_stop(native_loop *loop)
{
#if defined(LOOP_UV)
	uv_stop(loop);
#elif defined(LOOP_EV)
	ev_break(loop, EVBREAK_ALL);
#elif defined(LOOP_GLIB)
	g_main_loop_quit(loop);
#elif defined(LOOP_EVENT)
	event_base_loopbreak(loop);
#else
	sd_event_exit(loop, 0);
#endif
}

/* One call of `fn` after so many milliseconds. */
struct native_once {
	native_fn fn;
#if defined(LOOP_UV)
	uv_timer_t timer;
#elif defined(LOOP_EV)
	ev_timer timer;
#elif defined(LOOP_EVENT)
	struct event *timer;
#elif defined(LOOP_SD)
	sd_event_source *timer;
#endif
};

#if defined(LOOP_UV)
static inline void native_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static inline void native_fired(uv_timer_t *timer)
{
	struct native_once *once = timer->data;

	once->fn();
	uv_close((uv_handle_t *)timer, native_freed);
}
#elif defined(LOOP_EV)
static inline void native_fired(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct native_once *once = timer->data;

	(void)loop;
	(void)events;
	once->fn();
	free(once);
}
#elif defined(LOOP_GLIB)
static inline gboolean native_fired(gpointer data)
{
	struct native_once *once = data;

	once->fn();
	free(once);
	return G_SOURCE_REMOVE;
}
#elif defined(LOOP_EVENT)
static inline void native_fired(evutil_socket_t fd, short what, void *data)
{
	struct native_once *once = data;

	(void)fd;
	(void)what;
	once->fn();
	event_free(once->timer);
	free(once);
}
#else
static inline int native_fired(sd_event_source *source, uint64_t due, void *data)
{
	struct native_once *once = data;

	(void)source;
	(void)due;
	once->fn();
	sd_event_source_unref(once->timer);
	free(once);
	return 0;
}
#endif

static inline void native_after(native_loop *loop, int ms, native_fn fn)
{
	struct native_once *once = calloc(1, sizeof(*once));

	CHECK(once != NULL);
	once->fn = fn;
#if defined(LOOP_UV)
	CHECK(uv_timer_init(loop, &once->timer) == 0);
	once->timer.data = once;
	CHECK(uv_timer_start(&once->timer, native_fired, (uint64_t)ms, 0) == 0);
#elif defined(LOOP_EV)
	ev_now_update(loop);
	ev_init(&once->timer, native_fired);
	ev_timer_set(&once->timer, ms / 1000., 0.);
	once->timer.data = once;
	ev_timer_start(loop, &once->timer);
#elif defined(LOOP_GLIB)
	(void)loop;
	g_timeout_add((guint)ms, native_fired, once);
#elif defined(LOOP_EVENT)
	struct timeval wait;

	wait.tv_sec = ms / 1000;
	wait.tv_usec = ms % 1000 * 1000;
	once->timer = evtimer_new(loop, native_fired, once);
	CHECK(once->timer && evtimer_add(once->timer, &wait) == 0);
#else
	CHECK(sd_event_add_time_relative(loop, &once->timer, CLOCK_MONOTONIC, (uint64_t)ms * 1000, 0, native_fired,
					 once) >= 0);
#endif
}

/* The loop ends; nothing of the library under test may be left in it. */
static inline void native_free(native_loop *loop)
{
#if defined(LOOP_UV)
	uv_run(loop, UV_RUN_NOWAIT);
	CHECK(uv_loop_close(loop) == 0);
	free(loop);
#elif defined(LOOP_EV)
	ev_loop_destroy(loop);
#elif defined(LOOP_GLIB)
	g_main_loop_unref(loop);
#elif defined(LOOP_EVENT)
	event_base_free(loop);
#else
	sd_event_unref(loop);
#endif
}

#endif
