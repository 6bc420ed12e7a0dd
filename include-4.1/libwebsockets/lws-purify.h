/*
 * lws-purify.h: escaping for SQL, JSON and file names; files and keys of the platform.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_PURIFY_H
#define OXLWS_LWS_PURIFY_H

/** Replaces what is dangerous in a file name by `_`: both dots of `..`, and `:`, `\`, `$`, `%`. `/` stays. */
void lws_filename_purify_inplace(char *filename);

/**
 * Copies `string` to `escaped` so that it can stand inside the quotes of a JSON string.
 *
 * `len`: size of `escaped`; what does not fit is left out, and up to seven bytes stay unused. `in_used`: set to how much
 * of `string` was copied; may be NULL. UTF-8 stays as it is; bytes that are no UTF-8 become `\u00XX`. Returns `escaped`.
 */
const char *lws_json_purify(char *escaped, const char *string, int len, int *in_used);

/** Room for the JSON form of `string` without its NUL: never less than `lws_json_purify` writes. 0 for NULL. */
int lws_json_purify_len(const char *string);

/**
 * Reads the start of the file `filename`, up to `len` bytes, into `buf`, without a NUL.
 *
 * Returns how many bytes, or -1 if it cannot be read.
 */
int lws_plat_read_file(const char *filename, void *buf, int len);

/** Size of RSA keys, in bits, that suits this platform. */
int lws_plat_recommended_rsa_bits(void);

/**
 * Writes `len` bytes to the open file `fd`, waits until they are on the disk, and goes back to the start of the file.
 *
 * `vhost` and `is_key` are not used. Returns 0, or 1 if that fails.
 */
int lws_plat_write_cert(struct lws_vhost *vhost, int is_key, int fd, void *buf, int len);

/**
 * Writes `len` bytes to the file `filename`, which only its owner may then read (mode 0600). What was in it is lost.
 *
 * Returns 0, or 1 if it cannot be written.
 */
int lws_plat_write_file(const char *filename, void *buf, int len);

/**
 * Copies `string` to `escaped` with every `'` doubled, for use inside the quotes of an SQL text.
 *
 * `len`: size of `escaped`. What does not fit is left out, and two bytes stay unused. Returns `escaped`.
 */
const char *lws_sql_purify(char *escaped, const char *string, int len);

#endif
