/*
 * clock_shim: preloaded, it moves the calendar clock of a process while it runs. The
 * file that OXLWS_CLOCK names holds the shift in seconds, a 64-bit number; who writes it
 * makes the clock jump. The monotonic clock stays, as it does on a real machine.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static int64_t shift(void)
{
	static volatile int64_t *at;
	const char *name = getenv("OXLWS_CLOCK");

	if (!at && name) {
		int fd = open(name, O_RDONLY | O_CLOEXEC);
		void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*at), PROT_READ, MAP_SHARED, fd, 0);

		at = map == MAP_FAILED ? NULL : map;
	}
	return at ? *at : 0;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, t);
	if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		t->tv_sec += shift();
	return result;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}
