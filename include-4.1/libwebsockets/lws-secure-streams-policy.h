/*
 * lws-secure-streams-policy.h: secure streams policy (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SECURE_STREAMS_POLICY_H
#define OXLWS_LWS_SECURE_STREAMS_POLICY_H

/** Bits of `flags` of a stream policy. */
enum {
	LWSSSPOLF_OPPORTUNISTIC = 1,
	LWSSSPOLF_NAILED_UP = 2,
	LWSSSPOLF_URGENT_TX = 4,
	LWSSSPOLF_URGENT_RX = 8,
	LWSSSPOLF_TLS = 16,
	LWSSSPOLF_LONG_POLL = 32,
	LWSSSPOLF_AUTH_BEARER = 64,
	LWSSSPOLF_HTTP_NO_CONTENT_LENGTH = 128,
	LWSSSPOLF_QUIRK_NGHTTP2_END_STREAM = 256,
	LWSSSPOLF_H2_QUIRK_OVERFLOWS_TXCR = 512,
	LWSSSPOLF_H2_QUIRK_UNCLEAN_HPACK_STATE = 1024,
	LWSSSPOLF_HTTP_MULTIPART = 2048,
	LWSSSPOLF_HTTP_X_WWW_FORM_URLENCODED = 4096,
	LWSSSPOLF_LOCAL_SINK = 8192,
	LWSSSPOLF_WAKE_SUSPEND__VALIDITY = 16384,
	LWSSSPOLF_SERVER = 32768,
	LWSSSPOLF_ALLOW_REDIRECTS = 65536,
	LWSSSPOLF_HTTP_MULTIPART_IN = 131072,
	LWSSSPOLF_ATTR_LOW_LATENCY = 262144,
	LWSSSPOLF_ATTR_HIGH_THROUGHPUT = 524288,
	LWSSSPOLF_ATTR_HIGH_RELIABILITY = 1048576,
	LWSSSPOLF_ATTR_LOW_COST = 2097152,
	LWSSSPOLF_PERF = 4194304,
	LWSSSPOLF_DIRECT_PROTO_STR = 8388608,
	LWSSSPOLF_HTTP_CACHE_COOKIES = 16777216,
	LWSSSPOLF_PRIORITIZE_READS = 33554432
};

/** The protocols of a stream policy. */
enum {
	LWSSSP_H1 = 0,
	LWSSSP_H2 = 1,
	LWSSSP_WS = 2,
	LWSSSP_MQTT = 3,
	LWSSSP_RAW = 4,
	LWSSS_HBI_AUTH = 0,
	LWSSS_HBI_DSN = 1,
	LWSSS_HBI_FWV = 2,
	LWSSS_HBI_TYPE = 3,
	_LWSSS_HBI_COUNT = 4
};

struct lws_metric_policy;
struct lws_ss_auth;
struct lws_ss_handle;
struct lws_ss_http_respmap;
struct lws_ss_metadata;
struct lws_ss_policy;
struct lws_ss_trust_store;
struct lws_ss_x509;

typedef struct lws_metric_policy lws_metric_policy_t;

typedef struct lws_ss_auth lws_ss_auth_t;

typedef struct lws_ss_http_respmap lws_ss_http_respmap_t;

typedef struct lws_ss_metadata lws_ss_metadata_t;

typedef struct lws_ss_policy lws_ss_policy_t;

typedef struct lws_ss_trust_store lws_ss_trust_store_t;

typedef struct lws_ss_x509 lws_ss_x509_t;

/** Called when authentication changes. */
typedef int (*plugin_auth_status_cb)(struct lws_ss_handle *, int);

/** How metrics are reported. */
struct lws_metric_policy {
	const struct lws_metric_policy *next;
	const char *name;
	const char *report;
	uint64_t us_schedule;
	uint32_t us_decay_unit;
	uint8_t min_contributors;
};

/** How a stream authenticates. */
struct lws_ss_auth {
	struct lws_ss_auth *next;
	const char *name;
	const char *type;
	const char *streamtype;
	uint8_t blob_index;
};

/** Which state an HTTP status means. */
struct lws_ss_http_respmap {
	uint16_t resp;
	uint16_t state;
};

/** A named value of a stream. */
struct lws_ss_metadata {
	struct lws_ss_metadata *next;
	const char *name;
	void *value;
	size_t length;
	uint8_t value_on_lws_heap;
};

/** The policy of a stream type. */
struct lws_ss_policy {
	struct lws_ss_policy *next;
	const char *streamtype;
	const char *endpoint;
	const char *rideshare_streamtype;
	const char *payload_fmt;
	const char *socks5_proxy;
	lws_ss_metadata_t *metadata;
	union {
		struct {
			const char *method;
			const char *url;
			const char *multipart_name;
			const char *multipart_filename;
			const char *multipart_content_type;
			const char *blob_header[4];
			const char *auth_preamble;
			union {
				struct {
					const char *subprotocol;
					uint8_t binary;
				} ws;
			} u;
			uint16_t resp_expect;
			uint8_t fail_redirect:1;
		} http;
	} u;
	union {
		const lws_ss_trust_store_t *store;
		struct {
			const lws_ss_x509_t *cert;
			const lws_ss_x509_t *key;
		} server;
	} trust;
	const lws_retry_bo_t *retry_bo;
	uint32_t timeout_ms;
	uint32_t flags;
	uint16_t port;
	uint8_t metadata_count;
	uint8_t protocol;
	uint8_t client_cert;
};

/** A set of authorities. */
struct lws_ss_trust_store {
	struct lws_ss_trust_store *next;
	const char *name;
	const lws_ss_x509_t *ssx509[6];
	int count;
};

/** A certificate of the policy. */
struct lws_ss_x509 {
	struct lws_ss_x509 *next;
	const char *vhost_name;
	const uint8_t *ca_der;
	size_t ca_der_len;
	uint8_t keep:1;
};

#endif
