/*
 * poll_loop.h: a poll() loop of the test's own, told by the library what to watch. Include it
 * once; pass the reasons about descriptors to on_poll_change(), and turn the loop by poll_turn().
 */
#ifndef POLL_LOOP_H
#define POLL_LOOP_H

#include "harness.h"
#include <poll.h>

static struct pollfd watched[8];
static nfds_t count;
static int added;

/* Nonzero if the reason was about descriptors. */
static inline int on_poll_change(enum lws_callback_reasons reason, const struct lws_pollargs *args)
{
	nfds_t i;

	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
		CHECK(count < 8);
		watched[count].fd = args->fd;
		watched[count++].events = (short)args->events;
		added++;
		return 1;
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		for (i = 0; i < count; i++)
			if (watched[i].fd == args->fd)
				watched[i].events = (short)args->events;
		return 1;
	case LWS_CALLBACK_DEL_POLL_FD:
		for (i = 0; i < count; i++)
			if (watched[i].fd == args->fd)
				watched[i--] = watched[--count];
		return 1;
	case LWS_CALLBACK_LOCK_POLL:
	case LWS_CALLBACK_UNLOCK_POLL:
		return 1;
	default:
		return 0;
	}
}

/* Waits without a limit of its own; deadlines of the library bound the wait, and must not be what ends it. */
static inline void poll_turn(struct lws_context *context)
{
	int wait_ms = lws_service_adjust_timeout(context, 60000, 0);
	struct pollfd ready[8];
	nfds_t i, n = count;

	if (!wait_ms) {
		lws_service_tsi(context, -1, 0);
		return;
	}
	memcpy(ready, watched, sizeof(ready));
	CHECK(poll(ready, n, 2500) > 0);
	for (i = 0; i < n; i++)
		if (ready[i].revents)
			CHECK(lws_service_fd(context, &ready[i]) >= 0);
}

#endif
