/*
 * lws-x509.h: facts about certificates.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_X509_H
#define OXLWS_LWS_X509_H

/* generated:enums */

/** What to ask about a certificate. */
enum lws_tls_cert_info {
	LWS_TLS_CERT_INFO_VALIDITY_FROM = 0,
	LWS_TLS_CERT_INFO_VALIDITY_TO = 1,
	LWS_TLS_CERT_INFO_COMMON_NAME = 2,
	LWS_TLS_CERT_INFO_ISSUER_NAME = 3,
	LWS_TLS_CERT_INFO_USAGE = 4,
	LWS_TLS_CERT_INFO_VERIFIED = 5,
	LWS_TLS_CERT_INFO_OPAQUE_PUBLIC_KEY = 6,
	LWS_TLS_CERT_INFO_DER_RAW = 7,
	LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID = 8,
	LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_ISSUER = 9,
	LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_SERIAL = 10,
	LWS_TLS_CERT_INFO_SUBJECT_KEY_ID = 11
};

/* end of generated:enums */

/* generated:types */

/** A name or blob out of a certificate; `name` may continue beyond its declared size, up to `len` bytes. */
struct lws_tls_cert_info_results_ns {
	int len;
	char name[64];
};

/** A result of the certificate queries; which member is valid depends on the query. */
union lws_tls_cert_info_results {
	unsigned int verified;
	time_t time;
	unsigned int usage;
	struct lws_tls_cert_info_results_ns ns;
};

/* end of generated:types */

/* generated:functions */

/**
 * Reads certificate and key anew for every vhost that was made with these two paths.
 *
 * `mem_cert`, `mem_privkey`: their contents, used where the files cannot be read any more (privileges were dropped); may
 * be NULL. Connections that exist keep the old certificate. Returns 0; a vhost whose new files cannot be used keeps what
 * it has, and the log says so.
 */
int lws_tls_cert_updated(struct lws_context *context, const char *certpath, const char *keypath,
		const char *mem_cert, size_t len_mem_cert, const char *mem_privkey,
		size_t len_mem_privkey);

/**
 * Answers a question about the certificate that the peer of a TLS connection showed; see `lws_x509_info`.
 *
 * VERIFIED: whether its chain and dates are good, also when the connection was allowed without that. Returns 0; 1 if
 * there is no such extension; -1 without TLS, without a certificate (clients show one only when asked), or when the
 * room is too small.
 */
int lws_tls_peer_cert_info(struct lws *wsi, enum lws_tls_cert_info type,
		union lws_tls_cert_info_results *buf, size_t len);

/**
 * Answers a question about the certificate that a vhost shows as a server; see `lws_x509_info`.
 *
 * Returns 0; 1 if there is no such extension; -1 when the vhost serves without TLS or the room is too small.
 */
int lws_tls_vhost_cert_info(struct lws_vhost *vhost, enum lws_tls_cert_info type,
		union lws_tls_cert_info_results *buf, size_t len);

/** Makes an empty certificate object. Returns 0, or 1 for a NULL argument. */
int lws_x509_create(struct lws_x509_cert **x509);

/** Frees a certificate object and sets the variable to NULL. NULL is allowed in both places. */
void lws_x509_destroy(struct lws_x509_cert **x509);

/**
 * Answers a question about the certificate; texts and blobs go to `buf->ns`, `len` bytes at `ns.name` (0: 64).
 *
 * Returns 0; 1 if the certificate has no such extension; -1 if there is no certificate, the question does not apply or
 * the room is too small (then `ns.len` is the size needed). An issuer's name that is too long is cut.
 */
int lws_x509_info(struct lws_x509_cert *x509, enum lws_tls_cert_info type,
		union lws_tls_cert_info_results *buf, size_t len);

/**
 * Takes the first certificate of a PEM text of `len` bytes; a final NUL may be counted or not.
 *
 * Returns 0, or -1 if there is none or it cannot be read; the object then keeps what it had.
 */
int lws_x509_parse_from_pem(struct lws_x509_cert *x509, const void *pem, size_t len);

/**
 * Whether `trusted` is named as the issuer of `x509`, by names and key ids; signatures are not looked at.
 *
 * `common_name`: NULL, or what the subject's CN must be, exactly. Returns 0, or -1: the log says why. This is no proof of
 * anything: TLS connections verify for themselves.
 */
int lws_x509_verify(struct lws_x509_cert *x509, struct lws_x509_cert *trusted,
		const char *common_name);

/* end of generated:functions */

#endif
