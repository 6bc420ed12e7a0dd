/*
 * lookup.h: for programs that bring the getaddrinfo() which the library calls. The including file defines _GNU_SOURCE
 * first.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "harness.h"
#include <dlfcn.h>
#include <netdb.h>

/* The system's. */
static inline int system_lookup(const char *name, const char *service, const struct addrinfo *hints,
				struct addrinfo **result)
{
	typedef int (*function)(const char *, const char *, const struct addrinfo *,
				struct addrinfo **);
	function next;
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

	CHECK(symbol != NULL);
	memcpy(&next, &symbol, sizeof(next));
	return next(name, service, hints, result);
}

#endif
