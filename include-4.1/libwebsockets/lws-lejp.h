/*
 * lws-lejp.h: the streaming JSON parser.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_LEJP_H
#define OXLWS_LWS_LEJP_H

/** How many callbacks can be nested with lejp_parser_push(). */
#define LEJP_MAX_PARSING_STACK_DEPTH 5
/** How many array levels have an index. */
#define LEJP_MAX_INDEX_DEPTH 5
/** How deep JSON can be nested. */
#define LEJP_MAX_DEPTH 12
/** Inside a comment line. */
#define LEJP_FLAG_WS_COMMENTLINE (1 << 5)
/** Set in the reasons that deliver a value. */
#define LEJP_FLAG_CB_IS_VALUE (1 << 6)
/** Set in the states that keep whitespace. */
#define LEJP_FLAG_WS_KEEP (1 << 6)
/** Bytes of the longest path. */
#define LEJP_MAX_PATH 128
/** Characters of a string that are delivered at once. */
#define LEJP_STRING_CHUNK 254

/** Why a JSON callback is called. */
enum lejp_callbacks {
	/** The parser was set up. */
	LEJPCB_CONSTRUCTED = 0,
	/** The parser is done with. */
	LEJPCB_DESTRUCTED = 1,
	/** The first input has come. */
	LEJPCB_START = 2,
	/** The outermost value is complete. */
	LEJPCB_COMPLETE = 3,
	/** The input is not JSON, or the callback has refused it. */
	LEJPCB_FAILED = 4,
	/** A name; the path has grown by it. */
	LEJPCB_PAIR_NAME = 5,
	/** The value true. */
	LEJPCB_VAL_TRUE = 70,
	/** The value false. */
	LEJPCB_VAL_FALSE = 71,
	/** The value null. */
	LEJPCB_VAL_NULL = 72,
	/** A whole number, as text in `buf`. */
	LEJPCB_VAL_NUM_INT = 73,
	/** A number with fraction or exponent, as text in `buf`. */
	LEJPCB_VAL_NUM_FLOAT = 74,
	/** A string begins. */
	LEJPCB_VAL_STR_START = 11,
	/** A part of a long string is in `buf`. */
	LEJPCB_VAL_STR_CHUNK = 76,
	/** The last part of a string is in `buf`. */
	LEJPCB_VAL_STR_END = 77,
	/** An array begins. */
	LEJPCB_ARRAY_START = 14,
	/** It ends. */
	LEJPCB_ARRAY_END = 15,
	/** An object begins. */
	LEJPCB_OBJECT_START = 16,
	/** It ends. */
	LEJPCB_OBJECT_END = 17
};

/** Why the JSON parser stopped, and that it wants more input. */
enum lejp_reasons {
	/** More input is wanted. */
	LEJP_CONTINUE = -1,
	LEJP_REJECT_IDLE_NO_BRACE = -2,
	LEJP_REJECT_MEMBERS_NO_CLOSE = -3,
	LEJP_REJECT_MP_NO_OPEN_QUOTE = -4,
	LEJP_REJECT_MP_STRING_UNDERRUN = -5,
	LEJP_REJECT_MP_ILLEGAL_CTRL = -6,
	LEJP_REJECT_MP_STRING_ESC_ILLEGAL_ESC = -7,
	LEJP_REJECT_ILLEGAL_HEX = -8,
	LEJP_REJECT_MP_DELIM_MISSING_COLON = -9,
	LEJP_REJECT_MP_DELIM_BAD_VALUE_START = -10,
	LEJP_REJECT_MP_VAL_NUM_INT_NO_FRAC = -11,
	LEJP_REJECT_MP_VAL_NUM_FORMAT = -12,
	LEJP_REJECT_MP_VAL_NUM_EXP_BAD_EXP = -13,
	LEJP_REJECT_MP_VAL_TOK_UNKNOWN = -14,
	LEJP_REJECT_MP_C_OR_E_UNDERF = -15,
	LEJP_REJECT_MP_C_OR_E_NOTARRAY = -16,
	LEJP_REJECT_MP_ARRAY_END_MISSING = -17,
	LEJP_REJECT_STACK_OVERFLOW = -18,
	LEJP_REJECT_MP_DELIM_ISTACK = -19,
	LEJP_REJECT_NUM_TOO_LONG = -20,
	LEJP_REJECT_MP_C_OR_E_NEITHER = -21,
	LEJP_REJECT_UNKNOWN = -22,
	LEJP_REJECT_CALLBACK = -23
};

/** The states of the JSON parser. */
enum lejp_states {
	LEJP_IDLE = 0,
	LEJP_MEMBERS = 1,
	LEJP_M_P = 2,
	LEJP_MP_STRING = 67,
	LEJP_MP_STRING_ESC = 68,
	LEJP_MP_STRING_ESC_U1 = 69,
	LEJP_MP_STRING_ESC_U2 = 70,
	LEJP_MP_STRING_ESC_U3 = 71,
	LEJP_MP_STRING_ESC_U4 = 72,
	LEJP_MP_DELIM = 9,
	LEJP_MP_VALUE = 10,
	LEJP_MP_VALUE_NUM_INT = 75,
	LEJP_MP_VALUE_NUM_EXP = 76,
	LEJP_MP_VALUE_TOK = 77,
	LEJP_MP_COMMA_OR_END = 14,
	LEJP_MP_ARRAY_END = 15
};

/** What the JSON parser has seen of a number. */
enum num_flags {
	LEJP_SEEN_MINUS = 1,
	LEJP_SEEN_POINT = 2,
	LEJP_SEEN_POST_POINT = 4,
	LEJP_SEEN_EXP = 8
};

/** One level of a nested JSON parse: whose callback gets the members below it, and which paths it matches. */
struct _lejp_parsing_stack {
	void *user;
	signed char (*callback)(struct lejp_ctx *ctx, char reason);
	const char *const *paths;
	uint8_t count_paths;
	uint8_t ppos;
	uint8_t path_match;
};

/** One level of the JSON parser itself: state, saved position in the path, and flags. */
struct _lejp_stack {
	char s;
	char p;
	char i;
	char b;
};

/** The streaming JSON parser. Owned by the program; filled by `lejp_construct`. */
struct lejp_ctx {
	void *user;
	struct _lejp_parsing_stack pst[5];
	struct _lejp_stack st[12];
	uint16_t i[5];
	uint16_t wild[5];
	char path[128];
	char buf[255];
	size_t path_stride;
	uint32_t line;
	uint16_t uni;
	uint8_t npos;
	uint8_t dcount;
	uint8_t f;
	uint8_t sp;
	uint8_t ipos;
	uint8_t count_paths;
	uint8_t path_match;
	uint8_t path_match_len;
	uint8_t wildcount;
	uint8_t pst_sp;
	uint8_t outer_array;
};

/** Called by the JSON parser for each event; nonzero stops the parse. */
typedef signed char (*lejp_callback)(struct lejp_ctx *ctx, char reason);

/**
 * Hands the rest of the parse to another callback: the old one gets `LEJPCB_DESTRUCTED`, the new one
 * `LEJPCB_CONSTRUCTED` and `LEJPCB_START`.
 */
void lejp_change_callback(struct lejp_ctx *ctx, lejp_callback callback);

/** Compares the current path with the patterns, and sets `ctx->path_match` if one matches. */
void lejp_check_path_match(struct lejp_ctx *ctx);

/**
 * Prepares `ctx` for a document and calls `callback` with `LEJPCB_CONSTRUCTED`.
 *
 * `callback`: gets every event, with `ctx`; `ctx->user` is `user`. `paths`: the patterns that set `ctx->path_match`,
 * `paths_count` of them; used until the end of the parse.
 */
void lejp_construct(struct lejp_ctx *ctx, lejp_callback callback, void *user,
		const char *const *paths, unsigned char paths_count);

/** Ends a parse, complete or not: calls the callback with `LEJPCB_DESTRUCTED`. There is nothing to free. */
void lejp_destruct(struct lejp_ctx *ctx);

/** What a negative answer of `lejp_parse` means, in English. Static; empty for answers that are no error. */
const char *lejp_error_to_string(int e);

/**
 * Copies what the `wildcard`th `*` (from 0) of the pattern that matches stands for, with a NUL.
 *
 * `len`: size of `dest`; the text is cut to it. Returns the length of the copy plus one, or 0 if there is no such `*`.
 */
int lejp_get_wildcard(struct lejp_ctx *ctx, int wildcard, char *dest, int len);

/**
 * Parses the next `len` bytes of the document; it may be cut anywhere.
 *
 * Returns `LEJP_CONTINUE` if more is needed; 0 or more when the document is complete: how many of the bytes came after
 * it; less than `LEJP_CONTINUE` if it is wrong or the callback said so, after a `LEJPCB_FAILED`
 * (`lejp_error_to_string` explains the number). Callable again for another document after a complete one.
 */
int lejp_parse(struct lejp_ctx *ctx, const unsigned char *json, int len);

/** Ends the sub-parser that was started last; the one below goes on with its own path. Returns 0, or -1 if there is none. */
int lejp_parser_pop(struct lejp_ctx *ctx);

/**
 * Starts a sub-parser inside the current document, for instance from `LEJPCB_OBJECT_START`: `lejp_cb` gets the events
 * until `lejp_parser_pop`, with a path that begins anew and is compared with its own `paths`.
 *
 * `ctx->pst[ctx->pst_sp].user` is `user`. Returns 0, or -1 if there are five parsers already or the path leaves no room.
 */
int lejp_parser_push(struct lejp_ctx *ctx, void *user, const char *const *paths,
		unsigned char paths_count, lejp_callback lejp_cb);

#if !defined(LWS_ARRAY_SIZE)
/** How many elements an array has. */
#define LWS_ARRAY_SIZE(_x) (sizeof(_x) / sizeof((_x)[0]))
#endif

#endif
