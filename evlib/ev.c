/* ev.c: contexts in libev loops (LWS_SERVER_OPTION_LIBEV; foreign_loops: struct ev_loop *). */
#include "evlib.h"
#include <ev.h>
#include <signal.h>
#include <stdlib.h>

struct watch {
	const struct oxlws_evlib_core *core;
	void *context;
	struct ev_loop *loop;
	ev_io io;
	ev_signal interrupt;
	int is_own;
};

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct watch *watch = io->data;

	(void)loop;
	(void)events;
	watch->core->ready(watch->context);
}

static void on_signal(struct ev_loop *loop, ev_signal *handle, int events)
{
	struct watch *watch = handle->data;

	(void)loop;
	(void)events;
	watch->core->signalled(watch->context, handle, handle->signum);
}

static void *attach(const struct oxlws_evlib_core *core, void *context, int fd, void *foreign, unsigned int flags)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->core = core;
	watch->context = context;
	watch->is_own = !foreign;
	watch->loop = foreign ? foreign : ev_loop_new(EVFLAG_AUTO);
	if (!watch->loop) {
		free(watch);
		return NULL;
	}
	ev_init(&watch->io, on_readable);
	ev_io_set(&watch->io, fd, EV_READ);
	watch->io.data = watch;
	ev_io_start(watch->loop, &watch->io);
	ev_init(&watch->interrupt, on_signal);
	ev_signal_set(&watch->interrupt, SIGINT);
	watch->interrupt.data = watch;
	if (watch->is_own && flags & OXLWS_EVLIB_SIGNALS) {
		ev_signal_start(watch->loop, &watch->interrupt);
		/* It does not keep the loop running. */
		ev_unref(watch->loop);
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

	ev_run(watch->loop, 0);
}

static void stop(void *data)
{
	struct watch *watch = data;

	ev_break(watch->loop, EVBREAK_ALL);
}

static void detach(void *data)
{
	struct watch *watch = data;

	ev_io_stop(watch->loop, &watch->io);
	if (ev_is_active(&watch->interrupt)) {
		ev_ref(watch->loop);
		ev_signal_stop(watch->loop, &watch->interrupt);
	}
	if (watch->is_own)
		ev_break(watch->loop, EVBREAK_ALL);
}

static void release(void *data)
{
	struct watch *watch = data;

	if (watch->is_own)
		ev_loop_destroy(watch->loop);
	free(watch);
}

OXLWS_EVLIB_EXPORT const struct oxlws_evlib_ops oxlws_evlib = {
	OXLWS_EVLIB_TAG, attach, loop, run, stop, detach, release,
};
