/*
 * harness.h: what the small test programs share. A program prints a trace with
 * say(), states what must hold with CHECK(), and returns 0 from main.
 *
 * ORACLE is defined where the program is built against the genuine library: what
 * only oxlws promises is checked under #ifndef ORACLE.
 */
#ifndef HARNESS_H
#define HARNESS_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* clock_gettime() and the like, also with -std=c99 */
#endif

#include <libwebsockets.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Ends the program with a message if what must hold does not. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("FAILED %s:%d: %s\n", __FILE__, __LINE__, #condition);              \
			fflush(stdout);                                                            \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* One line of the trace. */
static inline void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* The names of the reasons that tests print; NULL for those left out of traces. */
static inline const char *reason_name(enum lws_callback_reasons reason)
{
	switch (reason) {
#define REASON(name)                                                                               \
	case LWS_CALLBACK_##name:                                                                  \
		return #name;
		REASON(PROTOCOL_INIT)
		REASON(PROTOCOL_DESTROY)
		REASON(CLIENT_CONNECTION_ERROR)
		REASON(CLIENT_FILTER_PRE_ESTABLISH)
		REASON(CLIENT_ESTABLISHED)
		REASON(CLIENT_CLOSED)
		REASON(CLIENT_RECEIVE)
		REASON(CLIENT_RECEIVE_PONG)
		REASON(CLIENT_WRITEABLE)
		REASON(CLIENT_HTTP_BIND_PROTOCOL)
		REASON(CLIENT_HTTP_DROP_PROTOCOL)
		REASON(WS_CLIENT_DROP_PROTOCOL)
		REASON(WS_PEER_INITIATED_CLOSE)
		REASON(WSI_CREATE)
		REASON(WSI_DESTROY)
		REASON(CLOSED_CLIENT_HTTP)
		REASON(TIMER)
		REASON(ESTABLISHED)
		REASON(RECEIVE)
		REASON(SERVER_WRITEABLE)
		REASON(CLOSED)
#undef REASON
	default:
		return NULL;
	}
}

/* A client context that logs only errors to stderr (nothing with quiet set). */
static inline struct lws_context *make_context(const struct lws_protocols *protocols, void *user)
{
	struct lws_context_creation_info info;
	struct lws_context *context;

	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.user = user;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	return context;
}

/* Connect info for ws://127.0.0.1:port/ handled by the protocol of that name. */
static inline struct lws_client_connect_info to_port(struct lws_context *context, const char *port,
						     const char *local_protocol)
{
	struct lws_client_connect_info info;

	memset(&info, 0, sizeof(info));
	info.context = context;
	info.address = "127.0.0.1";
	info.port = atoi(port);
	info.path = "/";
	info.host = "127.0.0.1";
	info.local_protocol_name = local_protocol;
	return info;
}

static inline struct lws *connect_to(struct lws_context *context, const char *port,
				     const char *local_protocol)
{
	struct lws_client_connect_info info = to_port(context, port, local_protocol);

	return lws_client_connect_via_info(&info);
}

/* Sends text the documented way, from a copy with LWS_PRE bytes in front. */
static inline int send_text(struct lws *wsi, const char *text)
{
	size_t len = strlen(text);
	unsigned char *buffer = malloc(LWS_PRE + len + 1);
	int n;

	CHECK(buffer != NULL);
	memcpy(buffer + LWS_PRE, text, len + 1);
	n = lws_write(wsi, buffer + LWS_PRE, len, LWS_WRITE_TEXT);
	free(buffer);
	return n;
}

/* Closes politely: `return close_normally(wsi);` from a callback. */
static inline int close_normally(struct lws *wsi)
{
	lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
	return -1;
}

/* Microseconds of the monotonic clock. */
static inline long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Whether memory figures mean anything: not under valgrind or AddressSanitizer. */
static inline int memory_is_real(void)
{
#ifdef __SANITIZE_ADDRESS__
	return 0;
#else
	return getenv("OXLWS_TEST_TOOL") == NULL;
#endif
}

/* Resident memory of this process in KiB. */
static inline long resident_kib(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long size = 0, resident = 0;

	CHECK(file != NULL);
	CHECK(fscanf(file, "%ld %ld", &size, &resident) == 2);
	fclose(file);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

#endif
