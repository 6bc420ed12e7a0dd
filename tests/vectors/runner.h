/* runner.h: what the files of the vector runner share. See runner.c. */
#ifndef RUNNER_H
#define RUNNER_H

#include <libwebsockets.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAXA 64
/* parts of the API that 4.1.x does not have */
#define V43 (LWS_LIBRARY_VERSION_NUMBER >= 4003000)

/* The arguments of the call. */
typedef struct { int kind; long long i; unsigned char *s; size_t l; } arg_t;
extern arg_t A[MAXA];
extern int NA;
#define I(n) (A[n].i)
#define L(n) (A[n].l)

/* A function of the vectors. */
typedef struct { const char *n; void (*f)(void); } function_t;

/* One table for each file, which ends with a name that is NULL. */
extern const function_t text_functions[], parse_functions[], container_functions[], log_functions[],
	misc_functions[];

/* Results: a number, bytes, a C string. */
void oi(const char *k, long long v);
void os(const char *k, const void *p, size_t l);
void oz(const char *k, const char *z);
/* bounded C string out of a prefilled buffer */
void ob(const char *k, const char *b, size_t cap);

/* argument as exactly sized NUL-terminated heap string */
char *zs(int n);
/*
 * As zs() but with several NULs at the end: after a last token that was ended
 * by the NUL, the reference tokenizer looks at the byte behind that NUL.
 */
char *zs2(int n);
/* argument as exactly sized heap bytes, no NUL (1 byte minimum) */
unsigned char *bs(int n);
/* room for a result, prefilled */
char *outbuf(size_t cap);
/* a context without vhosts that listen; nothing is logged */
struct lws_context *mkctx(void);

#endif
