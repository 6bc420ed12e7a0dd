/* probe_server.h: what the files of the server probe share. See probe_server.c. */
#ifndef PROBE_SERVER_H
#define PROBE_SERVER_H

#include <libwebsockets.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(_x) (sizeof(_x) / sizeof((_x)[0]))

/* ---- command line ---- */

extern struct ret { int reason; int value; int nth; int seen; } rets[16];
extern int nrets, show_poll, verbose, tls, raw, destroy_after;
extern const char *docroot, *cert, *key, *ca, *vh2, *defproto, *usock, *err404;
extern const char *authfile, *rawfd_file, *cert2, *key2, *vhname, *alpn;
extern uint64_t optbits;
extern unsigned int timeout_s, ah_idle, hdrdata, hdrpool, servbuf, rxbuf;
extern int pmd, adopt_listen, late_vhost, keepalive, extmime, notify_rxflow, hdrs_pvo, pss0, mounts_on;
extern volatile int stop_now;
extern struct lws_context *ctx;

/* ---- names (probe_server_names.c) ---- */

const char *cb_name(int n);
/* ends the program for an unknown name */
int reason_by_name(const char *s, size_t l);
int is_known(struct lws *wsi);
const char *wname(struct lws *wsi, int forget);
void put_esc(const unsigned char *p, size_t len, size_t max);

/* ---- per session data ---- */

struct pss {
	unsigned char	buf[LWS_PRE + 4096];
	size_t		len;
	int		binary;
	int		want_close;
	int		mode;		/* http reply kind */
	int		step;
	size_t		body;
	int		touched;
};

enum { M_NONE, M_DYN, M_CHUNK, M_POST, M_SSE, M_HDRS, M_BIGBODY };

/* ---- http (probe_server_http.c) ---- */

int reply_headers(struct lws *wsi, unsigned int code, const char *type, lws_filepos_t clen);
void dump_request(struct lws *wsi);
int act_http(struct lws *wsi, struct pss *pss, const char *uri);
int act_http_writeable(struct lws *wsi, struct pss *pss);

/* ---- what the callbacks do (probe_server_callback.c) ---- */

extern struct lws_protocols protocols[5];

#endif
