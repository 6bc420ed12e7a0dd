/*
 * lws-cose.h: COSE keys and signatures (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_COSE_H
#define OXLWS_LWS_COSE_H

#define LCSC_FL_ADD_CBOR_TAG 1
#define LCSC_FL_ADD_CBOR_PREFER_MAC0 2

/** What the callback for external payload returns. */
enum {
	LCOSESIGEXTCB_RET_FINISHED = 0,
	LCOSESIGEXTCB_RET_AGAIN = 1,
	LCOSESIGEXTCB_RET_ERROR = -1
};

/** Registered numbers of COSE. */
enum {
	LWSCOSE_WKL_ALG = 1,
	LWSCOSE_WKL_CRIT = 2,
	LWSCOSE_WKL_CONTENT_TYPE = 3,
	LWSCOSE_WKL_KID = 4,
	LWSCOSE_WKL_IV = 5,
	LWSCOSE_WKL_IV_PARTIAL = 6,
	LWSCOSE_WKL_COUNTERSIG = 7,
	LWSCOSE_WKL_COUNTERSIG0 = 9,
	LWSCOSE_WKL_KID_CONTEXT = 10,
	LWSCOSE_WKL_CUPH_NONCE = 256,
	LWSCOSE_WKL_CUPH_OWNER_PUBKEY = 257,
	LWSCOSE_WKK_KTY = 1,
	LWSCOSE_WKK_KID = 2,
	LWSCOSE_WKK_ALG = 3,
	LWSCOSE_WKK_KEY_OPS = 4,
	LWSCOSE_WKK_BASE_IV = 5,
	LWSCOSE_WKKO_SIGN = 1,
	LWSCOSE_WKKO_VERIFY = 2,
	LWSCOSE_WKKO_ENCRYPT = 3,
	LWSCOSE_WKKO_DECRYPT = 4,
	LWSCOSE_WKKO_WRAP_KEY = 5,
	LWSCOSE_WKKO_UNWRAP_KEY = 6,
	LWSCOSE_WKKO_DERIVE_KEY = 7,
	LWSCOSE_WKKO_DERIVE_BITS = 8,
	LWSCOSE_WKKO_MAC_CREATE = 9,
	LWSCOSE_WKKO_MAC_VERIFY = 10,
	LWSCOSE_WKAECDSA_ALG_ES256 = -7,
	LWSCOSE_WKAECDSA_ALG_ES384 = -35,
	LWSCOSE_WKAECDSA_ALG_ES512 = -36,
	LWSCOSE_WKAEDDSA_ALG_EDDSA = -8,
	LWSCOSE_WKAHMAC_256_64 = 4,
	LWSCOSE_WKAHMAC_256_256 = 5,
	LWSCOSE_WKAHMAC_384_384 = 6,
	LWSCOSE_WKAHMAC_512_512 = 7,
	LWSCOSE_WKAAES_128_64 = 14,
	LWSCOSE_WKAAES_256_64 = 15,
	LWSCOSE_WKAAES_128_128 = 25,
	LWSCOSE_WKAAES_256_128 = 26,
	LWSCOSE_WKAAESGCM_128 = 1,
	LWSCOSE_WKAAESGCM_192 = 2,
	LWSCOSE_WKAAESGCM_256 = 3,
	LWSCOSE_WKAAESCCM_16_64_128 = 10,
	LWSCOSE_WKAAESCCM_16_64_256 = 11,
	LWSCOSE_WKAAESCCM_64_64_128 = 12,
	LWSCOSE_WKAAESCCM_64_64_256 = 13,
	LWSCOSE_WKAAESCCM_16_128_128 = 14,
	LWSCOSE_WKAAESCCM_16_128_256 = 15,
	LWSCOSE_WKAAESCCM_64_128_128 = 16,
	LWSCOSE_WKAAESCCM_64_128_256 = 17,
	LWSCOSE_WKACHACHA_POLY1305 = 24,
	LWSCOSE_WKAPHKDF_SALT = -20,
	LWSCOSE_WKAPCTX_PARTY_U_IDENTITY = -21,
	LWSCOSE_WKAPCTX_PARTY_U_NONCE = -22,
	LWSCOSE_WKAPCTX_PARTY_U_OTHER = -23,
	LWSCOSE_WKAPCTX_PARTY_V_IDENTITY = -24,
	LWSCOSE_WKAPCTX_PARTY_V_NONCE = -25,
	LWSCOSE_WKAPCTX_PARTY_V_OTHER = -26,
	LWSCOSE_WKK_DIRECT_CEK = -6,
	LWSCOSE_WKK_DIRECT_HKDF_SHA_256 = -10,
	LWSCOSE_WKK_DIRECT_HKDF_SHA_512 = -11,
	LWSCOSE_WKK_DIRECT_HKDF_AES_128 = -12,
	LWSCOSE_WKK_DIRECT_HKDF_AES_256 = -13,
	LWSCOSE_WKK_DIRECT_HKDFKW_SHA_256 = -3,
	LWSCOSE_WKK_DIRECT_HKDFKW_SHA_512 = -4,
	LWSCOSE_WKK_DIRECT_HKDFKW_AES_128 = -5,
	LWSCOSE_WKAECDH_ALG_ES_HKDF_256 = -25,
	LWSCOSE_WKAECDH_ALG_ES_HKDF_512 = -26,
	LWSCOSE_WKAECDH_ALG_SS_HKDF_256 = -27,
	LWSCOSE_WKAECDH_ALG_SS_HKDF_512 = -28,
	LWSCOSE_WKAPECDH_EPHEMERAL_KEY = -1,
	LWSCOSE_WKAPECDH_STATIC_KEY = -2,
	LWSCOSE_WKAPECDH_STATIC_KEY_ID = -3,
	LWSCOSE_WKAPECDH_ES_A128KW = -29,
	LWSCOSE_WKAPECDH_ES_A192KW = -30,
	LWSCOSE_WKAPECDH_ES_A256KW = -31,
	LWSCOSE_WKAPECDH_SS_A128KW = -32,
	LWSCOSE_WKAPECDH_SS_A192KW = -33,
	LWSCOSE_WKAPECDH_SS_A256KW = -34,
	LWSCOSE_WKKTV_OKP = 1,
	LWSCOSE_WKKTV_EC2 = 2,
	LWSCOSE_WKKTV_RSA = 3,
	LWSCOSE_WKKTV_SYMMETRIC = 4,
	LWSCOSE_WKKTV_HSS_LMS = 5,
	LWSCOSE_WKKTV_WALNUTDSA = 6,
	LWSCOSE_WKEC_P256 = 1,
	LWSCOSE_WKEC_P384 = 2,
	LWSCOSE_WKEC_P521 = 3,
	LWSCOSE_WKEC_X25519 = 4,
	LWSCOSE_WKEC_X448 = 5,
	LWSCOSE_WKEC_ED25519 = 6,
	LWSCOSE_WKEC_ED448 = 7,
	LWSCOSE_WKEC_SECP256K1 = 8,
	LWSCOSE_WKECKP_CRV = -1,
	LWSCOSE_WKECKP_X = -2,
	LWSCOSE_WKECKP_Y = -3,
	LWSCOSE_WKECKP_D = -4,
	LWSCOSE_WKOKP_CRV = -1,
	LWSCOSE_WKOKP_X = -2,
	LWSCOSE_WKOKP_D = -4,
	LWSCOSE_WKKPRSA_N = -1,
	LWSCOSE_WKKPRSA_E = -2,
	LWSCOSE_WKKPRSA_D = -3,
	LWSCOSE_WKKPRSA_P = -4,
	LWSCOSE_WKKPRSA_Q = -5,
	LWSCOSE_WKKPRSA_DP = -6,
	LWSCOSE_WKKPRSA_DQ = -7,
	LWSCOSE_WKKPRSA_QINV = -8,
	LWSCOSE_WKKPRSA_OTHER = -9,
	LWSCOSE_WKKPRSA_RI = -10,
	LWSCOSE_WKKPRSA_DI = -11,
	LWSCOSE_WKKPRSA_TI = -12,
	LWSCOSE_WKSYMKP_KEY_VALUE = 4,
	LWSCOAP_CONTENTFORMAT_COSE_SIGN = 98,
	LWSCOAP_CONTENTFORMAT_COSE_SIGN1 = 18,
	LWSCOAP_CONTENTFORMAT_COSE_ENCRYPT = 96,
	LWSCOAP_CONTENTFORMAT_COSE_ENCRYPT0 = 16,
	LWSCOAP_CONTENTFORMAT_COSE_MAC = 97,
	LWSCOAP_CONTENTFORMAT_COSE_MAC0 = 17,
	LWSCOAP_CONTENTFORMAT_COSE_KEY = 101,
	LWSCOAP_CONTENTFORMAT_COSE_KEY_SET = 102,
	LWSCOSE_WKL_COUNTERSIGNATURE0 = 9,
	LWSCOSE_WKARSA_ALG_RS256 = -257,
	LWSCOSE_WKARSA_ALG_RS384 = -258,
	LWSCOSE_WKARSA_ALG_RS512 = -259
};

/** Indexes into the metadata of a COSE key. */
enum enum_cose_key_meta_tok {
	COSEKEY_META_KTY = 0,
	COSEKEY_META_KID = 1,
	COSEKEY_META_KEY_OPS = 2,
	COSEKEY_META_BASE_IV = 3,
	COSEKEY_META_ALG = 4,
	LWS_COUNT_COSE_KEY_ELEMENTS = 5
};

/** Kinds of COSE signatures. */
enum lws_cose_sig_types {
	SIGTYPE_UNKNOWN = 0,
	SIGTYPE_MULTI = 1,
	SIGTYPE_SINGLE = 2,
	SIGTYPE_COUNTERSIGNED = 3,
	SIGTYPE_MAC = 4,
	SIGTYPE_MAC0 = 5
};

struct lws_context;
struct lws_cose_key;
struct lws_cose_sign_create_info;
struct lws_cose_validate_context;
struct lws_cose_validate_create_info;

/** A registered number of COSE. */
typedef int64_t cose_param_t;

/** Called for each key of a set. */
typedef int (*lws_cose_key_import_callback)(struct lws_cose_key *, void *);

typedef struct lws_cose_key lws_cose_key_t;

typedef struct lws_cose_sign_create_info lws_cose_sign_create_info_t;

typedef struct lws_cose_validate_create_info lws_cose_validate_create_info_t;

/** Called with payload. */
typedef int (*lws_cose_validate_pay_cb_t)(struct lws_cose_validate_context *, void *, const uint8_t *, size_t);

/** A COSE key. */
struct lws_cose_key {
	struct lws_gencrypto_keyelem e[12];
	struct lws_gencrypto_keyelem meta[5];
	lws_dll2_t list;
	int gencrypto_kty;
	cose_param_t kty;
	cose_param_t cose_alg;
	cose_param_t cose_curve;
	char private_key;
};

/** A piece of external payload of a signature. */
typedef struct lws_cose_sig_ext_pay_t {
	struct lws_cose_validate_context *cps;
	const uint8_t *ext;
	size_t xl;
} lws_cose_sig_ext_pay_t;

/** Called for external payload. */
typedef int (*lws_cose_sign_ext_pay_cb_t)(lws_cose_sig_ext_pay_t *);

/** How to create a signature. */
struct lws_cose_sign_create_info {
	struct lws_context *cx;
	lws_dll2_owner_t *keyset;
	lws_lec_pctx_t *lec;
	lws_cose_sign_ext_pay_cb_t ext_cb;
	void *ext_opaque;
	size_t ext_len;
	size_t inline_payload_len;
	int flags;
	enum lws_cose_sig_types sigtype;
};

/** How to validate signatures. */
struct lws_cose_validate_create_info {
	struct lws_context *cx;
	lws_dll2_owner_t *keyset;
	enum lws_cose_sig_types sigtype;
	lws_cose_validate_pay_cb_t pay_cb;
	void *pay_opaque;
	lws_cose_sign_ext_pay_cb_t ext_cb;
	void *ext_opaque;
	size_t ext_len;
};

/** The result of validating one signature. */
typedef struct lws_cose_validate_res_t {
	lws_dll2_t list;
	const lws_cose_key_t *cose_key;
	cose_param_t cose_alg;
	int result;
} lws_cose_validate_res_t;

#endif
