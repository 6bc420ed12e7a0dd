/*
 * evlib.h: between the library and the objects that let it run in the loop of an event library.
 *
 * Private, and nothing like the interface of the original's plugins: an object watches one descriptor (what
 * oxlws_context_fd() gives: it is readable when a connection, another thread, a timer or pending work needs a service
 * turn) and tells the library when it is readable. All else stays in the library, so objects depend on their event
 * library alone, not on libwebsockets, and the same file serves both sonames.
 *
 * Each object exports one symbol, `oxlws_evlib`. The library looks for OXLWS_EVLIB_TAG in a file before it loads it, so
 * that files of the same name that belong to the original are never run. Change the number in the tag with anything
 * below; src/abi/evlib/load.rs has the same text.
 */
#ifndef OXLWS_EVLIB_H
#define OXLWS_EVLIB_H

#define OXLWS_EVLIB_TAG "oxlws-evlib:1"

/* What a loop of our own (foreign is NULL) listens to. */
enum {
	OXLWS_EVLIB_SIGNALS = 1, /* the signals that the original handles with this event library */
	OXLWS_EVLIB_FEW_SIGNALS = 2 /* of them only SIGINT and SIGTERM */
};

/* What the library offers. All of it is called in the thread that runs the loop. */
struct oxlws_evlib_core {
	/* The descriptor is readable. The watch may be detached and released inside. */
	void (*ready)(void *context);
	/* A signal came. `watcher` is the event library's own object, or NULL. As above. */
	void (*signalled)(void *context, void *watcher, int number);
};

struct oxlws_evlib_ops {
	const char *tag; /* OXLWS_EVLIB_TAG */
	/* Watches `fd` in the loop `foreign`, or in a new one. NULL: could not. */
	void *(*attach)(const struct oxlws_evlib_core *core, void *context, int fd, void *foreign, unsigned int flags);
	/* The native loop, as the program would pass it in foreign_loops. */
	void *(*loop)(void *watch);
	/* Runs the loop until it is stopped or has nothing to do. */
	void (*run)(void *watch);
	/* Ends run(), soon. */
	void (*stop)(void *watch);
	/* The watch ends; also from inside of ready(). A loop of our own stops. */
	void (*detach)(void *watch);
	/* Frees everything, after detach(). A loop of our own is not running; a foreign one may be. */
	void (*release)(void *watch);
};

#if defined(__GNUC__)
#define OXLWS_EVLIB_EXPORT __attribute__((visibility("default")))
#else
#define OXLWS_EVLIB_EXPORT
#endif

extern OXLWS_EVLIB_EXPORT const struct oxlws_evlib_ops oxlws_evlib;

#endif
