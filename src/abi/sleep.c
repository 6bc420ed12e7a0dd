/*
 * Where lws_service sleeps: the one place in the library where a program may end the thread with
 * pthread_cancel. A cancelled thread is unwound, which must not go through Rust frames that stop
 * panics; here there are none but the one of lws_service itself, which has nothing to clean up.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/epoll.h>

int oxlws_impl_sleep(int epoll, struct epoll_event *events, int room, int milliseconds, int cancel_state,
		void (*forsake)(void *), void *what);

/* As epoll_wait, with cancellation as `cancel_state` says; forsake(what) is called when it comes. */
int oxlws_impl_sleep(int epoll, struct epoll_event *events, int room, int milliseconds, int cancel_state,
		void (*forsake)(void *), void *what)
{
	int count, state;

	pthread_cleanup_push(forsake, what);
	pthread_setcancelstate(cancel_state, &state);
	count = epoll_wait(epoll, events, room, milliseconds);
	pthread_setcancelstate(state, &state);
	pthread_cleanup_pop(0);
	return count;
}
