/*
 * lws-system.h: what the program does for the system; system states and blobs.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SYSTEM_H
#define OXLWS_LWS_SYSTEM_H

/** Blob contents as hex text. */
#define LWSSYSGAUTH_HEX 1

/** Indexes into the numbers and addresses of a DHCP lease. */
enum {
	LWSDH_IPV4_SUBNET_MASK = 0,
	LWSDH_IPV4_BROADCAST = 1,
	LWSDH_LEASE_SECS = 2,
	LWSDH_REBINDING_SECS = 3,
	LWSDH_RENEWAL_SECS = 4,
	_LWSDH_NUMS_COUNT = 5,
	LWSDH_SA46_IP = 0,
	LWSDH_SA46_DNS_SRV_1 = 1,
	LWSDH_SA46_DNS_SRV_2 = 2,
	LWSDH_SA46_DNS_SRV_3 = 3,
	LWSDH_SA46_DNS_SRV_4 = 4,
	LWSDH_SA46_IPV4_ROUTER = 5,
	LWSDH_SA46_NTP_SERVER = 6,
	LWSDH_SA46_DHCP_SERVER = 7,
	_LWSDH_SA46_COUNT = 8
};

/** What the captive portal detection found. */
typedef enum {
	LWS_CPD_UNKNOWN = 0,
	LWS_CPD_INTERNET_OK = 1,
	LWS_CPD_CAPTIVE_PORTAL = 2,
	LWS_CPD_NO_INTERNET = 3
} lws_cpd_result_t;

/** The kinds of system blobs. */
typedef enum {
	LWS_SYSBLOB_TYPE_AUTH = 0,
	LWS_SYSBLOB_TYPE_CLIENT_CERT_DER = 2,
	LWS_SYSBLOB_TYPE_CLIENT_KEY_DER = 3,
	LWS_SYSBLOB_TYPE_DEVICE_SERIAL = 4,
	LWS_SYSBLOB_TYPE_DEVICE_FW_VERSION = 5,
	LWS_SYSBLOB_TYPE_DEVICE_TYPE = 6,
	LWS_SYSBLOB_TYPE_NTP_SERVER = 7,
	LWS_SYSBLOB_TYPE_COUNT = 8
} lws_system_blob_item_t;

/** The states of the system state manager, in the order they are passed. */
typedef enum {
	LWS_SYSTATE_UNKNOWN = 0,
	LWS_SYSTATE_CONTEXT_CREATED = 1,
	LWS_SYSTATE_INITIALIZED = 2,
	LWS_SYSTATE_IFACE_COLDPLUG = 3,
	LWS_SYSTATE_DHCP = 4,
	LWS_SYSTATE_CPD_PRE_TIME = 5,
	LWS_SYSTATE_TIME_VALID = 6,
	LWS_SYSTATE_CPD_POST_TIME = 7,
	LWS_SYSTATE_POLICY_VALID = 8,
	LWS_SYSTATE_REGISTERED = 9,
	LWS_SYSTATE_AUTH1 = 10,
	LWS_SYSTATE_AUTH2 = 11,
	/** Connections can be made. */
	LWS_SYSTATE_OPERATIONAL = 12,
	LWS_SYSTATE_POLICY_INVALID = 13,
	LWS_SYSTATE_CONTEXT_DESTROYING = 14
} lws_system_states_t;

typedef struct lws_system_blob lws_system_blob_t;

/** Called in the service thread once the state that was asked for is reached. */
typedef void (*lws_attach_cb_t)(struct lws_context *context, int tsi, void *opaque);

/** What the program does for the library about its system; members may be NULL. */
struct lws_system_ops {
	/** Restarts the system. */
	int (*reboot)(void);
	/** Sets the clock, in microseconds since 1970. */
	int (*set_clock)(lws_usec_t us);
	/** Has `cb` called in the service thread, from another one. */
	int (*attach)(struct lws_context *context, int tsi, lws_attach_cb_t cb, lws_system_states_t state,
		void *opaque, struct lws_attach_item **get);
	/** Starts a captive portal detection. */
	int (*captive_portal_detect_request)(struct lws_context *context);
	/** How long the system takes to wake. */
	uint32_t wake_latency_us;
};

typedef struct lws_system_ops lws_system_ops_t;

struct lws_dhcpc_ifstate;

typedef struct lws_dhcpc_ifstate lws_dhcpc_ifstate_t;

/** Called when a lease changes. */
typedef int (*dhcpc_cb_t)(void *, int, uint8_t *, int);

/** A DHCP lease of an interface. */
struct lws_dhcpc_ifstate {
	char ifname[16];
	char domain[64];
	uint8_t mac[6];
	uint32_t nums[5];
	lws_sockaddr46 sa46[8];
};

/**
 * Has `cb(context, tsi, opaque)` called in the service thread once the system state `state` is reached. Any thread.
 *
 * With `get` not NULL: takes the first function out whose state is reached, for the library's own use; NULL if there is
 * none. The `attach` member of `struct lws_system_ops` passes its arguments on to this. Returns 0, or 1: no such context.
 */
int __lws_system_attach(struct lws_context *context, int tsi, lws_attach_cb_t cb,
		lws_system_states_t state, void *opaque, struct lws_attach_item **get);

/** Frees what the blob copied. The slot can be used again. */
void lws_system_blob_destroy(lws_system_blob_t *b);

/** Makes the blob refer to `len` bytes at `ptr`, which stay the caller's. */
void lws_system_blob_direct_set(lws_system_blob_t *b, const uint8_t *ptr, size_t len);

/**
 * Copies up to `*len` bytes of the blob, from `ofs` on, to `ptr`; `*len` becomes how many.
 *
 * Returns 0; 1 if `ofs` is behind the end of memory of the program.
 */
int lws_system_blob_get(lws_system_blob_t *b, uint8_t *ptr, size_t *len, size_t ofs);

/**
 * Gives the address of the content, if that is in one piece.
 *
 * Returns 0 and the address; -1 if the blob is empty or was appended in several pieces.
 */
int lws_system_blob_get_single_ptr(lws_system_blob_t *b, const uint8_t **ptr);

/** Returns the size of the blob in bytes. */
size_t lws_system_blob_get_size(lws_system_blob_t *b);

/**
 * Appends a copy of `len` bytes at `ptr`.
 *
 * Returns 0; -1 if there is no memory or the blob refers to memory of the program.
 */
int lws_system_blob_heap_append(lws_system_blob_t *b, const uint8_t *ptr, size_t len);

/** Empties the blob and makes it one that copies are appended to. */
void lws_system_blob_heap_empty(lws_system_blob_t *b);

/** The context a system state manager belongs to. */
struct lws_context *lws_system_context_from_system_mgr(lws_state_manager_t *mgr);

/**
 * Tells the result of a captive portal detection; the first one after each start counts. The system states go on to
 * LWS_SYSTATE_OPERATIONAL.
 */
void lws_system_cpd_set(struct lws_context *context, lws_cpd_result_t result);

/**
 * Starts a captive portal detection: the result becomes LWS_CPD_UNKNOWN, and the `captive_portal_detect_request` of the
 * program's `struct lws_system_ops` is called. Returns what that returns; 0 without one.
 */
int lws_system_cpd_start(struct lws_context *context);

/** As `lws_system_cpd_start`, `defer_us` microseconds from now. A start that was put off earlier is moved. */
void lws_system_cpd_start_defer(struct lws_context *cx, lws_usec_t defer_us);

/** The result of the captive portal detection so far. */
lws_cpd_result_t lws_system_cpd_state_get(struct lws_context *context);

/**
 * Returns the blob slot of `type`, or the `idx`-th slot behind it; NULL if there is no such slot or context.
 *
 * `LWS_SYSBLOB_TYPE_AUTH` has two slots, idx 0 and 1.
 */
lws_system_blob_t *lws_system_get_blob(struct lws_context *context, lws_system_blob_item_t type,
		int idx);

/** What was `info.system_ops`. */
const lws_system_ops_t *lws_system_get_ops(struct lws_context *context);

/** The manager of the system states of a context; lives as long as it. */
lws_state_manager_t *lws_system_get_state_manager(struct lws_context *context);

#endif
