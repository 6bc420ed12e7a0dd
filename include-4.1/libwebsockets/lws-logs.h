/*
 * lws-logs.h: logging: levels, contexts and the lwsl_ macros.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_LOGS_H
#define OXLWS_LWS_LOGS_H

/* The levels of log lines; bits of a mask. */
#define LLL_ERR (1 << 0)
#define LLL_WARN (1 << 1)
#define LLL_NOTICE (1 << 2)
#define LLL_INFO (1 << 3)
#define LLL_DEBUG (1 << 4)
#define LLL_PARSER (1 << 5)
#define LLL_HEADER (1 << 6)
#define LLL_EXT (1 << 7)
#define LLL_CLIENT (1 << 8)
#define LLL_LATENCY (1 << 9)
#define LLL_USER (1 << 10)
#define LLL_THREAD (1 << 11)

/** How many levels there are. */
#define LLL_COUNT 12

/* More bits that go with a level or in the flags of a log context. */
/** The line has personal data in it. */
#define LLLF_SECRECY_PII (1 << 16)
/** The line has credentials in it. */
#define LLLF_SECRECY_BEARER (1 << 17)
/** Lines of the context begin with the time, where the build does not do that always. */
#define LLLF_LOG_TIMESTAMP (1 << 18)
/** The context has `u.emit_cx` instead of `u.emit`. */
#define LLLF_LOG_CONTEXT_AWARE (1 << 30)

/*
 * Which levels are compiled into the program: all without NDEBUG, else the four that matter to users. The process
 * decides at run time, with lws_set_log_level(), which of those are printed.
 */
#if defined(LWS_WITH_NO_LOGS)
#define _LWS_LINIT (LLL_ERR | LLL_USER)
#elif defined(_DEBUG)
#define _LWS_LINIT ((1 << LLL_COUNT) - 1)
#else
#define _LWS_LINIT (LLL_ERR | LLL_USER | LLL_WARN | LLL_NOTICE)
#endif
#if defined(LWS_LOGGING_BITFIELD_SET)
#define _LWS_LBS (LWS_LOGGING_BITFIELD_SET)
#else
#define _LWS_LBS 0
#endif
#if defined(LWS_LOGGING_BITFIELD_CLEAR)
#define _LWS_LBC (LWS_LOGGING_BITFIELD_CLEAR)
#else
#define _LWS_LBC 0
#endif
#define _LWS_ENABLED_LOGS ((_LWS_LINIT | _LWS_LBS) & ~(_LWS_LBC))

/** Writes one log line that is complete with its newline. */
typedef void (*lws_log_emit_t)(int level, const char *line);

/** Writes one log line, given the log context and the length. */
typedef void (*lws_log_emit_cx_t)(struct lws_log_cx *cx, int level, const char *line, size_t len);

/** The output function; which member is valid depends on `LLLF_LOG_CONTEXT_AWARE` in `lll_flags`. */
union lws_log_cx_u {
	lws_log_emit_t emit;
	lws_log_emit_cx_t emit_cx;
};

/** Told when objects are attached to a log context (positive) and detached. */
typedef void (*lws_log_use_cx_t)(struct lws_log_cx *cx, int change);

/** Puts the tag of an object in front of a log line. */
typedef void (*lws_log_prepend_cx_t)(struct lws_log_cx *cx, void *obj, char **p, char *e);

/** A log context: where lines of the objects attached to it go, and which levels are visible. */
struct lws_log_cx {
	/** Writes the lines. */
	union lws_log_cx_u u;
	/** Told when objects come and go; may be NULL. */
	lws_log_use_cx_t refcount_cb;
	/** Puts text in front of lines; may be NULL. */
	lws_log_prepend_cx_t prepend;
	/** A log context whose prepend comes first; may be NULL. */
	struct lws_log_cx *parent;
	/** For the program. */
	void *opaque;
	/** For the program. */
	void *stg;
	/** Visible levels and LLLF_ bits. */
	uint32_t lll_flags;
	/** How many objects are attached. */
	int32_t refcount;
};

typedef struct lws_log_cx lws_log_cx_t;

/**
 * Logs one line through the process-wide log context.
 *
 * Behind the `lwsl_err()` family. Nothing is formatted unless the level is in the mask. Any thread.
 */
void _lws_log(int filter, const char *format, ...) LWS_FORMAT(2);

/**
 * Logs one line through `cx`, or the process-wide context if that is NULL.
 *
 * `prep`, if not NULL, writes what identifies `obj` in front of the text. Any thread.
 */
void _lws_log_cx(lws_log_cx_t *cx, lws_log_prepend_cx_t prep, void *obj, int filter,
		const char *_fun, const char *format, ...) LWS_FORMAT(6);

/** Logs one line as `_lws_log` does, for wrappers that are variadic themselves. */
void _lws_logv(int filter, const char *format, va_list vl);

/** A context-aware emitter that appends to the file opened by [`lws_log_use_cx_file`]. */
void lws_log_emit_cx_file(struct lws_log_cx *cx, int level, const char *line, size_t len);

/** Writes the name of the context `obj`, if it has one, and `: ` at `*p`. Behind the `lwsl_cx_...` macros. */
void lws_log_prepend_context(struct lws_log_cx *cx, void *obj, char **p, char *e);

/** Writes the tag of the vhost `obj` and `: ` at `*p`. Behind the `lwsl_vhost_...` macros. */
void lws_log_prepend_vhost(struct lws_log_cx *cx, void *obj, char **p, char *e);

/** Writes the tag of the connection `obj` and `: ` at `*p`. Behind the `lwsl_wsi_...` macros. */
void lws_log_prepend_wsi(struct lws_log_cx *cx, void *obj, char **p, char *e);

/**
 * A `refcount_cb` that keeps a log file open while the context is used.
 *
 * The path is the C string at `opaque`. The first user creates or empties it (mode 0600); the descriptor is kept in
 * `stg`; the last user closes it. If it cannot be opened, lines are lost and stderr says so once.
 */
void lws_log_use_cx_file(struct lws_log_cx *cx, int _new);

/**
 * Sets which levels are logged and by whom, for everything that has no log context of its own.
 *
 * `level`: OR of the `LLL_*` bits; what it was before is forgotten. `log_emit_function`: gets every line, in the thread
 * that logs; NULL leaves it as it is (at first `lwsl_emit_stderr`). Any time, also before a context exists.
 */
void lws_set_log_level(int level, lws_log_emit_t log_emit_function);

/**
 * Returns the tag of a connection, as it stands in log lines, with its brackets; `[null wsi]` for NULL.
 *
 * Empty for a connection that has none yet. The string stays what it is until the calling thread has asked for the
 * tags of 64 other objects.
 */
const char *lws_wsi_tag(struct lws *wsi);

/** Returns the log context that lines about this context go through; NULL if `cx` is NULL. */
struct lws_log_cx *lwsl_context_get_cx(struct lws_context *cx);

/**
 * Writes one line to stderr, in colour if that is a terminal.
 *
 * `line` is written as it is: it has its prefix already. (With the 4.1 ABI it has none, and gets it here.)
 */
void lwsl_emit_stderr(int level, const char *line);

/**
 * Writes one line to stderr and adds no time stamp of its own, in colour if that is a terminal.
 *
 * Lines of the library have their prefix before they get here, except with the soname 17 ABI.
 */
void lwsl_emit_stderr_notimestamp(int level, const char *line);

/** Passes one line to syslog(3). The program calls openlog(3) if it wants to. */
void lwsl_emit_syslog(int level, const char *line);

/** Logs `len` bytes at `buf` as a hex dump at `LLL_DEBUG`. */
void lwsl_hexdump(const void *buf, size_t len);

/** Logs `len` bytes at `vbuf` as a hex dump at `level`, through the process-wide log context. */
void lwsl_hexdump_level(int level, const void *vbuf, size_t len);

/**
 * Logs `len` bytes at `vbuf` as a hex dump at `hexdump_level`, through `cx` (NULL: process-wide), with `prep` writing
 * what identifies `obj` in front of each line.
 */
void lwsl_hexdump_level_cx(lws_log_cx_t *cx, lws_log_prepend_cx_t prep, void *obj,
		int hexdump_level, const void *vbuf, size_t len);

/**
 * Counts one more (`_new` above 0) or one less user of `cx`, then tells the context's `refcount_cb`.
 *
 * Contexts, vhosts and connections hold one count each while they live. NULL is allowed.
 */
void lwsl_refcount_cx(lws_log_cx_t *cx, int _new);

/**
 * Writes the prefix of a line, `[YYYY/MM/DD hh:mm:ss:ffff] L: ` in local time, with a NUL behind it.
 *
 * `p` has room for `len` bytes. Returns the length written; 0 and an empty string if `level` is not exactly one of the
 * `LLL_*` bits.
 */
int lwsl_timestamp(int level, char *p, int len);

/** Returns the log context that lines about this vhost go through; NULL if `vh` is NULL. */
struct lws_log_cx *lwsl_vhost_get_cx(struct lws_vhost *vh);

/**
 * Tells whether a line of `level` would be shown by the process-wide log context.
 *
 * Returns 1 if any bit of `level` is in the mask, else 0. (The 4.1 ABI returns the bits instead of 1.)
 */
int lwsl_visible(int level);

/** Returns the log context that lines about this connection go through; NULL if `wsi` is NULL. */
struct lws_log_cx *lwsl_wsi_get_cx(struct lws *wsi);

/** Nonzero on a big-endian machine. */
static LWS_INLINE int
lws_is_be(void)
{
	const int probe = ~0xff;

	return *(const char *)&probe != 0;
}

/*
 * Log lines of an object: its log context decides where they go, and its tag is put in front. The level is given as a
 * bit; the macros below have it in their names.
 */
#define lwsl_wsi(_w, _fil, ...) \
	_lws_log_cx(lwsl_wsi_get_cx(_w), lws_log_prepend_wsi, _w, _fil, __func__, __VA_ARGS__)
#define lwsl_cx(_c, _fil, ...) \
	_lws_log_cx(lwsl_context_get_cx(_c), lws_log_prepend_context, _c, _fil, __func__, __VA_ARGS__)
#define lwsl_vhost(_v, _fil, ...) \
	_lws_log_cx(lwsl_vhost_get_cx(_v), lws_log_prepend_vhost, _v, _fil, __func__, __VA_ARGS__)
#define lwsl_hexdump_wsi(_w, _fil, _buf, _len) \
	lwsl_hexdump_level_cx(lwsl_wsi_get_cx(_w), lws_log_prepend_wsi, _w, _fil, _buf, _len)
#define lwsl_hexdump_context(_c, _fil, _buf, _len) \
	lwsl_hexdump_level_cx(lwsl_context_get_cx(_c), lws_log_prepend_context, _c, _fil, _buf, _len)
#define lwsl_hexdump_vhost(_v, _fil, _buf, _len) \
	lwsl_hexdump_level_cx(lwsl_vhost_get_cx(_v), lws_log_prepend_vhost, _v, _fil, _buf, _len)

/*
 * lwsl_err("format", ...) and so on, plain and for a connection, context or vhost; and hex dumps of (buffer, length)
 * for the first five levels. A level that is not compiled in costs nothing: its arguments are not evaluated.
 */

#if (_LWS_ENABLED_LOGS & LLL_ERR)
#define lwsl_err(...) _lws_log(LLL_ERR, __VA_ARGS__)
#define lwsl_wsi_err(_w, ...) lwsl_wsi(_w, LLL_ERR, __VA_ARGS__)
#define lwsl_cx_err(_c, ...) lwsl_cx(_c, LLL_ERR, __VA_ARGS__)
#define lwsl_vhost_err(_v, ...) lwsl_vhost(_v, LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_err(...) lwsl_hexdump_level(LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_wsi_err(_w, ...) lwsl_hexdump_wsi(_w, LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_cx_err(_c, ...) lwsl_hexdump_context(_c, LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_vhost_err(_v, ...) lwsl_hexdump_vhost(_v, LLL_ERR, __VA_ARGS__)
#else
#define lwsl_err(...) do {} while (0)
#define lwsl_wsi_err(_w, ...) do {} while (0)
#define lwsl_cx_err(_c, ...) do {} while (0)
#define lwsl_vhost_err(_v, ...) do {} while (0)
#define lwsl_hexdump_err(...) do {} while (0)
#define lwsl_hexdump_wsi_err(_w, ...) do {} while (0)
#define lwsl_hexdump_cx_err(_c, ...) do {} while (0)
#define lwsl_hexdump_vhost_err(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_WARN)
#define lwsl_warn(...) _lws_log(LLL_WARN, __VA_ARGS__)
#define lwsl_wsi_warn(_w, ...) lwsl_wsi(_w, LLL_WARN, __VA_ARGS__)
#define lwsl_cx_warn(_c, ...) lwsl_cx(_c, LLL_WARN, __VA_ARGS__)
#define lwsl_vhost_warn(_v, ...) lwsl_vhost(_v, LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_warn(...) lwsl_hexdump_level(LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_wsi_warn(_w, ...) lwsl_hexdump_wsi(_w, LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_cx_warn(_c, ...) lwsl_hexdump_context(_c, LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_vhost_warn(_v, ...) lwsl_hexdump_vhost(_v, LLL_WARN, __VA_ARGS__)
#else
#define lwsl_warn(...) do {} while (0)
#define lwsl_wsi_warn(_w, ...) do {} while (0)
#define lwsl_cx_warn(_c, ...) do {} while (0)
#define lwsl_vhost_warn(_v, ...) do {} while (0)
#define lwsl_hexdump_warn(...) do {} while (0)
#define lwsl_hexdump_wsi_warn(_w, ...) do {} while (0)
#define lwsl_hexdump_cx_warn(_c, ...) do {} while (0)
#define lwsl_hexdump_vhost_warn(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_NOTICE)
#define lwsl_notice(...) _lws_log(LLL_NOTICE, __VA_ARGS__)
#define lwsl_wsi_notice(_w, ...) lwsl_wsi(_w, LLL_NOTICE, __VA_ARGS__)
#define lwsl_cx_notice(_c, ...) lwsl_cx(_c, LLL_NOTICE, __VA_ARGS__)
#define lwsl_vhost_notice(_v, ...) lwsl_vhost(_v, LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_notice(...) lwsl_hexdump_level(LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_wsi_notice(_w, ...) lwsl_hexdump_wsi(_w, LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_cx_notice(_c, ...) lwsl_hexdump_context(_c, LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_vhost_notice(_v, ...) lwsl_hexdump_vhost(_v, LLL_NOTICE, __VA_ARGS__)
#else
#define lwsl_notice(...) do {} while (0)
#define lwsl_wsi_notice(_w, ...) do {} while (0)
#define lwsl_cx_notice(_c, ...) do {} while (0)
#define lwsl_vhost_notice(_v, ...) do {} while (0)
#define lwsl_hexdump_notice(...) do {} while (0)
#define lwsl_hexdump_wsi_notice(_w, ...) do {} while (0)
#define lwsl_hexdump_cx_notice(_c, ...) do {} while (0)
#define lwsl_hexdump_vhost_notice(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_INFO)
#define lwsl_info(...) _lws_log(LLL_INFO, __VA_ARGS__)
#define lwsl_wsi_info(_w, ...) lwsl_wsi(_w, LLL_INFO, __VA_ARGS__)
#define lwsl_cx_info(_c, ...) lwsl_cx(_c, LLL_INFO, __VA_ARGS__)
#define lwsl_vhost_info(_v, ...) lwsl_vhost(_v, LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_info(...) lwsl_hexdump_level(LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_wsi_info(_w, ...) lwsl_hexdump_wsi(_w, LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_cx_info(_c, ...) lwsl_hexdump_context(_c, LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_vhost_info(_v, ...) lwsl_hexdump_vhost(_v, LLL_INFO, __VA_ARGS__)
#else
#define lwsl_info(...) do {} while (0)
#define lwsl_wsi_info(_w, ...) do {} while (0)
#define lwsl_cx_info(_c, ...) do {} while (0)
#define lwsl_vhost_info(_v, ...) do {} while (0)
#define lwsl_hexdump_info(...) do {} while (0)
#define lwsl_hexdump_wsi_info(_w, ...) do {} while (0)
#define lwsl_hexdump_cx_info(_c, ...) do {} while (0)
#define lwsl_hexdump_vhost_info(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_DEBUG)
#define lwsl_debug(...) _lws_log(LLL_DEBUG, __VA_ARGS__)
#define lwsl_wsi_debug(_w, ...) lwsl_wsi(_w, LLL_DEBUG, __VA_ARGS__)
#define lwsl_cx_debug(_c, ...) lwsl_cx(_c, LLL_DEBUG, __VA_ARGS__)
#define lwsl_vhost_debug(_v, ...) lwsl_vhost(_v, LLL_DEBUG, __VA_ARGS__)
#define lwsl_hexdump_debug(...) lwsl_hexdump_level(LLL_DEBUG, __VA_ARGS__)
#define lwsl_hexdump_wsi_debug(_w, ...) lwsl_hexdump_wsi(_w, LLL_DEBUG, __VA_ARGS__)
#define lwsl_hexdump_cx_debug(_c, ...) lwsl_hexdump_context(_c, LLL_DEBUG, __VA_ARGS__)
#define lwsl_hexdump_vhost_debug(_v, ...) lwsl_hexdump_vhost(_v, LLL_DEBUG, __VA_ARGS__)
#else
#define lwsl_debug(...) do {} while (0)
#define lwsl_wsi_debug(_w, ...) do {} while (0)
#define lwsl_cx_debug(_c, ...) do {} while (0)
#define lwsl_vhost_debug(_v, ...) do {} while (0)
#define lwsl_hexdump_debug(...) do {} while (0)
#define lwsl_hexdump_wsi_debug(_w, ...) do {} while (0)
#define lwsl_hexdump_cx_debug(_c, ...) do {} while (0)
#define lwsl_hexdump_vhost_debug(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_PARSER)
#define lwsl_parser(...) _lws_log(LLL_PARSER, __VA_ARGS__)
#define lwsl_wsi_parser(_w, ...) lwsl_wsi(_w, LLL_PARSER, __VA_ARGS__)
#define lwsl_cx_parser(_c, ...) lwsl_cx(_c, LLL_PARSER, __VA_ARGS__)
#define lwsl_vhost_parser(_v, ...) lwsl_vhost(_v, LLL_PARSER, __VA_ARGS__)
#else
#define lwsl_parser(...) do {} while (0)
#define lwsl_wsi_parser(_w, ...) do {} while (0)
#define lwsl_cx_parser(_c, ...) do {} while (0)
#define lwsl_vhost_parser(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_HEADER)
#define lwsl_header(...) _lws_log(LLL_HEADER, __VA_ARGS__)
#define lwsl_wsi_header(_w, ...) lwsl_wsi(_w, LLL_HEADER, __VA_ARGS__)
#define lwsl_cx_header(_c, ...) lwsl_cx(_c, LLL_HEADER, __VA_ARGS__)
#define lwsl_vhost_header(_v, ...) lwsl_vhost(_v, LLL_HEADER, __VA_ARGS__)
#else
#define lwsl_header(...) do {} while (0)
#define lwsl_wsi_header(_w, ...) do {} while (0)
#define lwsl_cx_header(_c, ...) do {} while (0)
#define lwsl_vhost_header(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_EXT)
#define lwsl_ext(...) _lws_log(LLL_EXT, __VA_ARGS__)
#define lwsl_wsi_ext(_w, ...) lwsl_wsi(_w, LLL_EXT, __VA_ARGS__)
#define lwsl_cx_ext(_c, ...) lwsl_cx(_c, LLL_EXT, __VA_ARGS__)
#define lwsl_vhost_ext(_v, ...) lwsl_vhost(_v, LLL_EXT, __VA_ARGS__)
#else
#define lwsl_ext(...) do {} while (0)
#define lwsl_wsi_ext(_w, ...) do {} while (0)
#define lwsl_cx_ext(_c, ...) do {} while (0)
#define lwsl_vhost_ext(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_CLIENT)
#define lwsl_client(...) _lws_log(LLL_CLIENT, __VA_ARGS__)
#define lwsl_wsi_client(_w, ...) lwsl_wsi(_w, LLL_CLIENT, __VA_ARGS__)
#define lwsl_cx_client(_c, ...) lwsl_cx(_c, LLL_CLIENT, __VA_ARGS__)
#define lwsl_vhost_client(_v, ...) lwsl_vhost(_v, LLL_CLIENT, __VA_ARGS__)
#else
#define lwsl_client(...) do {} while (0)
#define lwsl_wsi_client(_w, ...) do {} while (0)
#define lwsl_cx_client(_c, ...) do {} while (0)
#define lwsl_vhost_client(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_LATENCY)
#define lwsl_latency(...) _lws_log(LLL_LATENCY, __VA_ARGS__)
#define lwsl_wsi_latency(_w, ...) lwsl_wsi(_w, LLL_LATENCY, __VA_ARGS__)
#define lwsl_cx_latency(_c, ...) lwsl_cx(_c, LLL_LATENCY, __VA_ARGS__)
#define lwsl_vhost_latency(_v, ...) lwsl_vhost(_v, LLL_LATENCY, __VA_ARGS__)
#else
#define lwsl_latency(...) do {} while (0)
#define lwsl_wsi_latency(_w, ...) do {} while (0)
#define lwsl_cx_latency(_c, ...) do {} while (0)
#define lwsl_vhost_latency(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_USER)
#define lwsl_user(...) _lws_log(LLL_USER, __VA_ARGS__)
#define lwsl_wsi_user(_w, ...) lwsl_wsi(_w, LLL_USER, __VA_ARGS__)
#define lwsl_cx_user(_c, ...) lwsl_cx(_c, LLL_USER, __VA_ARGS__)
#define lwsl_vhost_user(_v, ...) lwsl_vhost(_v, LLL_USER, __VA_ARGS__)
#else
#define lwsl_user(...) do {} while (0)
#define lwsl_wsi_user(_w, ...) do {} while (0)
#define lwsl_cx_user(_c, ...) do {} while (0)
#define lwsl_vhost_user(_v, ...) do {} while (0)
#endif

#if (_LWS_ENABLED_LOGS & LLL_THREAD)
#define lwsl_thread(...) _lws_log(LLL_THREAD, __VA_ARGS__)
#define lwsl_wsi_thread(_w, ...) lwsl_wsi(_w, LLL_THREAD, __VA_ARGS__)
#define lwsl_cx_thread(_c, ...) lwsl_cx(_c, LLL_THREAD, __VA_ARGS__)
#define lwsl_vhost_thread(_v, ...) lwsl_vhost(_v, LLL_THREAD, __VA_ARGS__)
#else
#define lwsl_thread(...) do {} while (0)
#define lwsl_wsi_thread(_w, ...) do {} while (0)
#define lwsl_cx_thread(_c, ...) do {} while (0)
#define lwsl_vhost_thread(_v, ...) do {} while (0)
#endif

/* Secure streams are not built: their lines go nowhere. */
#define lwsl_ss(_h, _fil, ...) do {} while (0)
#define lwsl_hexdump_ss(_h, _fil, _buf, _len) do {} while (0)
#define lwsl_ss_err(_h, ...) do {} while (0)
#define lwsl_ss_warn(_h, ...) do {} while (0)
#define lwsl_ss_notice(_h, ...) do {} while (0)
#define lwsl_ss_info(_h, ...) do {} while (0)
#define lwsl_ss_debug(_h, ...) do {} while (0)
#define lwsl_ss_parser(_h, ...) do {} while (0)
#define lwsl_ss_header(_h, ...) do {} while (0)
#define lwsl_ss_ext(_h, ...) do {} while (0)
#define lwsl_ss_client(_h, ...) do {} while (0)
#define lwsl_ss_latency(_h, ...) do {} while (0)
#define lwsl_ss_user(_h, ...) do {} while (0)
#define lwsl_ss_thread(_h, ...) do {} while (0)
#define lwsl_hexdump_ss_err(_h, ...) do {} while (0)
#define lwsl_hexdump_ss_warn(_h, ...) do {} while (0)
#define lwsl_hexdump_ss_notice(_h, ...) do {} while (0)
#define lwsl_hexdump_ss_info(_h, ...) do {} while (0)
#define lwsl_hexdump_ss_debug(_h, ...) do {} while (0)
#define lwsl_sspc(_h, _fil, ...) do {} while (0)
#define lwsl_hexdump_sspc(_h, _fil, _buf, _len) do {} while (0)
#define lwsl_sspc_err(_h, ...) do {} while (0)
#define lwsl_sspc_warn(_h, ...) do {} while (0)
#define lwsl_sspc_notice(_h, ...) do {} while (0)
#define lwsl_sspc_info(_h, ...) do {} while (0)
#define lwsl_sspc_debug(_h, ...) do {} while (0)
#define lwsl_sspc_parser(_h, ...) do {} while (0)
#define lwsl_sspc_header(_h, ...) do {} while (0)
#define lwsl_sspc_ext(_h, ...) do {} while (0)
#define lwsl_sspc_client(_h, ...) do {} while (0)
#define lwsl_sspc_latency(_h, ...) do {} while (0)
#define lwsl_sspc_user(_h, ...) do {} while (0)
#define lwsl_sspc_thread(_h, ...) do {} while (0)
#define lwsl_hexdump_sspc_err(_h, ...) do {} while (0)
#define lwsl_hexdump_sspc_warn(_h, ...) do {} while (0)
#define lwsl_hexdump_sspc_notice(_h, ...) do {} while (0)
#define lwsl_hexdump_sspc_info(_h, ...) do {} while (0)
#define lwsl_hexdump_sspc_debug(_h, ...) do {} while (0)

#endif
