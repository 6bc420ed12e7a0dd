/*
 * lws-metrics.h: metrics (only the types are of use in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_METRICS_H
#define OXLWS_LWS_METRICS_H

/** Index of what succeeded. */
#define METRES_GO 0
/** Index of what failed. */
#define METRES_NOGO 1

/** The kinds of a metric result. */
enum {
	LMT_NORMAL = 0,
	LMT_OUTLIER = 1,
	LMT_FAIL = 2,
	LMT_COUNT = 3
};

/** Bits of `flags` of a metric. */
enum {
	LWSMTFL_REPORT_OUTLIERS = 1,
	LWSMTFL_REPORT_OOB = 2,
	LWSMTFL_REPORT_INACTIVITY_AT_PERIODIC = 4,
	LWSMTFL_REPORT_MEAN = 8,
	LWSMTFL_REPORT_ONLY_GO = 16,
	LWSMTFL_REPORT_DUTY_WALLCLOCK_US = 32,
	LWSMTFL_REPORT_HIST = 64
};

/** The occasion of a metric report. */
enum lws_metric_rpt {
	LMR_PERIODIC = 0,
	LMR_OUTLIER = 1
};

/** A measurement. */
typedef uint64_t u_mt_t;

/** Measurements that are summed up; the arrays are indexed by `METRES_GO` and `METRES_NOGO`. */
struct lws_metric_pub_u_agg {
	u_mt_t sum[2];
	u_mt_t min;
	u_mt_t max;
	uint32_t count[2];
};

/** Head of one histogram bucket of a metric; the name length byte and the name follow it. */
struct lws_metric_bucket {
	struct lws_metric_bucket *next;
	uint64_t count;
};

typedef struct lws_metric_bucket lws_metric_bucket_t;

/** Measurements that are counted by name. */
struct lws_metric_pub_u_hist {
	lws_metric_bucket_t *head;
	uint64_t total_count;
	uint32_t list_size;
};

/** The measurements; which member is valid depends on `LWSMTFL_REPORT_HIST` in `flags`. */
union lws_metric_pub_u {
	struct lws_metric_pub_u_agg agg;
	struct lws_metric_pub_u_hist hist;
};

/** The public part of a metric. */
struct lws_metric_pub {
	const char *name;
	void *backend_opaque;
	lws_usec_t us_first;
	lws_usec_t us_last;
	lws_usec_t us_dumped;
	union lws_metric_pub_u u;
	uint8_t flags;
};

typedef struct lws_metric_pub lws_metric_pub_t;

struct lws_metric;
struct lws_metric_caliper;
struct lws_metrics_tag;

typedef struct lws_metric_caliper lws_metric_caliper_t;

typedef enum lws_metric_rpt lws_metric_rpt_kind_t;

typedef struct lws_metrics_tag lws_metrics_tag_t;

/** A measurement in progress. */
struct lws_metric_caliper {
	struct lws_dll2_owner mtags_owner;
	struct lws_metric *mt;
	lws_usec_t us_start;
};

/** A tag of a measurement. */
struct lws_metrics_tag {
	lws_dll2_t list;
	const char *name;
};

/** The length of a bucket's name: the byte behind the struct. */
#define lws_metric_bucket_name_len(_b) (*((uint8_t *)&(_b)[1]))
/** The characters of a bucket's name, behind its length byte. */
#define lws_metric_bucket_name(_b) (((const char *)&(_b)[1]) + 1)

/* Metrics are not built: measuring does nothing. */
#define lws_metrics_caliper_compose(_name)
#define lws_metrics_caliper_bind(_name, _mt)
#define lws_metrics_caliper_declare(_name, _mp)
#define lws_metrics_caliper_report(_name, _go_nogo)
#define lws_metrics_caliper_report_hist(_name, pwsiconn)
#define lws_metrics_caliper_cancel(_name)
#define lws_metrics_caliper_done(_name)
#define lws_metrics_hist_bump(_mt, _name)
#define lws_metrics_hist_bump_priv(_mt, _name)
#define lws_metrics_tag_wsi_add(_a, _b, _c)

#endif
