/*
 * lws-jwk.h: JSON web keys (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_JWK_H
#define OXLWS_LWS_JWK_H

#define LWSJWKF_EXPORT_PRIVATE 1
#define LWSJWKF_EXPORT_NOCRLF 2

/** Indexes into the metadata of a JSON web key. */
enum enum_jwk_meta_tok {
	JWK_META_KTY = 0,
	JWK_META_KID = 1,
	JWK_META_USE = 2,
	JWK_META_KEY_OPS = 3,
	JWK_META_X5C = 4,
	JWK_META_ALG = 5,
	LWS_COUNT_JWK_ELEMENTS = 6
};

struct lws_jwk;

/** Called for each key of a set. */
typedef int (*lws_jwk_key_import_callback)(struct lws_jwk *, void *);

/** A JSON web key. */
struct lws_jwk {
	struct lws_gencrypto_keyelem e[8];
	struct lws_gencrypto_keyelem meta[6];
	int kty;
	char private_key;
};

/** A key being parsed. */
struct lws_jwk_parse_state {
	struct lws_jwk *jwk;
	char b64[1366];
	lws_jwk_key_import_callback per_key_cb;
	void *user;
	int pos;
	unsigned short possible;
};

#endif
