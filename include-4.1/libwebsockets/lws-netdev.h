/*
 * lws-netdev.h: network devices (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_NETDEV_H
#define OXLWS_LWS_NETDEV_H

#define LWS_ETH_ALEN 6

#define LWS_WIFI_MAX_SCAN_TRACK 16
/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_netdev_wifi_plat_ops

/** How a wifi network authenticates, and flags of wifi devices. */
enum {
	LNDIW_ALG_OPEN = 0,
	LNDIW_ALG_WPA2 = 1,
	LNDIW_MODE_STA = 1,
	LNDIW_MODE_AP = 2,
	LNDIW_UP = 128,
	LNDIW_ACQ_IPv4 = 1,
	LNDIW_ACQ_IPv6 = 2
};

/** Kinds of network devices. */
typedef enum {
	LWSNDTYP_UNKNOWN = 0,
	LWSNDTYP_WIFI = 1,
	LWSNDTYP_ETH = 2
} lws_netdev_type_t;

/** The states of a wifi device. */
typedef enum {
	LWSNDVWIFI_STATE_INITIAL = 0,
	LWSNDVWIFI_STATE_SCAN = 1,
	LWSNDVWIFI_STATE_AP = 2,
	LWSNDVWIFI_STATE_AP_SCAN = 3,
	LWSNDVWIFI_STATE_STAT_GRP_AP = 4,
	LWSNDVWIFI_STATE_STAT_GRP_AP_SCAN = 5,
	LWSNDVWIFI_STATE_STAT = 6,
	LWSNDVWIFI_STATE_STAT_HAPPY = 7
} lws_netdev_wifi_state_t;

struct lws_context;
struct lws_netdev_config;
struct lws_netdev_instance;
struct lws_netdev_instance_wifi;
struct lws_netdev_ops;
struct lws_netdevs;
struct lws_wifi_creds;
struct lws_wifi_sta;
struct lwsac;

typedef struct lws_netdev_config lws_netdev_config_t;

typedef struct lws_netdev_instance lws_netdev_instance_t;

typedef struct lws_netdev_instance_wifi lws_netdev_instance_wifi_t;

typedef struct lws_netdev_ops lws_netdev_ops_t;

typedef struct lws_netdevs lws_netdevs_t;

/** A wifi channel. */
typedef uint8_t lws_wifi_ch_t;

typedef struct lws_wifi_creds lws_wifi_creds_t;

/** A signal strength. */
typedef int8_t lws_wifi_rssi_t;

typedef struct lws_wifi_sta lws_wifi_sta_t;

/** How to configure a network device. */
struct lws_netdev_config {
	void *plat_config;
};

/** A network device. */
struct lws_netdev_instance {
	const char *name;
	const lws_netdev_ops_t *ops;
	void *platinfo;
	lws_dll2_t list;
	uint8_t mac[6];
	uint8_t type;
};

/** A wifi device. */
struct lws_netdev_instance_wifi {
	lws_netdev_instance_t inst;
	lws_dll2_owner_t scan;
	lws_sorted_usec_list_t sul_scan;
	lws_wifi_creds_t *ap_cred;
	const char *ap_ip;
	const char *sta_ads;
	char current_attempt_ssid[33];
	uint8_t current_attempt_bssid[6];
	uint8_t flags;
	uint8_t state;
};

/** The operations of a network device. */
struct lws_netdev_ops {
	struct lws_netdev_instance *(*create)(struct lws_context *, const struct lws_netdev_ops *, const char *, void *);
	int (*configure)(struct lws_netdev_instance *, lws_netdev_config_t *);
	int (*up)(struct lws_netdev_instance *);
	int (*down)(struct lws_netdev_instance *);
	int (*event)(struct lws_netdev_instance *, lws_usec_t, void *, size_t);
	void (*destroy)(struct lws_netdev_instance **);
	int (*connect)(struct lws_netdev_instance *, const char *, const char *, uint8_t *);
	void (*scan)(struct lws_netdev_instance *);
};

/** All network devices. */
struct lws_netdevs {
	lws_dll2_owner_t owner;
	lws_dll2_owner_t owner_creds;
	struct lwsac *ac_creds;
	lws_settings_instance_t *si;
	lws_sockaddr46 sa46_dns_resolver;
	uint8_t refcount_creds;
};

/** Credentials of a wifi network. */
struct lws_wifi_creds {
	lws_dll2_t list;
	uint8_t bssid[6];
	char passphrase[64];
	char ssid[33];
	uint8_t alg;
};

/** An access point that was seen. */
struct lws_wifi_sta {
	lws_dll2_t list;
	uint32_t last_seen;
	uint32_t last_tried;
	uint8_t bssid[6];
	char *ssid;
	uint8_t ssid_len;
	lws_wifi_ch_t ch;
	lws_wifi_rssi_t rssi[8];
	int16_t rssi_avg;
	uint8_t authmode;
	uint8_t rssi_count;
	uint8_t rssi_next;
};

/** The mean signal strength of a scan result, -200 without samples. `_x` is the name of a pointer. */
#define rssi_averaged(_x) ((_x)->rssi_count ? ((int)(_x)->rssi_avg / (int)(_x)->rssi_count) : -200)

#endif
