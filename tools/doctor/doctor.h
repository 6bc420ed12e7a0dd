/*
 * doctor.h: what the files of oxlws-doctor share: options, what a connection taught,
 * how lines are printed.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <libwebsockets.h>
#include <stddef.h>
#include <time.h>

/* Exit statuses: the first step that failed. */
enum verdict {
	WORKS = 0,
	WORKS_BUT = 1, /* with remarks */
	USAGE = 2,
	BAD_NAME = 3,
	BAD_TCP = 4,
	BAD_PROXY = 5,
	BAD_TLS = 6,
	BAD_CERTIFICATE = 7,
	BAD_HTTP = 8,
	BAD_WEBSOCKET = 9,
	BAD_SESSION = 10, /* ended right after it was established */
	OWN_TROUBLE = 11
};

struct options {
	const char *ca, *subprotocol, *proxy, *origin, *host, *certificate, *key;
	int insecure, timeout, no_proxy;
};

/* What one connection taught us. */
struct probe {
	int done, connected, is_ws;
	struct lws *wsi;
	char error[600];      /* in of CLIENT_CONNECTION_ERROR */
	char tls[200];	      /* version, cipher, ALPN: the library's log line */
	char allowed[4][300]; /* what lax flags let pass, likewise */
	int allowed_count;
	int status; /* of the reply */
	char location[300], challenge[200], server[100], server_subprotocol[130], extensions[200];
	char subject[200], issuer[200];
	time_t from, until;
	int has_certificate;
	long long ping_us, pong_us, close_us, closed_us;
	/* A hand-written request over a raw connection, and what came back. */
	const char *request;
	char answer[4096];
	size_t answer_len;
	char ca_trouble[300];
	char trouble[300]; /* the first error in the library's log */
	int peer_code;	   /* of a close frame of the peer, -1: without a code, 0: none came */
	char peer_reason[130];
	int messages;
	lws_sorted_usec_list_t timer;
};

/* main.c */
extern struct options opt;
extern const char *host, *path;
extern int port, is_tls;

#define PRINTS(n) __attribute__((format(printf, n, n + 1)))

/* One line of a step: it works; worth knowing; not as it should be, but no obstacle; it failed. */
void ok(const char *step, const char *format, ...) PRINTS(2);
void note(const char *step, const char *format, ...) PRINTS(2);
void remark(const char *step, const char *format, ...) PRINTS(2);
void bad(const char *step, const char *format, ...) PRINTS(2);
/* Below a failure: what it means, and what mends it. */
void means(const char *text);
void mend(const char *format, ...) PRINTS(1);
/* A time as a date; room for 32 bytes. */
const char *day(time_t time, char *text);

/* probe.c */
extern struct probe probe;
/* All that -k allows. */
#define LAX                                                                                        \
	(LCCSCF_ALLOW_SELFSIGNED | LCCSCF_ALLOW_INSECURE | LCCSCF_ALLOW_EXPIRED |                  \
	 LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK)

/*
 * Connects and fills `probe`. method: "RAW", or NULL for a websocket. flags: LCCSCF_*.
 * Each probe has a context of its own, so that nothing is left over from the one before.
 * Returns 0 if the connection was established.
 */
int run_probe(const char *method, int flags, const char *subprotocol);

/* explain.c */
/* Whether the error of the last probe contains this text. */
int has(const char *what);
/* Prints which step of the last probe (made with these flags) failed, why, and what mends it. */
enum verdict explain(int flags);
const char *code_meaning(int code);

#endif
