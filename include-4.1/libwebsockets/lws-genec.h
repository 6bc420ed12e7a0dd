/*
 * lws-genec.h: elliptic curves (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_GENEC_H
#define OXLWS_LWS_GENEC_H

/** What an elliptic curve is used for. */
enum enum_genec_alg {
	LEGENEC_UNKNOWN = 0,
	LEGENEC_ECDH = 1,
	LEGENEC_ECDSA = 2
};

/** Whose key it is. */
enum enum_lws_dh_side {
	LDHS_OURS = 0,
	LDHS_THEIRS = 1
};

struct lws_context;
struct lws_ec_curves;

/** A known curve. */
struct lws_ec_curves {
	const char *name;
	int tls_lib_nid;
	uint16_t key_bytes;
};

/** An elliptic curve operation. */
struct lws_genec_ctx {
	EVP_PKEY_CTX *ctx[2];
	struct lws_context *context;
	const struct lws_ec_curves *curve_table;
	enum enum_genec_alg genec_alg;
	char has_private;
};

#endif
