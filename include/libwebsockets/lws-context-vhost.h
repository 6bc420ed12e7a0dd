/*
 * lws-context-vhost.h: contexts, vhosts and mounts.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_CONTEXT_VHOST_H
#define OXLWS_LWS_CONTEXT_VHOST_H

/** The bits of auth_mask that say who checks; see enum lws_authentication_mode. */
#define AUTH_MODE_MASK 0xF0000000u

/* Bits of `options` in the creation info; some hold for the context, some for one vhost. */
/** Do not look up the name of this machine. */
#define LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME (1ll << 2)
/** Use the libev event loop. */
#define LWS_SERVER_OPTION_LIBEV (1ll << 4)
/** IPv4 only. */
#define LWS_SERVER_OPTION_DISABLE_IPV6 (1ll << 5)
/** Client: do not trust the authorities of the system. */
#define LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS (1ll << 6)
/** Server: a client certificate is optional. */
#define LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED (1ll << 7)
/** Check that text messages are UTF-8. */
#define LWS_SERVER_OPTION_VALIDATE_UTF8 (1ll << 8)
/** Use the libuv event loop. */
#define LWS_SERVER_OPTION_LIBUV (1ll << 10)
/** Use TLS at all. */
#define LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT (1ll << 12)
/** Server: ask for a client certificate and require it. */
#define LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT ((1ll << 1) | (1ll << 12))
/** Server: look at plain connections to a TLS port instead of dropping them. */
#define LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT ((1ll << 3) | (1ll << 12))
/** Without effect. */
#define LWS_SERVER_OPTION_SSL_ECDH ((1ll << 9) | (1ll << 12))
/** Server, with ALLOW_NON_SSL_ON_SSL_PORT: redirect plain requests to https. */
#define LWS_SERVER_OPTION_REDIRECT_HTTP_TO_HTTPS ((1ll << 11) | (1ll << 12))
/** Context: make no vhost; the program does, with lws_create_vhost(). */
#define LWS_SERVER_OPTION_EXPLICIT_VHOSTS (1ll << 13)
/** Server: iface is the path of a unix socket. */
#define LWS_SERVER_OPTION_UNIX_SOCK (1ll << 14)
/** Server: send Strict-Transport-Security. */
#define LWS_SERVER_OPTION_STS (1ll << 15)
/** Server: set IPV6_V6ONLY as IPV6_V6ONLY_VALUE says. */
#define LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY (1ll << 16)
/** Server: see IPV6_V6ONLY_MODIFY. */
#define LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE (1ll << 17)
/** libuv: handle only SIGINT and SIGTERM. */
#define LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN (1ll << 18)
/** Client: send the origin as it is given. */
#define LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN (1ll << 19)
/** Server: what does not begin as HTTP goes to listen_accept_role. */
#define LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG (1ll << 20)
/** Older name. */
#define LWS_SERVER_OPTION_FALLBACK_TO_RAW LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG
/** Use the libevent event loop. */
#define LWS_SERVER_OPTION_LIBEVENT (1ll << 21)
/** Server: all connections go to listen_accept_role. */
#define LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG (1ll << 22)
/** Older name. */
#define LWS_SERVER_OPTION_ONLY_RAW LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG
/** Server: other processes may listen on the same port. */
#define LWS_SERVER_OPTION_ALLOW_LISTEN_SHARE (1ll << 23)
/** Server: prepare TLS although no certificate is given yet. */
#define LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX (1ll << 24)
/** Do not initialise the protocols. */
#define LWS_SERVER_OPTION_SKIP_PROTOCOL_INIT (1ll << 25)
/** Server: start although certificate files are missing. */
#define LWS_SERVER_OPTION_IGNORE_MISSING_CERT (1ll << 26)
/** Server: websocket requests must name the vhost in Host. */
#define LWS_SERVER_OPTION_VHOST_UPG_STRICT_HOST_CHECK (1ll << 27)
/** Server: send headers that restrict what pages may do. */
#define LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE (1ll << 28)
/** Server, with ALLOW_NON_SSL_ON_SSL_PORT: serve plain requests. */
#define LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER (1ll << 29)
/** Server: fail if iface does not exist. */
#define LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND (1ll << 30)
/** HTTP/2: forgive an overflow of the window. */
#define LWS_SERVER_OPTION_H2_JUST_FIX_WINDOW_UPDATE_OVERFLOW (1ll << 31)
/** Server: half-closed HTTP/2 streams have no timeout. */
#define LWS_SERVER_OPTION_VH_H2_HALF_CLOSED_LONG_POLL (1ll << 32)
/** Use the glib event loop. */
#define LWS_SERVER_OPTION_GLIB (1ll << 33)
/** Server: plain connections are HTTP/2 from the first byte. */
#define LWS_SERVER_OPTION_H2_PRIOR_KNOWLEDGE (1ll << 34)
/** Do not run the system states. */
#define LWS_SERVER_OPTION_NO_LWS_SYSTEM_STATES (1ll << 35)
/** Not built. */
#define LWS_SERVER_OPTION_SS_PROXY (1ll << 36)
/** Use the sd-event event loop. */
#define LWS_SERVER_OPTION_SDEVENT (1ll << 37)
/** Use the uloop event loop. */
#define LWS_SERVER_OPTION_ULOOP (1ll << 38)
/** Client: do not resume TLS sessions. */
#define LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE (1ll << 39)

/* generated:enums */

/** Who checks the credentials of a mount. */
enum lws_authentication_mode {
	/** A file of `user:password` lines. */
	LWSAUTHM_DEFAULT = 0,
	/** LWS_CALLBACK_VERIFY_BASIC_AUTHORIZATION. */
	LWSAUTHM_BASIC_AUTH_CALLBACK = 268435456
};

/** What the origin of a mount is; the mount member `origin_protocol`. */
enum lws_mount_protocols {
	/** A proxied http server. */
	LWSMPRO_HTTP = 0,
	/** A proxied https server. */
	LWSMPRO_HTTPS = 1,
	/** A folder. */
	LWSMPRO_FILE = 2,
	/** A CGI program. */
	LWSMPRO_CGI = 3,
	/** A redirect to http. */
	LWSMPRO_REDIR_HTTP = 4,
	/** A redirect to https. */
	LWSMPRO_REDIR_HTTPS = 5,
	/** A protocol of the vhost. */
	LWSMPRO_CALLBACK = 6
};

/* end of generated:enums */

/* generated:types */

/** A node of a list of name and value pairs, with children: per-vhost options, extra headers, mimetypes. */
struct lws_protocol_vhost_options {
	/** The next on this level, or NULL. */
	const struct lws_protocol_vhost_options *next;
	/** The first of its children, or NULL. */
	const struct lws_protocol_vhost_options *options;
	/** What it is. */
	const char *name;
	/** Its value. */
	const char *value;
};

/** How to create a context or a vhost. Zero it, then set what is needed. */
struct lws_context_creation_info {
	/** Vhost: interface name, address or unix socket path to listen on; NULL: all interfaces. */
	const char *iface;
	/** Vhost: table of protocols ending with a NULL callback; kept by pointer in part, so it must stay. */
	const struct lws_protocols *protocols;
	/** Vhost: table of websocket extensions; NULL: none. */
	const struct lws_extension *extensions;
	/** Context: longest value for each known header; NULL: no limits. */
	const struct lws_token_limits *token_limits;
	/** Vhost, client: proxy `[user:password@]host[:port]`; NULL: from the environment variable http_proxy. */
	const char *http_proxy_address;
	/** Vhost: headers added to every response; names with their colon. */
	const struct lws_protocol_vhost_options *headers;
	/** Context: parts of User-Agent values to refuse; values are `code text`. */
	const struct lws_protocol_vhost_options *reject_service_keywords;
	/** Vhost: which protocols to initialise, with their options; NULL: all. */
	const struct lws_protocol_vhost_options *pvo;
	/** Vhost: access log; not built in this configuration. */
	const char *log_filepath;
	/** Vhost: list of mounts; NULL: none. */
	const struct lws_http_mount *mounts;
	/** Context: value of the Server header; NULL: no such header. */
	const char *server_string;
	/** Vhost: URL that a missing file is redirected to. */
	const char *error_document_404;
	/** Vhost: port to listen on, 0 for any free one, or a CONTEXT_PORT_ value. */
	int port;
	/** Vhost, client: port of the proxy. */
	unsigned int http_proxy_port;
	/** Context: used where max_http_header_data is 0. */
	unsigned int max_http_header_data2;
	/** Context: used where max_http_header_pool is 0. */
	unsigned int max_http_header_pool2;
	/** Vhost: seconds an idle HTTP connection is kept; 0: 5, for HTTP/2 31. */
	int keepalive_timeout;
	/** Vhost: with [0] nonzero, [1] to [6] are HTTP/2 settings to announce. */
	uint32_t http2_settings[7];
	/** Context: bytes for the headers of one transaction; 0: 4096. */
	unsigned short max_http_header_data;
	/** Context: how many transactions can have headers at once; 0: as many as connections. */
	unsigned short max_http_header_pool;
	/** Vhost, server: passphrase of the private key. */
	const char *ssl_private_key_password;
	/** Vhost, server: certificate chain, PEM. */
	const char *ssl_cert_filepath;
	/** Vhost, server: private key, PEM. */
	const char *ssl_private_key_filepath;
	/** Vhost, server: authorities for client certificates, PEM. */
	const char *ssl_ca_filepath;
	/** Vhost, server: ciphers up to TLS 1.2; NULL: the defaults. */
	const char *ssl_cipher_list;
	/** Vhost, server: name of the curve; NULL: prime256v1. */
	const char *ecdh_curve;
	/** Vhost, server: cipher suites of TLS 1.3. */
	const char *tls1_3_plus_cipher_list;
	/** Vhost, server: the certificate in memory, PEM or DER. */
	const void *server_ssl_cert_mem;
	/** Vhost, server: the private key in memory, PEM or DER. */
	const void *server_ssl_private_key_mem;
	/** Vhost, server: the authorities in memory, PEM or DER. */
	const void *server_ssl_ca_mem;
	/** Vhost, server: SSL_OP_ bits to set. */
	long ssl_options_set;
	/** Vhost, server: SSL_OP_ bits to clear. */
	long ssl_options_clear;
	/** Context: most TLS connections at once; 0: no limit. */
	int simultaneous_ssl_restriction;
	/** Context: most TLS handshakes at once; 0: no limit. */
	int simultaneous_ssl_handshake_restriction;
	/** Vhost: which TLS events are reported by LWS_CALLBACK_SSL_INFO. */
	int ssl_info_event_mask;
	/** Bytes at server_ssl_cert_mem. */
	unsigned int server_ssl_cert_mem_len;
	/** Bytes at server_ssl_private_key_mem. */
	unsigned int server_ssl_private_key_mem_len;
	/** Bytes at server_ssl_ca_mem. */
	unsigned int server_ssl_ca_mem_len;
	/** Vhost, server: protocols to offer with ALPN, separated by commas; NULL: `h2,http/1.1`. */
	const char *alpn;
	/** Vhost, client: passphrase of the private key. */
	const char *client_ssl_private_key_password;
	/** Vhost, client: certificate chain, PEM. */
	const char *client_ssl_cert_filepath;
	/** Vhost, client: the certificate in memory. */
	const void *client_ssl_cert_mem;
	/** Bytes at client_ssl_cert_mem. */
	unsigned int client_ssl_cert_mem_len;
	/** Vhost, client: private key, PEM. */
	const char *client_ssl_private_key_filepath;
	/** Vhost, client: the private key in memory. */
	const void *client_ssl_key_mem;
	/** Vhost, client: authorities to trust, PEM. */
	const char *client_ssl_ca_filepath;
	/** Vhost, client: the authorities in memory. */
	const void *client_ssl_ca_mem;
	/** Vhost, client: ciphers up to TLS 1.2. */
	const char *client_ssl_cipher_list;
	/** Vhost, client: cipher suites of TLS 1.3. */
	const char *client_tls_1_3_plus_cipher_list;
	/** Vhost, client: SSL_OP_ bits to set. */
	long ssl_client_options_set;
	/** Vhost, client: SSL_OP_ bits to clear. */
	long ssl_client_options_clear;
	/** Bytes at client_ssl_ca_mem. */
	unsigned int client_ssl_ca_mem_len;
	/** Bytes at client_ssl_key_mem. */
	unsigned int client_ssl_key_mem_len;
	/** Vhost, client: an OpenSSL context to use. */
	SSL_CTX *provided_client_ssl_ctx;
	/** Vhost: seconds of silence before TCP keepalive probes; 0: none. Needs ka_interval too. */
	int ka_time;
	/** Vhost: how many probes go unanswered before the connection is given up. */
	int ka_probes;
	/** Vhost: seconds between probes. */
	int ka_interval;
	/** Context: seconds to wait for network operations; 0: 15. */
	unsigned int timeout_secs;
	/** Vhost, client: seconds for the whole TCP connect; 0: 20. */
	unsigned int connect_timeout_secs;
	/** Vhost: nonzero binds sockets to the device of iface. */
	int bind_iface;
	/** Vhost, server: seconds that a connection may hold header space without progress; 0: 10. */
	unsigned int timeout_secs_ah_idle;
	/** Vhost, client: seconds a TLS session is kept; 0: 300. */
	uint32_t tls_session_timeout;
	/** Vhost, client: how many TLS sessions are kept; 0: 10. */
	uint32_t tls_session_cache_max;
	/** Context: group to change to; 0 and -1: none. */
	gid_t gid;
	/** Context: user to change to; 0 and -1: none. */
	uid_t uid;
	/** Context and vhost: LWS_SERVER_OPTION_ bits. */
	uint64_t options;
	/** Context and vhost: pointer of the program, see lws_context_user() and lws_vhost_user(). */
	void *user;
	/** Context: service threads; at most LWS_MAX_SMP. */
	unsigned int count_threads;
	/** Context: most descriptors; 0: the limit of the process. */
	unsigned int fd_limit_per_thread;
	/** Vhost: name that Host headers and SNI are compared with; NULL: `default`. */
	const char *vhost_name;
	/** Context: freed when the context is gone. */
	void *external_baggage_free_on_destroy;
	/** Context: bytes of the buffer that reads go to; 0: 4096. */
	unsigned int pt_serv_buf_size;
	/** Context: file systems besides that of the platform. */
	const struct lws_plat_file_ops *fops;
	/** Context: capabilities kept when the user changes. */
	cap_value_t caps[4];
	/** How many of caps count. */
	char count_caps;
	/** Context: array of event loops of the program, one for each service thread. */
	void **foreign_loops;
	/** Context: called by event loops for signals. */
	void (*signal_cb)(void *event_lib_handle, int signum);
	/** Context: `*pcontext` becomes NULL when the context is gone. */
	struct lws_context **pcontext;
	/** Vhost: called when the vhost is gone. */
	void (*finalize)(struct lws_vhost *vh, void *arg);
	/** Given to finalize. */
	void *finalize_arg;
	/** Vhost: role of accepted connections; NULL: HTTP. */
	const char *listen_accept_role;
	/** Vhost: protocol of accepted connections where the role is not HTTP. */
	const char *listen_accept_protocol;
	/** Vhost: array of pointers to protocols ending with NULL, used if protocols is NULL. */
	const struct lws_protocols **pprotocols;
	/** Context: user to change to, by name. */
	const char *username;
	/** Context: group to change to, by name. */
	const char *groupname;
	/** Vhost: owner of the unix socket, `user:group`. */
	const char *unix_socket_perms;
	/** Context: what the program does for the system; may be NULL. */
	const lws_system_ops_t *system_ops;
	/** Vhost, with the context as default: when idle connections are pinged and given up; NULL: 300 and 310 seconds. */
	const lws_retry_bo_t *retry_and_idle_policy;
	/** Context: listeners of the system state, array ending with NULL. */
	lws_state_notify_link_t *const *register_notifier_list;
	/** Context: if nonzero, the descriptor limit of the process to set. */
	int rlimit_nofile;
	/** Context: a listener for system messages from the first one on. */
	lws_smd_notification_cb_t early_smd_cb;
	/** Given to early_smd_cb. */
	void *early_smd_opaque;
	/** The classes that early_smd_cb wants. */
	lws_smd_class_t early_smd_class_filter;
	/** Context: how long system messages live; 0: 2 seconds. */
	lws_usec_t smd_ttl_us;
	/** Context: most system messages waiting; 0: 40. */
	uint16_t smd_queue_depth;
	/** Vhost: queue length of TCP fast open; 0: off. */
	int fo_listen_queue;
	/** Context: an event loop that the program brings. */
	const struct lws_plugin_evlib *event_lib_custom;
	/** Context and vhost: where their lines go; NULL: the log context of the process. */
	lws_log_cx_t *log_cx;
	/** Context: cookie jar file for client connections with LCCSCF_CACHE_COOKIES; NULL: none. */
	const char *http_nsc_filepath;
	/** Context: most bytes of cookies in memory; 0: no limit. */
	size_t http_nsc_heap_max_footprint;
	/** Context: most cookies in memory; 0: no limit. */
	size_t http_nsc_heap_max_items;
	/** Context: longest cookie; 0: no limit. */
	size_t http_nsc_heap_max_payload;
	/** Room for later releases; leave it zero. */
	void *_unused[2];
};

/** Called when a deprecated context has given up its listening sockets. */
typedef int (*lws_reload_func)(void);

/* end of generated:types */

/** Called when a context is ready. */
typedef int (*lws_context_ready_cb_t)(struct lws_context *);

/** Called when a peer has reached its limits. */
typedef int (*lws_peer_limits_notify_t)(struct lws_context *, lws_sockfd_type, lws_sockaddr46 *);

/** Where a part of the URL space of a vhost is served from. */
struct lws_http_mount {
	/** The next mount, or NULL. */
	const struct lws_http_mount *mount_next;
	/** Prefix of the URLs. */
	const char *mountpoint;
	/** FILE: folder; CALLBACK: name of the protocol; redirects: host and path. */
	const char *origin;
	/** File for a URL that is a folder; NULL: index.html. */
	const char *def;
	/** Name of a protocol that requests below the mount are bound to; NULL: none. */
	const char *protocol;
	/** Options given to that protocol with LWS_CALLBACK_HTTP_PMO. */
	const struct lws_protocol_vhost_options *cgienv;
	/** Suffixes and their types, besides the known ones. */
	const struct lws_protocol_vhost_options *extra_mimetypes;
	/** Suffixes of files to pass through LWS_CALLBACK_PROCESS_HTML, and the protocols to do it. */
	const struct lws_protocol_vhost_options *interpret;
	/** Seconds a CGI may take. */
	int cgi_timeout;
	/** Seconds that clients may keep files. */
	int cache_max_age;
	/** Who checks credentials (AUTH_MODE_MASK), and bits for LWS_CALLBACK_CHECK_ACCESS_RIGHTS. */
	unsigned int auth_mask;
	/** Nonzero: files may be kept by clients. */
	unsigned int cache_reusable:1;
	/** Nonzero: they must ask again when the age is over. */
	unsigned int cache_revalidate:1;
	/** Nonzero: proxies may keep files too. */
	unsigned int cache_intermediaries:1;
	/** What the origin is; see enum lws_mount_protocols. */
	unsigned char origin_protocol;
	/** Length of mountpoint; must be set. */
	unsigned char mountpoint_len;
	/** File of `user:password` lines; NULL: no such check. */
	const char *basic_auth_login_file;
};

/* generated:functions */

/**
 * Marks a context as one that another replaces: it listens no more, its connections stay. `cb`, if given, is called when
 * the listening sockets are closed; the context may then be destroyed when its last connection ended.
 */
void lws_context_deprecate(struct lws_context *context, lws_reload_func cb);

/**
 * Ends a context: its connections are closed with their callbacks, its memory is given back, the pointer is dead.
 *
 * From inside a callback it is marked, and carried out when the running `lws_service()` unwinds, which then returns a
 * negative value. From another thread likewise. NULL is allowed.
 */
void lws_context_destroy(struct lws_context *context);

/** Nonzero once the destruction of the context has begun. */
int lws_context_is_being_destroyed(struct lws_context *context);

/** 1 once `lws_context_deprecate` was called, else 0. */
int lws_context_is_deprecated(struct lws_context *context);

/** The pointer that was `info.user` of the context. */
void *lws_context_user(struct lws_context *context);

/**
 * Makes a context, and unless `LWS_SERVER_OPTION_EXPLICIT_VHOSTS` is set a vhost from the same info.
 *
 * Returns the context, or NULL; the log says why.
 */
struct lws_context *lws_create_context(const struct lws_context_creation_info *info);

/**
 * Adds a vhost to a context. Its protocols are initialised inside the call once the loop has run.
 *
 * Returns the vhost, or NULL; the log says why.
 */
struct lws_vhost *lws_create_vhost(struct lws_context *context,
		const struct lws_context_creation_info *info);

/** The vhost of a connection. */
struct lws_vhost *lws_get_vhost(struct lws *wsi);

/** The vhost with this name, or NULL. */
struct lws_vhost *lws_get_vhost_by_name(struct lws_context *context, const char *name);

/** The interface given when the vhost was made, or NULL; lives as long as the vhost. */
const char *lws_get_vhost_iface(struct lws_vhost *vhost);

/** The name of a vhost; lives as long as it. */
const char *lws_get_vhost_name(struct lws_vhost *vhost);

/** The port given when the vhost was made. */
int lws_get_vhost_port(struct lws_vhost *vhost);

/** The same as `lws_vhost_user`. */
void *lws_get_vhost_user(struct lws_vhost *vhost);

/**
 * Sets or replaces the http proxy of a vhost: `[http://][user:password@]host[:port]`. Returns 0, or -1: not usable.
 *
 * The port must be there; in the product of soname 17, as in 4.1.6, that of the proxy which the vhost has counts in its
 * place.
 */
int lws_set_proxy(struct lws_vhost *vhost, const char *proxy);

/**
 * Returns the tag of a vhost, as it stands in log lines, with its brackets; `[null vh]` for NULL.
 *
 * The string lives as that of `lws_wsi_tag`.
 */
const char *lws_vh_tag(struct lws_vhost *vh);

/** Ends a vhost: it stops listening, its connections are closed, its protocols get PROTOCOL_DESTROY. */
void lws_vhost_destroy(struct lws_vhost *vh);

/** The pointer that was `info.user` of the vhost. */
void *lws_vhost_user(struct lws_vhost *vhost);

/**
 * Fills `info` with what configuration files of the lwsws server say under `"global"`: `d/conf`, then the files of the
 * folder `d/conf.d` in the order of their names, without those that end in `~`, folders and symbolic links. A later
 * value replaces an earlier one, `reject-service-keywords` are added. What no file says stays as it is.
 *
 * `*config_strings` is memory of the program with room for `*len` bytes; texts and lists that `info` then points to are
 * put there, and both are moved on behind them. It must stay as long as the context. 4 KiB are plenty.
 *
 * Returns 0, or 1 if `d/conf` cannot be read or has a mistake, or if the memory is too small; the log has the file, the
 * line and the column. A mistake in a file of `d/conf.d` is logged and ends the reading there, with 0. Unknown names are
 * warned about and left out. Left out are also, with a warning: `plugin-dir`, `ip-limit-ah`, `ip-limit-wsi`,
 * `ws-pingpong-secs`.
 */
int lwsws_get_config_globals(struct lws_context_creation_info *info, const char *d,
		char **config_strings, int *len);

/**
 * Makes the vhosts that configuration files of the lwsws server list under `"vhosts"`, with their mounts, headers,
 * protocol options and TLS files. Which files: see `lwsws_get_config_globals()`.
 *
 * `info`: protocols, pprotocols, extensions, server_string, timeout_secs, count_threads and the options for event loops
 * and TLS count for each vhost; all else is replaced by what the files say. Afterwards it describes the last vhost.
 * `config_strings` and `len` are as for `lwsws_get_config_globals()`, and must stay as long as the vhosts. In values,
 * `_lws_ddir_` stands for /usr/share.
 *
 * Returns 0, or 1 if no vhost was made, if `d/conf` cannot be read or has a mistake, or if the memory is too small; the
 * log has the file, the line and the column. A mistake in a file of `d/conf.d`, or a vhost there that cannot be made, is
 * logged and ends the reading; what was made before stays, with 0. Unknown names are warned about and left out. Left out
 * are also, with a warning: `access-log`, `disable-no-protocol-ws-upgrades`; requests for cgi:// mounts go to
 * LWS_CALLBACK_HTTP, as without LWS_WITH_CGI. To be called in the service thread.
 */
int lwsws_get_config_vhosts(struct lws_context *context, struct lws_context_creation_info *info,
		const char *d, char **config_strings, int *len);

/* end of generated:functions */

/** Nonzero if all bits of `f` are set in the options `c`. */
#define lws_check_opt(c, f) ((((uint64_t)(c)) & ((uint64_t)(f))) == ((uint64_t)(f)))

#endif
