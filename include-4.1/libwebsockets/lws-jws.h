/*
 * lws-jws.h: JSON web signatures (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_JWS_H
#define OXLWS_LWS_JWS_H

#define LWS_JWS_MAX_SIGS 3

/** Indexes into the parts of a JWS or JWE. */
enum enum_jws_sig_elements {
	LJWS_JOSE = 0,
	LJWS_PYLD = 1,
	LJWS_SIG = 2,
	LJWS_UHDR = 3,
	LJWE_JOSE = 0,
	LJWE_EKEY = 1,
	LJWE_IV = 2,
	LJWE_CTXT = 3,
	LJWE_ATAG = 4,
	LJWE_AAD = 5,
	LWS_JWS_MAX_COMPACT_BLOCKS = 6
};

struct lws_context;
struct lws_jwk;

/** The parts of a JWS in memory. */
struct lws_jws_map {
	const char *buf[6];
	uint32_t len[6];
};

/** A JWS being made or read. */
struct lws_jws {
	struct lws_jwk *jwk;
	struct lws_context *context;
	struct lws_jws_map map;
	struct lws_jws_map map_b64;
};

/** How to make a signed token. */
struct lws_jwt_sign_info {
	const char *alg;
	const char *jose_hdr;
	size_t jose_hdr_len;
	char *out;
	size_t *out_len;
	char *temp;
	int tl;
};

/** How to make a signed token in a cookie. */
struct lws_jwt_sign_set_cookie {
	struct lws_jwk *jwk;
	const char *alg;
	const char *iss;
	const char *aud;
	const char *cookie_name;
	char sub[33];
	const char *extra_json;
	size_t extra_json_len;
	const char *csrf_in;
	unsigned long expiry_unix_time;
};

#endif
