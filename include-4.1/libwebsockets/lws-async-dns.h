/*
 * lws-async-dns.h: the asynchronous resolver (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_ASYNC_DNS_H
#define OXLWS_LWS_ASYNC_DNS_H

/** Kinds of DNS records. */
enum dns_query_type {
	LWS_ADNS_RECORD_A = 1,
	LWS_ADNS_RECORD_CNAME = 5,
	LWS_ADNS_RECORD_MX = 15,
	LWS_ADNS_RECORD_AAAA = 28
};

/** What an asynchronous lookup returns. */
typedef enum {
	LADNS_RET_FAILED_WSI_CLOSED = -4,
	LADNS_RET_NXDOMAIN = -3,
	LADNS_RET_TIMEDOUT = -2,
	LADNS_RET_FAILED = -1,
	LADNS_RET_FOUND = 0,
	LADNS_RET_CONTINUING = 1
} lws_async_dns_retcode_t;

struct lws;

typedef enum dns_query_type adns_query_type_t;

/** Called with the result of a lookup. */
typedef struct lws *(*lws_async_dns_cb_t)(struct lws *, const char *, const struct addrinfo *, int, void *);

#endif
