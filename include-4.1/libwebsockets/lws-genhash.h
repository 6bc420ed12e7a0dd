/*
 * lws-genhash.h: hashes and HMAC (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_GENHASH_H
#define OXLWS_LWS_GENHASH_H

#define LWS_GENHASH_LARGEST 64

/** Kinds of hashes. */
enum lws_genhash_types {
	LWS_GENHASH_TYPE_UNKNOWN = 0,
	LWS_GENHASH_TYPE_MD5 = 1,
	LWS_GENHASH_TYPE_SHA1 = 2,
	LWS_GENHASH_TYPE_SHA256 = 3,
	LWS_GENHASH_TYPE_SHA384 = 4,
	LWS_GENHASH_TYPE_SHA512 = 5
};

/** Kinds of HMAC. */
enum lws_genhmac_types {
	LWS_GENHMAC_TYPE_UNKNOWN = 0,
	LWS_GENHMAC_TYPE_SHA256 = 1,
	LWS_GENHMAC_TYPE_SHA384 = 2,
	LWS_GENHMAC_TYPE_SHA512 = 3
};

/** A hash being computed. */
struct lws_genhash_ctx {
	uint8_t type;
	const EVP_MD *evp_type;
	EVP_MD_CTX *mdctx;
};

/** An HMAC being computed. */
struct lws_genhmac_ctx {
	uint8_t type;
	const EVP_MD *evp_type;
	EVP_MD_CTX *ctx;
	EVP_PKEY *key;
};

#endif
