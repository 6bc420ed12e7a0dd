/*
 * lws-secure-streams.h: secure streams (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SECURE_STREAMS_H
#define OXLWS_LWS_SECURE_STREAMS_H

#define LWSSS_TIMEOUT_FROM_POLICY 0

#define LWS_SS_MTU 1540

/** Bits of `flags` of lws_ss_info. */
enum {
	LWSSSINFLAGS_REGISTER_SINK = 1,
	LWSSSINFLAGS_PROXIED = 2,
	LWSSSINFLAGS_SERVER = 4,
	LWSSSINFLAGS_ACCEPTED = 8
};

/** Bits that go with the payload of a stream. */
enum {
	LWSSS_FLAG_SOM = 1,
	LWSSS_FLAG_EOM = 2,
	LWSSS_FLAG_POLL = 4,
	LWSSS_FLAG_RELATED_START = 8,
	LWSSS_FLAG_RELATED_END = 16,
	LWSSS_FLAG_RIDESHARE = 32,
	LWSSS_FLAG_PERF_JSON = 64,
	LWSSS_SER_RXPRE_RX_PAYLOAD = 85,
	LWSSS_SER_RXPRE_CREATE_RESULT = 86,
	LWSSS_SER_RXPRE_CONNSTATE = 87,
	LWSSS_SER_RXPRE_TXCR_UPDATE = 88,
	LWSSS_SER_RXPRE_TLSNEG_ENCLAVE_SIGN = 89,
	LWSSS_SER_TXPRE_STREAMTYPE = 170,
	LWSSS_SER_TXPRE_ONWARD_CONNECT = 171,
	LWSSS_SER_TXPRE_DESTROYING = 172,
	LWSSS_SER_TXPRE_TX_PAYLOAD = 173,
	LWSSS_SER_TXPRE_METADATA = 174,
	LWSSS_SER_TXPRE_TXCR_UPDATE = 175,
	LWSSS_SER_TXPRE_TIMEOUT_UPDATE = 176,
	LWSSS_SER_TXPRE_PAYLOAD_LENGTH_HINT = 177,
	LWSSS_SER_TXPRE_TLSNEG_ENCLAVE_SIGNED = 178
};

/** The states of a proxied stream. */
typedef enum {
	LPCSPROX_WAIT_INITIAL_TX = 1,
	LPCSPROX_REPORTING_FAIL = 2,
	LPCSPROX_REPORTING_OK = 3,
	LPCSPROX_OPERATIONAL = 4,
	LPCSPROX_DESTROYED = 5,
	LPCSCLI_SENDING_INITIAL_TX = 6,
	LPCSCLI_WAITING_CREATE_RESULT = 7,
	LPCSCLI_LOCAL_CONNECTED = 8,
	LPCSCLI_ONWARD_CONNECT = 9,
	LPCSCLI_OPERATIONAL = 10
} lws_ss_conn_states_t;

/** What a stream is told. */
typedef enum {
	LWSSSCS_CREATING = 0,
	LWSSSCS_DISCONNECTED = 1,
	LWSSSCS_UNREACHABLE = 2,
	LWSSSCS_AUTH_FAILED = 3,
	LWSSSCS_CONNECTED = 4,
	LWSSSCS_CONNECTING = 5,
	LWSSSCS_DESTROYING = 6,
	LWSSSCS_POLL = 7,
	LWSSSCS_ALL_RETRIES_FAILED = 8,
	LWSSSCS_QOS_ACK_REMOTE = 9,
	LWSSSCS_QOS_NACK_REMOTE = 10,
	LWSSSCS_QOS_ACK_LOCAL = 11,
	LWSSSCS_QOS_NACK_LOCAL = 12,
	LWSSSCS_TIMEOUT = 13,
	LWSSSCS_SERVER_TXN = 14,
	LWSSSCS_SERVER_UPGRADE = 15,
	LWSSSCS_SINK_JOIN = 16,
	LWSSSCS_SINK_PART = 17,
} lws_ss_constate_t;

/** What the callbacks of a stream return. */
enum lws_ss_state_return {
	LWSSSSRET_TX_DONT_SEND = 1,
	LWSSSSRET_OK = 0,
	LWSSSSRET_DISCONNECT_ME = -1,
	LWSSSSRET_DESTROY_ME = -2
};

struct lws_ss_handle;
struct lws_ss_info;

typedef struct lws_ss_info lws_ss_info_t;

typedef enum lws_ss_state_return lws_ss_state_return_t;

/** Counts what a stream sends. */
typedef uint32_t lws_ss_tx_ordinal_t;

/** Called with payload. */
typedef lws_ss_state_return_t (*lws_sscb_rx)(void *, const uint8_t *, size_t, int);

/** Called when the state changes. */
typedef lws_ss_state_return_t (*lws_sscb_state)(void *, void *, lws_ss_constate_t, lws_ss_tx_ordinal_t);

/** Called for payload to send. */
typedef lws_ss_state_return_t (*lws_sscb_tx)(void *, lws_ss_tx_ordinal_t, uint8_t *, size_t *, int *);

/** Called for each stream. */
typedef void (*lws_sssfec_cb)(struct lws_ss_handle *, void *);

/** How to create a stream. */
struct lws_ss_info {
	const char *streamtype;
	size_t user_alloc;
	size_t handle_offset;
	size_t opaque_user_data_offset;
	lws_sscb_rx rx;
	lws_sscb_tx tx;
	lws_sscb_state state;
	int manual_initial_tx_credit;
	uint8_t flags;
};

#endif
