/*
 * lws-spa.h: form data.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SPA_H
#define OXLWS_LWS_SPA_H

/** Which part of an uploaded file the form parser delivers. */
enum lws_spa_fileupload_states {
	/** A piece of the file. */
	LWS_UFS_CONTENT = 0,
	/** Its last piece. */
	LWS_UFS_FINAL_CONTENT = 1,
	/** A file begins. */
	LWS_UFS_OPEN = 2,
	/** The form parser is gone. */
	LWS_UFS_CLOSE = 3
};

/** Called with each piece of an uploaded file. */
typedef int (*lws_spa_fileupload_cb)(void *data, const char *name, const char *filename, char *buf,
		int len, enum lws_spa_fileupload_states state);

/** How to create a form parser: argument of `lws_spa_create_via_info`. */
struct lws_spa_create_info {
	/** Names of the wanted fields. */
	const char *const *param_names;
	/** How many names there are. */
	int count_params;
	/** Bytes for all values together; 0: 512. */
	int max_storage;
	/** Takes uploaded files; NULL: they are dropped. */
	lws_spa_fileupload_cb opt_cb;
	/** Given to opt_cb. */
	void *opt_data;
	/** Distance of the names in bytes, 0: an array of pointers. */
	size_t param_names_stride;
	/** Allocate from these chunks; NULL: from the heap. */
	struct lwsac **ac;
	/** Size of new chunks; 0: the default. */
	size_t ac_chunk_size;
};

typedef struct lws_spa_create_info lws_spa_create_info_t;

/**
 * Makes a form parser for the body of the request of `wsi`: multipart if its Content-Type says so, else urlencoded.
 *
 * `param_names`: the fields that are wanted. `max_storage`: bytes for all values together, 0: 512. `opt_cb`: takes
 * uploads, NULL: they are dropped. Returns NULL when it cannot be made; the log says why.
 */
struct lws_spa *lws_spa_create(struct lws *wsi, const char *const *param_names, int count_params,
		int max_storage, lws_spa_fileupload_cb opt_cb, void *opt_data);

/**
 * `lws_spa_create()` with the arguments in a struct; names may be members of other structs (`param_names_stride`), and
 * values may go to an arena (`ac`), where they outlive the parser.
 */
struct lws_spa *lws_spa_create_via_info(struct lws *wsi, const lws_spa_create_info_t *info);

/** Ends a form parser; to be called in LWS_CALLBACK_HTTP_DROP_PROTOCOL. NULL is allowed. Returns 0. */
int lws_spa_destroy(struct lws_spa *spa);

/**
 * The body is complete: to be called in LWS_CALLBACK_HTTP_BODY_COMPLETION, before values are asked for. Returns 0, or
 * -1: the end of the body is missing.
 */
int lws_spa_finalize(struct lws_spa *spa);

/** Length of the value of parameter `n`; 0 when it is missing or empty. */
int lws_spa_get_length(struct lws_spa *spa, int n);

/** The value of parameter `n`, decoded; NULL when it is missing or empty. */
const char *lws_spa_get_string(struct lws_spa *spa, int n);

/**
 * Takes the next `len` bytes of the body, as they come in LWS_CALLBACK_HTTP_BODY.
 *
 * Returns 0; nonzero: no such form, more than `max_storage`, or refused by the upload callback: close. After
 * `lws_spa_finalize()` nothing is taken and 0 is returned.
 */
int lws_spa_process(struct lws_spa *spa, const char *in, int len);

#endif
