/*
 * lws-misc.h: buffer lists, byte order, text, numbers, directories, facts about connections.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_MISC_H
#define OXLWS_LWS_MISC_H

/* generated:enums */

/** Who holds back reception, for `lws_rx_flow_control`. */
enum {
	LWS_RXFLOW_REASON_USER_BOOL = 1,
	LWS_RXFLOW_REASON_HTTP_RXBUFFER = 64,
	LWS_RXFLOW_REASON_H2_PPS_PENDING = 128,
	LWS_RXFLOW_REASON_APPLIES = 16384,
	LWS_RXFLOW_REASON_APPLIES_ENABLE_BIT = 8192,
	LWS_RXFLOW_REASON_APPLIES_ENABLE = 24576,
	LWS_RXFLOW_REASON_APPLIES_DISABLE = 16384,
	LWS_RXFLOW_REASON_FLAG_PROCESS_NOW = 4096
};

/** The kind of a directory entry. */
typedef enum {
	LDOT_UNKNOWN = 0,
	LDOT_FILE = 1,
	LDOT_DIR = 2,
	LDOT_LINK = 3,
	LDOT_FIFO = 4,
	LDOTT_SOCKET = 5,
	LDOT_CHAR = 6,
	LDOT_BLOCK = 7
} lws_dir_obj_type_t;

/* end of generated:enums */

/** Called for each entry of a directory; a nonzero return stops the scan. */
typedef int lws_dir_callback_function(const char *dirpath, void *user, struct lws_dir_entry *lde);

/* generated:types */

/** One entry that a directory scan reports. */
struct lws_dir_entry {
	const char *name;
	lws_dir_obj_type_t type;
};

/** One unit of a table for `lws_humanize`, largest first; the table ends with a NULL name. */
struct lws_humanize_unit {
	/** What is printed behind the number. */
	const char *name;
	/** How many of the smallest unit it is. */
	uint64_t factor;
};

/** Called with the path of each name that matches. */
typedef int (*lws_dir_glob_cb_t)(void *user, const char *path);

/** User pointer for `lws_dir_glob_cb`: which names to report, and to whom. */
struct lws_dir_glob {
	const char *filter;
	lws_dir_glob_cb_t cb;
	void *user;
};

typedef struct lws_dir_glob lws_dir_glob_t;

typedef struct lws_humanize_unit lws_humanize_unit_t;

/* end of generated:types */

struct lws_wifi_scan;

/** An overlay mount to make. */
struct lws_fsmount {
	const char *layers_path;
	const char *overlay_path;
	char mp[256];
	char ovname[64];
	char distro[64];
	const char *layers[4];
};

/** A wifi network that was seen. */
struct lws_wifi_scan {
	struct lws_wifi_scan *next;
	char ssid[32];
	int32_t rssi;
	uint8_t bssid[6];
	uint8_t count;
	uint8_t channel;
	uint8_t authmode;
};

/* generated:functions */

extern const lws_humanize_unit_t humanize_schema_si[7];

extern const lws_humanize_unit_t humanize_schema_si_bytes[7];

extern const lws_humanize_unit_t humanize_schema_us[8];

/**
 * Adds a copy of `len` bytes at `buf` to the end of the list.
 *
 * Returns 1 if it is the first segment (something waits that did not before), 0 if not, -1 if there is no memory, the
 * list is too long, or there is nothing to add.
 */
int lws_buflist_append_segment(struct lws_buflist **head, const uint8_t *buf, size_t len);

/** Logs the segments at `LLL_NOTICE`; `id` and `reason` tell which list it is and why. */
void lws_buflist_describe(struct lws_buflist **head, void *id, const char *reason);

/** Frees all segments; `*head` becomes NULL. */
void lws_buflist_destroy_all_segments(struct lws_buflist **head);

/**
 * Copies up to `len` bytes of the first segment to `buf` and uses them up.
 *
 * `*frag_first` becomes 1 if they begin the segment, else 0, `*frag_fin` 1 if they end it, else 0; both may be NULL.
 * Returns the bytes copied; 0, and the flags stay as they are, if the list is empty.
 */
int lws_buflist_fragment_use(struct lws_buflist **head, uint8_t *buf, size_t len, char *frag_first,
		char *frag_fin);

/**
 * Copies up to `len` bytes, `ofs` bytes from the start of the first segment (used ones count), and uses nothing.
 *
 * Returns the bytes copied, -1 if there is no list or no buffer.
 */
int lws_buflist_linear_copy(struct lws_buflist **head, size_t ofs, uint8_t *buf, size_t len);

/**
 * Copies up to `len` bytes to `buf`, from as many segments as it takes, and uses them up.
 *
 * Returns the bytes copied.
 */
int lws_buflist_linear_use(struct lws_buflist **head, uint8_t *buf, size_t len);

/**
 * Returns the bytes left in the first segment and, if `buf` is not NULL, where they are; 0 and NULL if the list is
 * empty.
 */
size_t lws_buflist_next_segment_len(struct lws_buflist **head, uint8_t **buf);

/** Returns the bytes of all segments. What is used of the first segment still counts. */
size_t lws_buflist_total_len(struct lws_buflist **head);

/**
 * Marks `len` bytes of the first segment as used.
 *
 * Returns what is left in it, or, once it is used up and gone, the length of the next one; 0 if nothing is left.
 */
size_t lws_buflist_use_segment(struct lws_buflist **head, size_t len);

/** Does nothing, see `lws_get_child_pending_on_writable`. */
void lws_clear_child_pending_on_writable(struct lws *wsi);

/**
 * Looks for the last argument that begins with `val`, the name of the program not counted.
 *
 * For the option `-d`, the arguments `-d 15`, `-d=15` and `-d15` all give "15", and `-d` at the end gives "". Note that
 * `--server` also finds `--server-port`. Returns a pointer into `argv`, or NULL if there is no such argument or its
 * value is longer than 1024 characters.
 */
const char *lws_cmdline_option(int argc, const char **argv, const char *val);

/**
 * Acts on the options that all programs share: `-d <mask>` sets the log level (errors, warnings, notices and the
 * program's own lines if it is not given), `--ignore-sigterm` makes SIGTERM do nothing.
 *
 * `info` is not changed.
 */
void lws_cmdline_option_handle_builtin(int argc, const char **argv,
		struct lws_context_creation_info *info);

/**
 * Goes on in a child process that has no terminal: new session, umask 0, directory `/tmp`, the standard descriptors on
 * `/dev/null`. The parent exits once the child is ready.
 *
 * `_lock_path`: a file for the process id, or NULL. If it names a process that is alive, this process exits with a
 * message. A file that cannot be written counts as a failure; in the product of soname 17, as in 4.1.6, it is passed over,
 * and the log says so. Returns 0 in the child, 1 if it cannot be done. To be called before anything else is started, above all
 * before threads and contexts.
 */
int lws_daemonize(const char *_lock_path);

/**
 * Calls `cb` for every entry of the directory `dirpath`, in the order of their names' bytes, without `.` and `..`.
 *
 * `cb`: gets `dirpath`, `user`, and name and type of the entry; nonzero stops. Returns 0 if `cb` stopped, else 1, also if
 * the directory cannot be read (which is logged). In the product of soname 17, as in 4.1.6, 0 and 1 have changed places,
 * but for a directory that cannot be read: 1 there as well.
 */
int lws_dir(const char *dirpath, void *user, lws_dir_callback_function *cb);

/**
 * Callback for `lws_dir` that reports the entries that are no directories and match a pattern.
 *
 * `user`: a `lws_dir_glob_t` with the pattern (`*` stands for any text), the function that gets `dir/name`, and its
 * argument. Returns what that function returns, 0 for entries that do not match.
 */
int lws_dir_glob_cb(const char *dirpath, void *user, struct lws_dir_entry *lde);

/**
 * Callback for `lws_dir` that removes every entry, directories with all they hold; links are removed, not followed.
 *
 * `user` is not used. Returns 0; what cannot be removed is logged and stays.
 */
int lws_dir_rm_rf_cb(const char *dirpath, void *user, struct lws_dir_entry *lde);

/** Fills `len` bytes with zeros, also if nothing ever reads them again: for secrets that are no longer needed. */
void lws_explicit_bzero(void *p, size_t len);

/** The newest child of the connection, or NULL. */
struct lws *lws_get_child(const struct lws *wsi);

/** 0: no parent carries the traffic of its children here, so none waits for it. */
int lws_get_child_pending_on_writable(const struct lws *wsi);

/** Length of the payload of the close frame sent or answered, code included. */
int lws_get_close_length(struct lws *wsi);

/** The payload of the close frame sent or answered; valid until the callback returns or the reason is set again. */
unsigned char *lws_get_close_payload(struct lws *wsi);

/** The context of a connection; also of the connections that callbacks about a vhost get. */
struct lws_context *lws_get_context(const struct lws *wsi);

/** How many service threads the context has: 1. */
int lws_get_count_threads(struct lws_context *context);

/**
 * The user and group that the process runs under once privileges are dropped (`uid`, `gid`, `username` and `groupname` of
 * the creation info); those it has now where the info names none. In the product of soname 17, as in 4.1.6, what the info
 * says.
 */
void lws_get_effective_uid_gid(struct lws_context *context, uid_t *uid, gid_t *gid);

/** The version of this library's interface, as the headers have it in `LWS_LIBRARY_VERSION`. Static. */
const char *lws_get_library_version(void);

/** The connection that owns the socket: itself, or for a stream of http/2 the connection that carries it. */
struct lws *lws_get_network_wsi(struct lws *wsi);

/** The pointer set by `lws_set_opaque_parent_data`. */
void *lws_get_opaque_parent_data(const struct lws *wsi);

/** The pointer given as `opaque_user_data`, or set later. */
void *lws_get_opaque_user_data(const struct lws *wsi);

/** The connection whose child this is, or NULL. */
struct lws *lws_get_parent(const struct lws *wsi);

/**
 * Fills `buf` with `len` bytes that are fit for keys and nonces.
 *
 * `context` is not needed and may be NULL. Returns how many bytes were set: `len`, or fewer if the kernel gives no more.
 * Any thread.
 */
size_t lws_get_random(struct lws_context *context, void *buf, size_t len);

/**
 * NULL, and once a warning: TLS is done by rustls, there is no OpenSSL object. Use `lws_tls_peer_cert_info()` and
 * `<oxlws.h>`.
 */
SSL *lws_get_ssl(struct lws *wsi);

/** Number of the service thread: 0. */
int lws_get_tsi(struct lws *wsi);

/**
 * Facts about a datagram connection: `sa46` is the sender of the last datagram. NULL for other connections.
 *
 * Valid as long as the connection; filled in by each call.
 */
const struct lws_udp *lws_get_udp(const struct lws *wsi);

/** The port the vhost really listens on; -1 if it does not. */
int lws_get_vhost_listen_port(struct lws_vhost *vhost);

/** Writes `slen` bytes as lower-case hexadecimal digits with a NUL, as many digits as fit in `len` bytes. */
void lws_hex_from_byte_array(const uint8_t *src, size_t slen, char *dest, size_t len);

/**
 * Fills `dest` with `len` - 1 random hexadecimal digits and a NUL. Returns 0, or 1 if there is no randomness to be had.
 *
 * `context` is not needed and may be NULL.
 */
int lws_hex_random(struct lws_context *context, char *dest, size_t len);

/**
 * Reads pairs of hexadecimal digits of either case into `dest`.
 *
 * `max`: size of `dest`; must be at least one more than the number of bytes. Returns that number, or -1 for an odd number
 * of digits, anything that is no digit, a small `dest` or NULL.
 */
int lws_hex_to_byte_array(const char *h, uint8_t *dest, int max);

/**
 * Writes `value` for people, in the first unit of `schema` that it reaches: `1.476KiB`, `59.999ms`, `17B`.
 *
 * `len`: size of `buf`; the text is cut to it and has a NUL. `schema`: units from large to small, ended by a NULL name;
 * `humanize_schema_si`, `humanize_schema_si_bytes`, `humanize_schema_us` or one's own. Returns the length written, 0 if
 * no unit fits.
 */
int lws_humanize(char *buf, size_t len, uint64_t value, const struct lws_humanize_unit *schema);

/** 0: CGI is not supported. */
int lws_is_cgi(struct lws *wsi);

/** Nonzero if the connection uses TLS. */
int lws_is_ssl(struct lws *wsi);

/**
 * Finds the value behind the first place where `name` occurs in the `len` bytes at `buf`.
 *
 * `name`: the text to search for, with its quotes and colon: `"\"port\":"`. `alen`: set to the length of the value.
 * Strings come without their quotes, with escapes as they are; other values up to the next `,`, `]` or `}`. Returns a
 * pointer into `buf`, or NULL (and leaves `alen`) if there is no such name or nothing behind it.
 */
const char *lws_json_simple_find(const char *buf, size_t len, const char *name, size_t *alen);

/** Compares the value that `lws_json_simple_find` finds with the string `comp`. Returns 0 if they are equal, else -1. */
int lws_json_simple_strcmp(const char *buf, size_t len, const char *name, const char *comp);

/** Returns the time of day in seconds since 1970. Any thread. */
unsigned long lws_now_secs(void);

/** Returns microseconds on the monotonic clock: good for differences, not a time of day. Any thread. */
lws_usec_t lws_now_usecs(void);

/**
 * Finds the first place in the `len` bytes at `buf` where the `nl` bytes at `name` occur. Neither needs a NUL.
 *
 * Returns a pointer into `buf`, or NULL. With `nl` 0 that is `buf`.
 */
const char *lws_nstrstr(const char *buf, size_t len, const char *name, size_t nl);

/**
 * Opens a file as open(2) does, and close-on-exec.
 *
 * The mode is read with `O_CREAT` and `O_TMPFILE` only.
 */
int lws_open(const char *file, int oflag, ...);

/**
 * Takes a URI apart: `wss://host:443/path`, `host/path`, `http://[::1]/`, `http://+/unix/socket:/path`.
 *
 * `p` is changed, and the parts point into it (or to static strings). `prot`: what is in front of `://`, or "". `ads`:
 * the address, without brackets. `port`: the one given, or the usual one for http, https, ws and wss; otherwise left as
 * it is. `path`: what follows the first `/`, without it, or "/". Any result may be NULL. Returns 0; -1 if `p` is NULL.
 */
int lws_parse_uri(char *p, const char **prot, const char **ads, int *port, const char **path);

/** In a RECEIVE callback: bytes of the present frame still to come. */
size_t lws_remaining_packet_payload(struct lws *wsi);

/** Lets every connection of a protocol receive again, over all vhosts, as `lws_rx_flow_control(wsi, 1)`. */
void lws_rx_flow_allow_all_protocol(const struct lws_context *context,
		const struct lws_protocols *protocol);

/**
 * Stops (0) or resumes (1) delivery of received data, or changes a set of reasons (`LWS_RXFLOW_REASON_...`).
 *
 * Returns 0; -1: not a connection. From another thread: queued.
 */
int lws_rx_flow_control(struct lws *wsi, int enable);

/** Returns the number in the 2 bytes at `b`, most significant first. */
uint16_t lws_ser_ru16be(const uint8_t *b);

/** Returns the number in the 4 bytes at `b`, most significant first. */
uint32_t lws_ser_ru32be(const uint8_t *b);

/** Returns the number in the 8 bytes at `b`, most significant first. */
uint64_t lws_ser_ru64be(const uint8_t *b);

/** Writes `u` to the 2 bytes at `b`, most significant first. */
void lws_ser_wu16be(uint8_t *b, uint16_t u);

/** Writes `u32` to the 4 bytes at `b`, most significant first. */
void lws_ser_wu32be(uint8_t *b, uint32_t u32);

/** Writes `u64` to the 8 bytes at `b`, most significant first. */
void lws_ser_wu64be(uint8_t *b, uint64_t u64);

/**
 * Makes `realloc` the allocator of the process; NULL goes back to the C library's.
 *
 * `realloc(ptr, size, reason)` behaves as realloc(3), and size 0 frees. To be called before anything is allocated, as
 * memory is freed by whatever allocator is set at that time.
 */
void lws_set_allocator(void *(*realloc)(void *, size_t, const char *));

/** Sets what `lws_get_opaque_parent_data` returns. */
void lws_set_opaque_parent_data(struct lws *wsi, void *data);

/** Sets what `lws_get_opaque_user_data` returns. */
void lws_set_opaque_user_data(struct lws *wsi, void *data);

/** Replaces the session memory; memory that the library allocated is freed, inside a callback when the connection ends. */
void lws_set_wsi_user(struct lws *wsi, void *user);

/**
 * Formats as snprintf(3) does, but never returns more than `size`.
 *
 * Returns the length of the text, or `size` if it was cut; 0 if `size` is 0. The text always ends with a NUL.
 */
int lws_snprintf(char *str, size_t size, const char *format, ...) LWS_FORMAT(3);

/**
 * Copies the string `src` to `dest`, cut to `size` - 1 characters, and fills the rest of the `size` bytes with zeros.
 *
 * There is always a NUL. Returns `dest`. A NULL `src` gives an empty string.
 */
char *lws_strncpy(char *dest, const char *src, size_t size);

/** Compares `len` bytes in a time that does not depend on their contents. Returns 0 if they are equal, else nonzero. */
int lws_timingsafe_bcmp(const void *a, const void *b, uint32_t len);

/**
 * Reads a value as `lws_vbi_encode` writes it, from the `len` bytes at `buf`.
 *
 * Returns how many bytes it took; 0 and `*value` stays as it is if the end was not there or it needs more than 64 bits.
 * (The original stops at the wrong bytes and cannot read what it writes itself.)
 */
int lws_vbi_decode(const void *buf, uint64_t *value, size_t len);

/**
 * Writes `value` with seven bits in each byte, least significant first; the top bit says that more bytes follow.
 *
 * `buf` has room for 4 bytes; `value` is at most 0x0fffffff. Returns how many were written, -1 if `value` is too large.
 */
int lws_vbi_encode(uint64_t value, void *buf);

/** The same as `lws_get_tsi`. */
int lws_wsi_tsi(struct lws *wsi);

/** The session memory of the connection, as callbacks get it in `user`. */
void *lws_wsi_user(struct lws *wsi);

/* end of generated:functions */

/** The distance in bytes from `tail` to `head`. */
#define lws_ptr_diff(head, tail) ((int)((char *)(head) - (char *)(tail)))
#define lws_ptr_diff_size_t(head, tail) ((size_t)(ssize_t)((char *)(head) - (char *)(tail)))

/** lws_strncpy() of a source that has `size1` characters and perhaps no NUL. */
#define lws_strnncpy(dest, src, size1, destsize) \
	lws_strncpy(dest, src, ((size_t)(size1) + 1) < (size_t)(destsize) ? (size_t)(size1) + 1 : (size_t)(destsize))

#endif
