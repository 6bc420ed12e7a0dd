/*
 * libwebsockets.h: the API of libwebsockets 4.3.5, as oxlws implements it.
 *
 * Programs include this file and nothing else of the library. It brings its configuration (lws_config.h, which may also
 * be included alone), the system headers below, which programs rely on, and one header for each area of the API.
 *
 * C99 or later, C++98 or later. Parts between `generated` markers come from the Rust sources; see CONTRIBUTING.
 */
#ifndef LIBWEBSOCKET_H_3060898B846849FF9F88F5DB59B5950C
#define LIBWEBSOCKET_H_3060898B846849FF9F88F5DB59B5950C

#ifdef __cplusplus
#include <cstddef>
#include <cstdarg>
#else
#include <stdarg.h>
#endif

#include "lws_config.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * OpenSSL and libcap are not needed to build against this library. Where their headers are installed they are included,
 * because programs written for the original find them here; else the types that appear in this API are declared.
 */
#if defined(__has_include)
#if __has_include(<openssl/ssl.h>)
#define OXLWS_HAS_OPENSSL 1
#endif
#if __has_include(<sys/capability.h>)
#define OXLWS_HAS_CAPABILITY 1
#endif
#endif

#if defined(OXLWS_HAS_OPENSSL)
#include <openssl/ssl.h>
#include <openssl/err.h>
#endif
#if defined(OXLWS_HAS_CAPABILITY)
#include <sys/capability.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(OXLWS_HAS_OPENSSL)
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct engine_st ENGINE;
typedef struct bignum_st BIGNUM;
typedef struct rsa_st RSA;
typedef struct evp_cipher_st EVP_CIPHER;
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct evp_md_st EVP_MD;
typedef struct evp_md_ctx_st EVP_MD_CTX;
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;
#endif
#if !defined(OXLWS_HAS_CAPABILITY)
typedef int cap_value_t;
#endif

/* Compilers. */

/* Symbols of a shared library are visible without decoration here. */
#define LWS_VISIBLE
#define LWS_EXTERN
#define LWS_INLINE inline

#if defined(__GNUC__)
#define LWS_WARN_UNUSED_RESULT __attribute__((warn_unused_result))
#define LWS_WARN_DEPRECATED __attribute__((deprecated))
/** The function is like printf: argument `string_index` is the format, and what it formats begins behind it. */
#define LWS_FORMAT(string_index) __attribute__((format(printf, string_index, string_index + 1)))
#else
#define LWS_WARN_UNUSED_RESULT
#define LWS_WARN_DEPRECATED
#define LWS_FORMAT(string_index)
#endif

/* What old programs test before they use it. */
#define LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_LEN
#define LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_ARG
#define LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
#define LWS_FEATURE_PROTOCOLS_HAS_PEER_WRITE_ALLOWANCE
#define LWS_FEATURE_FOPS

/* Sizes and times. */
#define LWS_KI 1024
#define LWS_MI (LWS_KI * 1024)
#define LWS_GI (LWS_MI * 1024)
#define LWS_TI ((uint64_t)LWS_GI * 1024)
#define LWS_PI ((uint64_t)LWS_TI * 1024)

#define LWS_US_PER_SEC ((lws_usec_t)1000000)
#define LWS_MS_PER_SEC ((lws_usec_t)1000)
#define LWS_US_PER_MS ((lws_usec_t)1000)
#define LWS_NS_PER_US ((lws_usec_t)1000)
/** Microseconds to the nearest millisecond. */
#define LWS_US_TO_MS(x) (((x) + (LWS_US_PER_MS / 2)) / LWS_US_PER_MS)

/* The names of things of this platform. */
#define lws_intptr_t intptr_t
#define lws_pollfd pollfd
#define LWS_POLLHUP (POLLHUP | POLLERR)
#define LWS_POLLIN (POLLIN)
#define LWS_POLLOUT (POLLOUT)
#define LWS_SOCK_INVALID (-1)
#define LWS_INVALID_FILE (-1)
#define LWS_O_RDONLY O_RDONLY
#define LWS_O_WRONLY O_WRONLY
#define LWS_O_CREAT O_CREAT
#define LWS_O_TRUNC O_TRUNC

/** As `port`: the vhost does not listen. */
#define CONTEXT_PORT_NO_LISTEN (-1)
/** As `port`: the vhost does not listen, but its server side is prepared for adopted sockets. */
#define CONTEXT_PORT_NO_LISTEN_SERVER (-2)

/* Conveniences. */

#if !defined(lws_container_of)
/** The object of type `T` whose member `M` is at `P`. */
#define lws_container_of(P, T, M) ((T *)((char *)(P) - offsetof(T, M)))
#endif

/** Raises `x` to the next multiple of `bou`. */
#define LWS_ALIGN_TO(x, bou) x += ((bou) - ((x) % (bou))) % (bou)

/* For arrays filled from the front, of which `_l` bytes are still free: the next byte to fill, and how many are used. */
#define lws_concat_temp(_t, _l) ((_t) + sizeof(_t) - (_l))
#define lws_concat_used(_t, _l) (sizeof(_t) - (_l))

/* A mutex where contexts have several service threads; with one, nothing. */
#if LWS_MAX_SMP > 1
#error "this library is built with LWS_MAX_SMP 1"
#endif
#define lws_pthread_mutex(name)
#define lws_pthread_mutex_init(_a)
#define lws_pthread_mutex_destroy(_a)
#define lws_pthread_mutex_lock(_a)
#define lws_pthread_mutex_unlock(_a)

/* What programs only hold pointers to. */
struct _lejp_parsing_stack;
struct _lejp_stack;
struct lejp_ctx;
/** A connection. */
struct lws;
struct lws_acme_cert_aging_args;
struct lws_adopt_desc;
/** A pending `lws_system` attachment from another thread. */
struct lws_attach_item;
struct lws_b64state;
/** A list of buffered segments. */
struct lws_buflist;
struct lws_cache_creation_info;
struct lws_cache_match;
struct lws_cache_ops;
struct lws_cache_results;
/** A cache level. */
struct lws_cache_ttl_lru;
struct lws_cgi_args;
struct lws_client_connect_info;
struct lws_conmon;
/** A context: the service loop and everything that runs in it. */
struct lws_context;
struct lws_context_creation_info;
/** One service thread of a context. */
struct lws_context_per_thread;
struct lws_dir_entry;
struct lws_dir_glob;
struct lws_dll2;
struct lws_dll2_owner;
/** A ring of buffers of several kinds (not part of this configuration). */
struct lws_dsh;
struct lws_event_loop_ops;
struct lws_ext_option_arg;
struct lws_ext_options;
struct lws_extension;
struct lws_filter_network_conn_args;
struct lws_fop_fd;
struct lws_fops_index;
struct lws_http_mount;
struct lws_humanize_unit;
struct lws_log_cx;
/** A map. */
struct lws_map;
struct lws_map_info;
/** An item of a map. */
struct lws_map_item;
/** A metric. */
struct lws_metric;
struct lws_metric_bucket;
struct lws_metric_pub;
struct lws_plat_file_ops;
struct lws_plugin;
struct lws_plugin_evlib;
struct lws_plugin_header;
struct lws_plugin_protocol;
struct lws_pollargs;
struct lws_process_html_args;
struct lws_process_html_state;
struct lws_protocol_vhost_options;
struct lws_protocols;
struct lws_retry_bo;
/** A ring buffer. */
struct lws_ring;
/** A sequencer (not part of this configuration). */
struct lws_sequencer;
/** A system message on its way. */
struct lws_smd_msg;
/** A registered listener for system messages. */
struct lws_smd_peer;
struct lws_sorted_usec_list;
/** A form parser. */
struct lws_spa;
struct lws_spa_create_info;
struct lws_ssl_info;
struct lws_state_manager;
struct lws_state_notify_link;
struct lws_strexp;
/** A blob the system keeps for its users. */
struct lws_system_blob;
struct lws_system_ops;
struct lws_tls_session_dump;
struct lws_token_limits;
struct lws_tokenize;
struct lws_tokens;
struct lws_udp;
/** A virtual host of a context. */
struct lws_vhost;
/** A certificate. */
struct lws_x509_cert;
struct lws_xos;
/** A chunk of the chunk allocator. */
struct lwsac;

/** A socket descriptor. */
typedef int lws_sockfd_type;

/** A file descriptor. */
typedef int lws_filefd_type;

/** An absolute file position or size in bytes. */
typedef unsigned long long lws_filepos_t;

/** Flags of an open file: the low bits as for `open`, the `LWS_FOP_FLAG` bits above. */
typedef uint32_t lws_fop_flags_t;

/** A relative file position in bytes. */
typedef long long lws_fileofs_t;

/** A time or time span in microseconds. */
typedef int64_t lws_usec_t;

/** A context, by pointer. */
typedef struct lws_context *lws_ctx_t;

/** What the poll descriptor callbacks pass in `in`. */
struct lws_pollargs {
	/** The descriptor. */
	lws_sockfd_type fd;
	/** The events wanted now. */
	int events;
	/** The events wanted before. */
	int prev_events;
};

/* Containers, text and logging. */
#include "libwebsockets/lws-dll2.h"
#include "libwebsockets/lws-lwsac.h"
#include "libwebsockets/lws-map.h"
#include "libwebsockets/lws-ring.h"
#include "libwebsockets/lws-logs.h"
#include "libwebsockets/lws-tokenize.h"
#include "libwebsockets/lws-lejp.h"
#include "libwebsockets/lws-fault-injection.h"
#include "libwebsockets/lws-sha1-base64.h"
#include "libwebsockets/lws-purify.h"

/* Time and system. */
#include "libwebsockets/lws-timeout-timer.h"
#include "libwebsockets/lws-retry.h"
#include "libwebsockets/lws-smd.h"
#include "libwebsockets/lws-state.h"
#include "libwebsockets/lws-metrics.h"
#include "libwebsockets/lws-adopt.h"
#include "libwebsockets/lws-system.h"

/* Protocols, contexts and connections. */
#include "libwebsockets/lws-stats.h"
#include "libwebsockets/lws-callbacks.h"
#include "libwebsockets/lws-ws-close.h"
#include "libwebsockets/lws-ws-state.h"
#include "libwebsockets/lws-ws-ext.h"
#include "libwebsockets/lws-protocols-plugins.h"
#include "libwebsockets/lws-context-vhost.h"
#include "libwebsockets/lws-client.h"
#include "libwebsockets/lws-conmon.h"
#include "libwebsockets/lws-http.h"
#include "libwebsockets/lws-spa.h"
#include "libwebsockets/lws-write.h"
#include "libwebsockets/lws-writeable.h"
#include "libwebsockets/lws-service.h"
#include "libwebsockets/lws-network-helper.h"
#include "libwebsockets/lws-misc.h"
#include "libwebsockets/lws-vfs.h"
#include "libwebsockets/lws-x509.h"
#include "libwebsockets/lws-tls-sessions.h"
#include "libwebsockets/lws-cache-ttl.h"
#include "libwebsockets/lws-eventlib-exports.h"
#include "libwebsockets/lws-cgi.h"

/* Not built in this configuration: types and constants only. */
#include "libwebsockets/lws-dsh.h"
#include "libwebsockets/lws-diskcache.h"
#include "libwebsockets/lws-fts.h"
#include "libwebsockets/lws-threadpool.h"
#include "libwebsockets/lws-sequencer.h"
#include "libwebsockets/lws-async-dns.h"
#include "libwebsockets/lws-struct.h"
#include "libwebsockets/lws-lecp.h"
#include "libwebsockets/lws-gencrypto.h"
#include "libwebsockets/lws-genhash.h"
#include "libwebsockets/lws-genrsa.h"
#include "libwebsockets/lws-genaes.h"
#include "libwebsockets/lws-genec.h"
#include "libwebsockets/lws-jwk.h"
#include "libwebsockets/lws-jose.h"
#include "libwebsockets/lws-jws.h"
#include "libwebsockets/lws-jwe.h"
#include "libwebsockets/lws-cose.h"
#include "libwebsockets/lws-secure-streams.h"
#include "libwebsockets/lws-secure-streams-policy.h"
#include "libwebsockets/lws-secure-streams-client.h"
#include "libwebsockets/lws-mqtt.h"
#include "libwebsockets/lws-dbus.h"
#include "libwebsockets/lws-freertos.h"
#include "libwebsockets/lws-optee.h"
#include "libwebsockets/abstract/abstract.h"
#include "libwebsockets/abstract/protocols.h"
#include "libwebsockets/abstract/protocols/smtp.h"
#include "libwebsockets/abstract/transports.h"
#include "libwebsockets/abstract/transports/raw-skt.h"
#include "libwebsockets/abstract/transports/unit-test.h"
#include "libwebsockets/lws-test-sequencer.h"

/* Drivers of embedded boards: types and constants only. */
#include "libwebsockets/lws-gpio.h"
#include "libwebsockets/lws-i2c.h"
#include "libwebsockets/lws-bb-i2c.h"
#include "libwebsockets/lws-spi.h"
#include "libwebsockets/lws-bb-spi.h"
#include "libwebsockets/lws-button.h"
#include "libwebsockets/lws-led.h"
#include "libwebsockets/lws-pwm.h"
#include "libwebsockets/lws-display.h"
#include "libwebsockets/lws-ssd1306-i2c.h"
#include "libwebsockets/lws-ili9341-spi.h"
#include "libwebsockets/lws-settings.h"
#include "libwebsockets/lws-netdev.h"

#ifdef __cplusplus
}
#endif

#endif
