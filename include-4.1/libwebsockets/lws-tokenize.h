/*
 * lws-tokenize.h: the tokenizer and string expansion.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_TOKENIZE_H
#define OXLWS_LWS_TOKENIZE_H

/* Bits of `flags` of the tokenizer. */
/** - does not end a token. */
#define LWS_TOKENIZE_F_MINUS_NONTERM 1
/** : does not end a token. */
#define LWS_TOKENIZE_F_AGG_COLON 2
/** The text is a list separated by commas. */
#define LWS_TOKENIZE_F_COMMA_SEP_LIST (1 << 2)
/** Delimiters are those of HTTP headers. */
#define LWS_TOKENIZE_F_RFC7230_DELIMS (1 << 3)
/** . does not end a token. */
#define LWS_TOKENIZE_F_DOT_NONTERM (1 << 4)
/** Do not tell floating point numbers. */
#define LWS_TOKENIZE_F_NO_FLOATS (1 << 5)
/** Do not tell whole numbers. */
#define LWS_TOKENIZE_F_NO_INTEGERS (1 << 6)
/** A # begins a comment up to the end of the line. */
#define LWS_TOKENIZE_F_HASH_COMMENT (1 << 7)
/** / does not end a token. */
#define LWS_TOKENIZE_F_SLASH_NONTERM (1 << 8)
/** * does not end a token. */
#define LWS_TOKENIZE_F_ASTERISK_NONTERM (1 << 9)
/** = does not end a token. */
#define LWS_TOKENIZE_F_EQUALS_NONTERM (1 << 10)

/** What string expansion returns. */
enum {
	/** All input is used. */
	LSTRX_DONE = 0,
	/** The output is full; empty it and go on. */
	LSTRX_FILLED_OUT = 1,
	/** A name is too long. */
	LSTRX_FATAL_NAME_TOO_LONG = -1,
	/** A name is not known. */
	LSTRX_FATAL_NAME_UNKNOWN = -2
};

/** How far a comma-separated list has come, for callers of the tokenizer. */
enum lws_tokenize_delimiter_tracking {
	LWSTZ_DT_NEED_FIRST_CONTENT = 0,
	LWSTZ_DT_NEED_DELIM = 1,
	LWSTZ_DT_NEED_NEXT_CONTENT = 2
};

/** What the tokenizer found; negative: an error, 0: the end. */
typedef enum {
	LWS_TOKZE_ERRS = 5,
	LWS_TOKZE_ERR_BROKEN_UTF8 = -5,
	LWS_TOKZE_ERR_UNTERM_STRING = -4,
	LWS_TOKZE_ERR_MALFORMED_FLOAT = -3,
	LWS_TOKZE_ERR_NUM_ON_LHS = -2,
	LWS_TOKZE_ERR_COMMA_LIST = -1,
	LWS_TOKZE_ENDED = 0,
	LWS_TOKZE_DELIMITER = 1,
	LWS_TOKZE_TOKEN = 2,
	LWS_TOKZE_INTEGER = 3,
	LWS_TOKZE_FLOAT = 4,
	LWS_TOKZE_TOKEN_NAME_EQUALS = 5,
	LWS_TOKZE_TOKEN_NAME_COLON = 6,
	LWS_TOKZE_QUOTED_STRING = 7
} lws_tokenize_elem;

/** Called for each `${name}` to write its expansion; returns one of the `LSTRX` values. */
typedef int (*lws_strexp_expand_cb)(void *priv, const char *name, char *out, size_t *pos,
		size_t olen, size_t *exp_ofs);

/** State of the expansion of `${name}` in a text that comes in pieces. */
struct lws_strexp {
	char name[32];
	lws_strexp_expand_cb cb;
	void *priv;
	char *out;
	size_t olen;
	size_t pos;
	size_t exp_ofs;
	uint8_t name_pos;
	char state;
};

typedef struct lws_strexp lws_strexp_t;

/** State of the tokenizer; the program sets `start`, `len` and `flags`. */
struct lws_tokenize {
	/** What is still to be read. */
	const char *start;
	/** The token found; not NUL-terminated. */
	const char *token;
	/** Bytes at `start`. */
	size_t len;
	/** Bytes at `token`. */
	size_t token_len;
	/** LWS_TOKENIZE_F_ bits. */
	uint16_t flags;
	/** Which delimiter is expected in a comma-separated list. */
	uint8_t delim;
	/** The last result. */
	int8_t e;
};

typedef struct lws_tokenize lws_tokenize_t;

/**
 * Compares the `clen` bytes at `check` with a pattern of `wlen` bytes in which `*` stands for any text, also for none.
 *
 * Returns 0 for a match, 1 for none (or NULL). There may be any number of stars.
 */
int lws_strcmp_wildcard(const char *wildcard, size_t wlen, const char *check, size_t clen);

/**
 * Expands the next `len` bytes of the text at `in`.
 *
 * `pused_in`, `pused_out`: set to how much of the text was used and how much of the buffer is filled; may be NULL.
 * Returns `LSTRX_DONE` when the text is used up (a NUL then follows the result), `LSTRX_FILLED_OUT` when the buffer is
 * full: take it, reset, and go on with the rest of the text. Negative: a name is too long, or `cb` refused it.
 */
int lws_strexp_expand(lws_strexp_t *exp, const char *in, size_t len, size_t *pused_in,
		size_t *pused_out);

/**
 * Prepares `exp` for expanding references through `cb`, which gets `priv`.
 *
 * `out`: where the result goes, `olen` bytes; NULL to only measure it.
 */
void lws_strexp_init(lws_strexp_t *exp, void *priv, lws_strexp_expand_cb cb, char *out,
		size_t olen);

/** Goes on with a new buffer, after `lws_strexp_expand` has filled the last one. */
void lws_strexp_reset_out(lws_strexp_t *exp, char *out, size_t olen);

/**
 * Finds the next element of the text: returns what it is and sets `ts->token` and `ts->token_len` to where it is.
 *
 * Quoted strings come without their quotes, names without the `=` or `:` that follows. 0 at the end, negative for text
 * that is wrong; both stay so at further calls.
 */
lws_tokenize_elem lws_tokenize(struct lws_tokenize *ts);

/**
 * Copies the element that was found last to `str`, with a NUL.
 *
 * `max`: size of `str`; must be at least two more than the length. Returns 0, or 1 if it is too small.
 */
int lws_tokenize_cstr(struct lws_tokenize *ts, char *str, size_t max);

/**
 * Prepares `ts` for the C string `start`. `flags`: OR of the `LWS_TOKENIZE_F_` bits.
 *
 * For text without a NUL, set `ts->len` afterwards.
 */
void lws_tokenize_init(struct lws_tokenize *ts, const char *start, int flags);

#endif
