/* glib.c: contexts in GLib main loops (LWS_SERVER_OPTION_GLIB; foreign_loops: GMainLoop *). */
#include "evlib.h"
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>

struct watch {
	const struct oxlws_evlib_core *core;
	void *context;
	GMainLoop *loop;
	GSource *readable;
	GSource *interrupt;
	int is_own;
};

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct watch *watch = data;

	(void)fd;
	(void)condition;
	watch->core->ready(watch->context);
	/* Of a source that was destroyed meanwhile, GLib does not look at it. */
	return G_SOURCE_CONTINUE;
}

static gboolean on_interrupt(gpointer data)
{
	struct watch *watch = data;

	watch->core->signalled(watch->context, NULL, SIGINT);
	return G_SOURCE_CONTINUE;
}

static void *attach(const struct oxlws_evlib_core *core, void *context, int fd, void *foreign, unsigned int flags)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	GMainContext *sources;

	if (!watch)
		return NULL;
	watch->core = core;
	watch->context = context;
	watch->is_own = !foreign;
	watch->loop = foreign ? g_main_loop_ref(foreign) : g_main_loop_new(NULL, FALSE);
	sources = g_main_loop_get_context(watch->loop);
	watch->readable = g_unix_fd_source_new(fd, G_IO_IN);
	g_source_set_callback(watch->readable, G_SOURCE_FUNC(on_readable), watch, NULL);
	/* A program may run the loop again inside of a callback. */
	g_source_set_can_recurse(watch->readable, FALSE);
	g_source_attach(watch->readable, sources);
	if (watch->is_own && flags & OXLWS_EVLIB_SIGNALS) {
		watch->interrupt = g_unix_signal_source_new(SIGINT);
		g_source_set_callback(watch->interrupt, on_interrupt, watch, NULL);
		g_source_attach(watch->interrupt, sources);
	}
	return watch;
}

static void *loop(void *data)
{
	struct watch *watch = data;

	return watch->loop;
}

static void run(void *data)
{
	struct watch *watch = data;

	g_main_loop_run(watch->loop);
}

static void stop(void *data)
{
	struct watch *watch = data;

	g_main_loop_quit(watch->loop);
}

static void detach(void *data)
{
	struct watch *watch = data;

	g_source_destroy(watch->readable);
	g_source_unref(watch->readable);
	if (watch->interrupt) {
		g_source_destroy(watch->interrupt);
		g_source_unref(watch->interrupt);
	}
	if (watch->is_own)
		g_main_loop_quit(watch->loop);
}

static void release(void *data)
{
	struct watch *watch = data;

	g_main_loop_unref(watch->loop);
	free(watch);
}

OXLWS_EVLIB_EXPORT const struct oxlws_evlib_ops oxlws_evlib = {
	OXLWS_EVLIB_TAG, attach, loop, run, stop, detach, release,
};
