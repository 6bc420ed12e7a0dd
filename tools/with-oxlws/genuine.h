/*
 * genuine.h: which library does a program get without us?
 */
#ifndef WITH_OXLWS_GENUINE_H
#define WITH_OXLWS_GENUINE_H

#include <limits.h>

enum genuine {
	GENUINE_FOUND,	 /* `path` is it */
	GENUINE_MISSING, /* there is none of this name */
	GENUINE_IS_OURS, /* `path` is a library of oxlws: diverted, or by a search path of the program */
	GENUINE_UNKNOWN	 /* the dynamic linker did not say */
};

/* Asks the dynamic linker, as ldd(1) does; the program itself is not run. */
enum genuine genuine_find(char *const command[], const char *name, char path[PATH_MAX]);

#endif
