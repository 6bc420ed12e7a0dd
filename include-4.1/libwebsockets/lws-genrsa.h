/*
 * lws-genrsa.h: RSA (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_GENRSA_H
#define OXLWS_LWS_GENRSA_H

/** Padding of RSA. */
enum enum_genrsa_mode {
	LGRSAM_PKCS1_1_5 = 0,
	LGRSAM_PKCS1_OAEP_PSS = 1,
	LGRSAM_COUNT = 2
};

struct lws_context;

/** An RSA operation. */
struct lws_genrsa_ctx {
	BIGNUM *bn[8];
	EVP_PKEY_CTX *ctx;
	RSA *rsa;
	struct lws_context *context;
	enum enum_genrsa_mode mode;
};

#endif
