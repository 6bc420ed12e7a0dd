/*
 * lws-conmon.h: timings of client connections.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_CONMON_H
#define OXLWS_LWS_CONMON_H

/** How the name lookup of a monitored connection ended. */
enum lws_conmon_dns_disposition {
	LWSCONMON_DNS_NONE = 0,
	LWSCONMON_DNS_OK = 1,
	LWSCONMON_DNS_SERVER_UNREACHABLE = 2,
	LWSCONMON_DNS_NO_RESULT = 3
};

/** Which member of `protocol_specific` is valid. */
enum lws_conmon_pcol {
	LWSCONMON_PCOL_NONE = 0,
	LWSCONMON_PCOL_HTTP = 1
};

/** What HTTP tells about the connection: the response code. */
struct lws_conmon_protocol_specific_http {
	int response;
};

/** What only one protocol can tell about the connection. */
union lws_conmon_protocol_specific {
	struct lws_conmon_protocol_specific_http http;
};

/** A time span in microseconds, up to about 71 minutes. */
typedef uint32_t lws_conmon_interval_us_t;

typedef enum lws_conmon_pcol lws_conmon_pcol_t;

typedef enum lws_conmon_dns_disposition lws_conmon_dns_disposition_t;

/** Connection timings taken by `lws_conmon_wsi_take`; released with `lws_conmon_release`. */
struct lws_conmon {
	union lws_sockaddr46 peer46;
	union lws_conmon_protocol_specific protocol_specific;
	struct addrinfo *dns_results_copy;
	lws_conmon_interval_us_t ciu_dns;
	lws_conmon_interval_us_t ciu_sockconn;
	lws_conmon_interval_us_t ciu_tls;
	lws_conmon_interval_us_t ciu_txn_resp;
	lws_conmon_pcol_t pcol;
	lws_conmon_dns_disposition_t dns_disposition;
};

/** Gives back the list of addresses in a result of `lws_conmon_wsi_take`. NULL and a second call are allowed. */
void lws_conmon_release(struct lws_conmon *conmon);

/**
 * Takes the times of a connection that was made with LCCSCF_CONMON in `ssl_connection`; all zero for others, and when
 * they were taken before.
 *
 * To be called in its CLIENT_CONNECTION_ERROR or closed callback, when everything is known; `*dest` is filled and has to
 * be given to `lws_conmon_release`. Times are microseconds, 0 for steps that did not take place.
 */
void lws_conmon_wsi_take(struct lws *wsi, struct lws_conmon *dest);

#endif
