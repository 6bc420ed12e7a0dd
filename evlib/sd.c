/* sd.c: contexts in the event loop of systemd (LWS_SERVER_OPTION_SDEVENT; foreign_loops: sd_event *). */
#include "evlib.h"
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>

struct watch {
	const struct oxlws_evlib_core *core;
	void *context;
	sd_event *loop;
	sd_event_source *readable;
	sd_event_source *interrupt;
	sigset_t mask_before;
	int stopped;
	int is_own;
};

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watch *watch = data;

	(void)source;
	(void)fd;
	(void)events;
	watch->core->ready(watch->context);
	return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct watch *watch = data;

	(void)info;
	watch->core->signalled(watch->context, source, SIGINT);
	return 0;
}

/* Signals reach this loop only if the thread has them blocked. */
static void watch_interrupt(struct watch *watch)
{
	sigset_t interrupt;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	if (pthread_sigmask(SIG_BLOCK, &interrupt, &watch->mask_before))
		return;
	if (sd_event_add_signal(watch->loop, &watch->interrupt, SIGINT, on_signal, watch) < 0) {
		watch->interrupt = NULL;
		pthread_sigmask(SIG_SETMASK, &watch->mask_before, NULL);
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
	if (foreign)
		watch->loop = sd_event_ref(foreign);
	else if (sd_event_new(&watch->loop) < 0)
		watch->loop = NULL;
	if (!watch->loop || sd_event_add_io(watch->loop, &watch->readable, fd, EPOLLIN, on_readable, watch) < 0) {
		sd_event_unref(watch->loop);
		free(watch);
		return NULL;
	}
	if (watch->is_own && flags & OXLWS_EVLIB_SIGNALS)
		watch_interrupt(watch);
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

	/* Not by sd_event_exit(), behind which a loop cannot be run again. */
	watch->stopped = 0;
	while (!watch->stopped && sd_event_get_state(watch->loop) != SD_EVENT_FINISHED)
		if (sd_event_run(watch->loop, UINT64_MAX) < 0)
			return;
}

static void stop(void *data)
{
	struct watch *watch = data;

	watch->stopped = 1;
}

static void detach(void *data)
{
	struct watch *watch = data;

	sd_event_source_set_enabled(watch->readable, SD_EVENT_OFF);
	sd_event_source_unref(watch->readable);
	if (watch->interrupt) {
		sd_event_source_set_enabled(watch->interrupt, SD_EVENT_OFF);
		sd_event_source_unref(watch->interrupt);
		pthread_sigmask(SIG_SETMASK, &watch->mask_before, NULL);
	}
	watch->stopped = 1;
}

static void release(void *data)
{
	struct watch *watch = data;

	sd_event_unref(watch->loop);
	free(watch);
}

OXLWS_EVLIB_EXPORT const struct oxlws_evlib_ops oxlws_evlib = {
	OXLWS_EVLIB_TAG, attach, loop, run, stop, detach, release,
};
