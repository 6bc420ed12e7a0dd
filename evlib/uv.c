/* uv.c: contexts in libuv loops (LWS_SERVER_OPTION_LIBUV; foreign_loops: uv_loop_t *). */
#include "evlib.h"
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#define SIGNALS 3

/*
 * libuv closes handles in a later turn of the loop and touches them until then, so the memory of a watch in a foreign
 * loop goes with release() or with the last of its handles, whichever comes later.
 */
struct watch {
	const struct oxlws_evlib_core *core;
	void *context;
	uv_loop_t own;
	uv_loop_t *loop;
	uv_poll_t poll;
	uv_signal_t signals[SIGNALS];
	int open_handles;
	int is_released;
	int is_own;
};

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;

	(void)status;
	(void)events;
	watch->core->ready(watch->context);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct watch *watch = handle->data;

	watch->core->signalled(watch->context, handle, number);
}

static void on_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	if (--watch->open_handles == 0 && watch->is_released)
		free(watch);
}

static void watch_signals(struct watch *watch, unsigned int flags)
{
	static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
	int count = flags & OXLWS_EVLIB_FEW_SIGNALS ? 2 : SIGNALS;
	int n;

	for (n = 0; n < count; n++) {
		if (uv_signal_init(watch->loop, &watch->signals[n]))
			return;
		watch->signals[n].data = watch;
		watch->open_handles++;
		uv_signal_start(&watch->signals[n], on_signal, numbers[n]);
	}
}

static void *attach(const struct oxlws_evlib_core *core, void *context, int fd, void *foreign, unsigned int flags)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->core = core;
	watch->context = context;
	watch->is_own = !foreign;
	watch->loop = foreign ? foreign : &watch->own;
	if (watch->is_own && uv_loop_init(&watch->own)) {
		free(watch);
		return NULL;
	}
	if (uv_poll_init(watch->loop, &watch->poll, fd)) {
		if (watch->is_own)
			uv_loop_close(&watch->own);
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->open_handles = 1;
	uv_poll_start(&watch->poll, UV_READABLE, on_readable);
	if (watch->is_own && flags & OXLWS_EVLIB_SIGNALS)
		watch_signals(watch, flags);
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

	uv_run(watch->loop, UV_RUN_DEFAULT);
}

static void stop(void *data)
{
	struct watch *watch = data;

	uv_stop(watch->loop);
}

static void detach(void *data)
{
	struct watch *watch = data;
	int signals = watch->open_handles - 1;
	int n;

	if (watch->is_own)
		uv_stop(watch->loop);
	for (n = 0; n < signals; n++)
		uv_close((uv_handle_t *)&watch->signals[n], on_closed);
	uv_close((uv_handle_t *)&watch->poll, on_closed);
}

/* Handles that the program put into a loop of ours are its own to close; what is left then is as unclosed as they are. */
static void release(void *data)
{
	struct watch *watch = data;

	if (!watch->is_own) {
		watch->is_released = 1;
		if (!watch->open_handles)
			free(watch);
		return;
	}
	while (watch->open_handles)
		uv_run(&watch->own, UV_RUN_NOWAIT);
	if (uv_loop_close(&watch->own) == 0)
		free(watch);
}

OXLWS_EVLIB_EXPORT const struct oxlws_evlib_ops oxlws_evlib = {
	OXLWS_EVLIB_TAG, attach, loop, run, stop, detach, release,
};
