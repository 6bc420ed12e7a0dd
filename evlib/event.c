/* event.c: contexts in libevent loops (LWS_SERVER_OPTION_LIBEVENT; foreign_loops: struct event_base *). */
#include "evlib.h"
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

struct watch {
	const struct oxlws_evlib_core *core;
	void *context;
	struct event_base *base;
	struct event *readable;
	struct event *interrupt;
	int is_own;
};

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct watch *watch = data;

	(void)fd;
	(void)what;
	watch->core->ready(watch->context);
}

static void on_signal(evutil_socket_t number, short what, void *data)
{
	struct watch *watch = data;

	(void)what;
	watch->core->signalled(watch->context, watch->interrupt, (int)number);
}

static void detach(void *data)
{
	struct watch *watch = data;

	if (watch->readable)
		event_free(watch->readable);
	if (watch->interrupt)
		event_free(watch->interrupt);
	watch->readable = watch->interrupt = NULL;
	if (watch->is_own && watch->base)
		event_base_loopbreak(watch->base);
}

static void release(void *data)
{
	struct watch *watch = data;

	if (watch->is_own && watch->base)
		event_base_free(watch->base);
	free(watch);
}

static void *attach(const struct oxlws_evlib_core *core, void *context, int fd, void *foreign, unsigned int flags)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->core = core;
	watch->context = context;
	watch->is_own = !foreign;
	watch->base = foreign ? foreign : event_base_new();
	if (watch->base)
		watch->readable = event_new(watch->base, fd, EV_READ | EV_PERSIST, on_readable, watch);
	if (!watch->readable || event_add(watch->readable, NULL)) {
		detach(watch);
		release(watch);
		return NULL;
	}
	if (watch->is_own && flags & OXLWS_EVLIB_SIGNALS) {
		watch->interrupt = evsignal_new(watch->base, SIGINT, on_signal, watch);
		if (watch->interrupt)
			event_add(watch->interrupt, NULL);
	}
	return watch;
}

static void *loop(void *data)
{
	struct watch *watch = data;

	return watch->base;
}

static void run(void *data)
{
	struct watch *watch = data;

	event_base_dispatch(watch->base);
}

static void stop(void *data)
{
	struct watch *watch = data;

	event_base_loopbreak(watch->base);
}

OXLWS_EVLIB_EXPORT const struct oxlws_evlib_ops oxlws_evlib = {
	OXLWS_EVLIB_TAG, attach, loop, run, stop, detach, release,
};
