/*
 * lws-jose.h: JOSE headers and algorithms (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_JOSE_H
#define OXLWS_LWS_JOSE_H

#define LWS_JWS_MAX_RECIPIENTS 3

/** Kinds of algorithms. */
enum lws_jose_algtype {
	LWS_JOSE_ENCTYPE_NONE = 0,
	LWS_JOSE_ENCTYPE_RSASSA_PKCS1_1_5 = 1,
	LWS_JOSE_ENCTYPE_RSASSA_PKCS1_OAEP = 2,
	LWS_JOSE_ENCTYPE_RSASSA_PKCS1_PSS = 3,
	LWS_JOSE_ENCTYPE_ECDSA = 4,
	LWS_JOSE_ENCTYPE_ECDHES = 5,
	LWS_JOSE_ENCTYPE_AES_CBC = 6,
	LWS_JOSE_ENCTYPE_AES_CFB128 = 7,
	LWS_JOSE_ENCTYPE_AES_CFB8 = 8,
	LWS_JOSE_ENCTYPE_AES_CTR = 9,
	LWS_JOSE_ENCTYPE_AES_ECB = 10,
	LWS_JOSE_ENCTYPE_AES_OFB = 11,
	LWS_JOSE_ENCTYPE_AES_XTS = 12,
	LWS_JOSE_ENCTYPE_AES_GCM = 13
};

/** The members of a JOSE header. */
enum lws_jws_jose_hdr_indexes {
	LJJHI_ALG = 0,
	LJJHI_JKU = 1,
	LJJHI_JWK = 2,
	LJJHI_KID = 3,
	LJJHI_X5U = 4,
	LJJHI_X5C = 5,
	LJJHI_X5T = 6,
	LJJHI_X5T_S256 = 7,
	LJJHI_TYP = 8,
	LJJHI_CTY = 9,
	LJJHI_CRIT = 10,
	LJJHI_RECIPS_HDR = 11,
	LJJHI_RECIPS_HDR_ALG = 12,
	LJJHI_RECIPS_HDR_KID = 13,
	LJJHI_RECIPS_EKEY = 14,
	LJJHI_ENC = 15,
	LJJHI_ZIP = 16,
	LJJHI_EPK = 17,
	LJJHI_APU = 18,
	LJJHI_APV = 19,
	LJJHI_IV = 20,
	LJJHI_TAG = 21,
	LJJHI_P2S = 22,
	LJJHI_P2C = 23,
	LWS_COUNT_JOSE_HDR_ELEMENTS = 24
};

struct lws_jose_jwe_alg;

/** A known algorithm. */
struct lws_jose_jwe_alg {
	enum lws_genhash_types hash_type;
	enum lws_genhmac_types hmac_type;
	enum lws_jose_algtype algtype_signing;
	enum lws_jose_algtype algtype_crypto;
	const char *alg;
	const char *curve_name;
	unsigned short keybits_min;
	unsigned short keybits_fixed;
	unsigned short ivbits;
};

/** A recipient of a JWE. */
struct lws_jws_recpient {
	struct lws_gencrypto_keyelem unprot[24];
	struct lws_jwk jwk_ephemeral;
	struct lws_jwk jwk;
};

/** A parsed JOSE header. */
struct lws_jose {
	struct lws_gencrypto_keyelem e[24];
	struct lws_jws_recpient recipient[3];
	char typ[32];
	const struct lws_jose_jwe_alg *alg;
	const struct lws_jose_jwe_alg *enc_alg;
	int recipients;
};

#endif
