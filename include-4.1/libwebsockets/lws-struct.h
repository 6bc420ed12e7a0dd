/*
 * lws-struct.h: structs from and to JSON (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_STRUCT_H
#define OXLWS_LWS_STRUCT_H

/** Bits of `flags` of a serialisation. */
enum {
	LSSERJ_FLAG_PRETTY = 1,
	LSSERJ_FLAG_OMIT_SCHEMA = 2
};

/** What serialisation returns. */
typedef enum {
	LSJS_RESULT_CONTINUE = 0,
	LSJS_RESULT_FINISH = 1,
	LSJS_RESULT_ERROR = 2
} lws_struct_json_serialize_result_t;

/** Kinds of members. */
typedef enum {
	LSMT_SIGNED = 0,
	LSMT_UNSIGNED = 1,
	LSMT_BOOLEAN = 2,
	LSMT_STRING_CHAR_ARRAY = 3,
	LSMT_STRING_PTR = 4,
	LSMT_LIST = 5,
	LSMT_CHILD_PTR = 6,
	LSMT_SCHEMA = 7,
	LSMT_BLOB_PTR = 8
} lws_struct_map_type_eum;

struct lejp_collation;
struct lws_dll2;
struct lws_struct_args;
struct lws_struct_map;
struct lws_struct_serialize;
struct lws_struct_serialize_st;
struct lwsac;
struct sqlite3;

typedef struct lejp_collation lejp_collation_t;

/** Called for each object. */
typedef int (*lws_struct_args_cb)(void *, void *);

typedef struct lws_struct_args lws_struct_args_t;

typedef struct lws_struct_map lws_struct_map_t;

typedef struct lws_struct_serialize_st lws_struct_serialize_st_t;

typedef struct lws_struct_serialize lws_struct_serialize_t;

typedef struct sqlite3 sqlite3;

/** A piece of a long string being put together. */
struct lejp_collation {
	struct lws_dll2 chunks;
	int len;
	char buf[255];
};

/** A JSON parse into structs. */
struct lws_struct_args {
	const lws_struct_map_t *map_st[5];
	lws_struct_args_cb cb;
	struct lwsac *ac;
	void *cb_arg;
	void *dest;
	size_t dest_len;
	size_t toplevel_dll2_ofs;
	size_t map_entries_st[5];
	size_t ac_block_size;
	int subtype;
	int top_schema_index;
	struct lwsac *ac_chunks;
	struct lws_dll2_owner chunks_owner;
	size_t chunks_length;
};

/** Which member of a C type belongs to which JSON member. */
struct lws_struct_map {
	const char *colname;
	const struct lws_struct_map *child_map;
	lejp_callback lejp_cb;
	size_t ofs;
	size_t aux;
	size_t ofs_clist;
	size_t child_map_size;
	lws_struct_map_type_eum type;
};

/** One level of that. */
struct lws_struct_serialize_st {
	const struct lws_dll2 *dllpos;
	const lws_struct_map_t *map;
	const char *obj;
	size_t map_entries;
	size_t map_entry;
	size_t size;
	char subsequent;
	char idt;
};

/** A struct being written as JSON. */
struct lws_struct_serialize {
	lws_struct_serialize_st_t st[5];
	size_t offset;
	size_t remaining;
	int sp;
	int flags;
};

/* Entries of a map: which member of a C type belongs to which JSON member `qname`. */
#define LSM_ENTRY__(type, name, qname, kind) \
	{ qname, NULL, NULL, offsetof(type, name), sizeof(((type *)0)->name), 0, 0, kind }

#define LSM_SIGNED(type, name, qname) LSM_ENTRY__(type, name, qname, LSMT_SIGNED)
#define LSM_UNSIGNED(type, name, qname) LSM_ENTRY__(type, name, qname, LSMT_UNSIGNED)
#define LSM_BOOLEAN(type, name, qname) LSM_ENTRY__(type, name, qname, LSMT_BOOLEAN)
#define LSM_CARRAY(type, name, qname) LSM_ENTRY__(type, name, qname, LSMT_STRING_CHAR_ARRAY)
#define LSM_STRING_PTR(type, name, qname) LSM_ENTRY__(type, name, qname, LSMT_STRING_PTR)
#define LSM_BLOB_PTR(type, blobptr_name, qname) \
	{ qname, NULL, NULL, offsetof(type, blobptr_name), sizeof(((type *)0)->blobptr_name), 0, 0, LSMT_BLOB_PTR }

/* A list of children, or one child by pointer. */
#define LSM_LIST(ptype, pname, ctype, cname, lejp_cb, cmap, qname) \
	{ qname, cmap, lejp_cb, offsetof(ptype, pname), sizeof(ctype), offsetof(ctype, cname), \
	  LWS_ARRAY_SIZE(cmap), LSMT_LIST }
#define LSM_CHILD_PTR(ptype, pname, ctype, lejp_cb, cmap, qname) \
	{ qname, cmap, lejp_cb, offsetof(ptype, pname), sizeof(ctype), 0, LWS_ARRAY_SIZE(cmap), LSMT_CHILD_PTR }

/* The top of a map. */
#define LSM_SCHEMA(ctype, lejp_cb, map, schema_name) \
	{ schema_name, map, lejp_cb, 0, sizeof(ctype), 0, LWS_ARRAY_SIZE(map), LSMT_SCHEMA }
#define LSM_SCHEMA_DLL2(ctype, cdll2mem, lejp_cb, map, schema_name) \
	{ schema_name, map, lejp_cb, offsetof(ctype, cdll2mem), sizeof(ctype), 0, LWS_ARRAY_SIZE(map), LSMT_SCHEMA }

#endif
