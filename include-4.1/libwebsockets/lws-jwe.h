/*
 * lws-jwe.h: JSON web encryption (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_JWE_H
#define OXLWS_LWS_JWE_H

#define LWS_JWE_RFC3394_OVERHEAD_BYTES 8
#define LWS_JWE_AES_IV_BYTES 16
#define LWS_JWE_LIMIT_HASH_BITS 512
#define LWS_JWE_LIMIT_KEY_ELEMENT_BYTES 512
#define LWS_JWE_LIMIT_EC_KEY_BITS 528
#define LWS_JWE_LIMIT_AES_KEY_BITS 576
#define LWS_JWE_LIMIT_RSA_KEY_BITS 4096

/** A JWE being made or read. */
struct lws_jwe {
	struct lws_jose jose;
	struct lws_jws jws;
	struct lws_jwk jwk;
	uint8_t cek[512];
	unsigned int cek_valid:1;
	int recip;
};

#endif
