/*
 * lws-genaes.h: AES (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_GENAES_H
#define OXLWS_LWS_GENAES_H

#define LWS_AES_CBC_BLOCKLEN 16
#define LWS_AES_BLOCKSIZE 128

/** Modes of AES. */
enum enum_aes_modes {
	LWS_GAESM_CBC = 0,
	LWS_GAESM_CFB128 = 1,
	LWS_GAESM_CFB8 = 2,
	LWS_GAESM_CTR = 3,
	LWS_GAESM_ECB = 4,
	LWS_GAESM_OFB = 5,
	LWS_GAESM_XTS = 6,
	LWS_GAESM_GCM = 7,
	LWS_GAESM_KW = 8
};

/** Encrypt or decrypt. */
enum enum_aes_operation {
	LWS_GAESO_ENC = 0,
	LWS_GAESO_DEC = 1
};

/** Padding of AES. */
enum enum_aes_padding {
	LWS_GAESP_NO_PADDING = 0,
	LWS_GAESP_WITH_PADDING = 1
};

struct lws_gencrypto_keyelem;

/** An AES operation. */
struct lws_genaes_ctx {
	EVP_CIPHER_CTX *ctx;
	const EVP_CIPHER *cipher;
	ENGINE *engine;
	char init;
	unsigned char tag[16];
	struct lws_gencrypto_keyelem *k;
	enum enum_aes_operation op;
	enum enum_aes_modes mode;
	enum enum_aes_padding padding;
	int taglen;
	char underway;
};

#endif
