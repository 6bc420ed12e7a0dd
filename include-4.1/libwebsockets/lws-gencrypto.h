/*
 * lws-gencrypto.h: key elements of the generic crypto layer (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_GENCRYPTO_H
#define OXLWS_LWS_GENCRYPTO_H

#define LWS_GENCRYPTO_MAX_KEYEL_COUNT ((size_t)LWS_GENCRYPTO_RSA_KEYEL_COUNT)

/** Key elements of AES. */
enum lws_gencrypto_aes_tok {
	LWS_GENCRYPTO_AES_KEYEL_K = 0,
	LWS_GENCRYPTO_AES_KEYEL_COUNT = 1
};

/** Key elements of elliptic curves. */
enum lws_gencrypto_ec_tok {
	LWS_GENCRYPTO_EC_KEYEL_CRV = 0,
	LWS_GENCRYPTO_EC_KEYEL_X = 1,
	LWS_GENCRYPTO_EC_KEYEL_D = 2,
	LWS_GENCRYPTO_EC_KEYEL_Y = 3,
	LWS_GENCRYPTO_EC_KEYEL_COUNT = 4
};

/** Kinds of keys. */
enum lws_gencrypto_kty {
	LWS_GENCRYPTO_KTY_UNKNOWN = 0,
	LWS_GENCRYPTO_KTY_OCT = 1,
	LWS_GENCRYPTO_KTY_RSA = 2,
	LWS_GENCRYPTO_KTY_EC = 3
};

/** Key elements of plain keys. */
enum lws_gencrypto_oct_tok {
	LWS_GENCRYPTO_OCT_KEYEL_K = 0,
	LWS_GENCRYPTO_OCT_KEYEL_COUNT = 1
};

/** Key elements of RSA. */
enum lws_gencrypto_rsa_tok {
	LWS_GENCRYPTO_RSA_KEYEL_E = 0,
	LWS_GENCRYPTO_RSA_KEYEL_N = 1,
	LWS_GENCRYPTO_RSA_KEYEL_D = 2,
	LWS_GENCRYPTO_RSA_KEYEL_P = 3,
	LWS_GENCRYPTO_RSA_KEYEL_Q = 4,
	LWS_GENCRYPTO_RSA_KEYEL_DP = 5,
	LWS_GENCRYPTO_RSA_KEYEL_DQ = 6,
	LWS_GENCRYPTO_RSA_KEYEL_QI = 7,
	LWS_GENCRYPTO_RSA_KEYEL_COUNT = 8
};

struct lws_gencrypto_keyelem;

typedef struct lws_gencrypto_keyelem lws_gc_elem_t;

/** A part of a key, in memory. */
struct lws_gencrypto_keyelem {
	uint8_t *buf;
	uint32_t len;
};

#endif
