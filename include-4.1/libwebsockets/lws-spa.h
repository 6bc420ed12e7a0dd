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

struct lws_spa *lws_spa_create(struct lws *wsi, const char *const *param_names, int count_params,
		int max_storage, lws_spa_fileupload_cb opt_cb, void *opt_data);

struct lws_spa *lws_spa_create_via_info(struct lws *wsi, const lws_spa_create_info_t *info);

int lws_spa_destroy(struct lws_spa *spa);

int lws_spa_finalize(struct lws_spa *spa);

int lws_spa_get_length(struct lws_spa *spa, int n);

const char *lws_spa_get_string(struct lws_spa *spa, int n);

int lws_spa_process(struct lws_spa *spa, const char *in, int len);

#endif
