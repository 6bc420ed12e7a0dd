/*
 * lws-fts.h: full text search (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_FTS_H
#define OXLWS_LWS_FTS_H

#define LWSFTS_F_QUERY_AUTOCOMPLETE 1
#define LWSFTS_F_QUERY_FILES 2
#define LWSFTS_F_QUERY_FILE_LINES 4
#define LWSFTS_F_QUERY_QUOTE_LINE 8

struct lws_fts_result_autocomplete;
struct lws_fts_result_filepath;
struct lwsac;

/** The result of a search. */
struct lws_fts_result {
	struct lws_fts_result_filepath *filepath_head;
	struct lws_fts_result_autocomplete *autocomplete_head;
	int duration_ms;
	int effective_flags;
};

/** A completion of the search term. */
struct lws_fts_result_autocomplete {
	struct lws_fts_result_autocomplete *next;
	int instances;
	int agg_instances;
	int ac_length;
	char elided;
	char has_children;
};

/** A file with matches. */
struct lws_fts_result_filepath {
	struct lws_fts_result_filepath *next;
	int matches;
	int matches_length;
	int lines_in_file;
	int filepath_length;
};

/** What to search. */
struct lws_fts_search_params {
	const char *needle;
	const char *only_filepath;
	struct lwsac *results_head;
	int flags;
	int max_autocomplete;
	int max_files;
	int max_lines;
};

#endif
