/*
 * lws-adopt.h: giving existing sockets and files to the library; addresses; UDP.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_ADOPT_H
#define OXLWS_LWS_ADOPT_H

/** Bind to the address instead of connecting to it. */
#define LWS_CAUDP_BIND 1
/** Allow broadcasts. */
#define LWS_CAUDP_BROADCAST 2
/** A packet socket. */
#define LWS_CAUDP_PF_PACKET 4

/** What kind of descriptor is adopted, and how; bits. */
typedef enum {
	/** A file descriptor, not a socket. */
	LWS_ADOPT_RAW_FILE_DESC = 0,
	/** The connection begins as HTTP; else it is raw. */
	LWS_ADOPT_HTTP = 1,
	/** The descriptor is a socket. */
	LWS_ADOPT_SOCKET = 2,
	/** With TLS, if the vhost has it. */
	LWS_ADOPT_ALLOW_SSL = 4,
	/** The socket is UDP. */
	LWS_ADOPT_FLAG_UDP = 16,
	LWS_ADOPT_FLAG_RAW_PROXY = 32,
	/** A raw UDP socket. */
	LWS_ADOPT_RAW_SOCKET_UDP = 18
} lws_adoption_type;

typedef union lws_sock_file_fd_type lws_sock_file_fd_type;
typedef union lws_sockaddr46 lws_sockaddr46;

/** A socket or a file, by descriptor. */
union lws_sock_file_fd_type {
	lws_sockfd_type sockfd;
	lws_filefd_type filefd;
};

/** How to adopt a descriptor: argument of `lws_adopt_descriptor_vhost_via_info`. */
struct lws_adopt_desc {
	/** The vhost to belong to. */
	struct lws_vhost *vh;
	/** What kind of descriptor, and how to treat it. */
	lws_adoption_type type;
	/** The descriptor. */
	union lws_sock_file_fd_type fd;
	/** Protocol to bind to; NULL: the one of the role. */
	const char *vh_prot_name;
	/** The connection whose child this is; NULL: none. */
	struct lws *parent;
	/** See lws_get_opaque_user_data(). */
	void *opaque;
};

typedef struct lws_adopt_desc lws_adopt_desc_t;

/** An IPv4 or IPv6 address with port; `sa4.sin_family` tells which. */
union lws_sockaddr46 {
	struct sockaddr_in6 sa6;
	struct sockaddr_in sa4;
};

/** The addresses of a UDP connection. */
struct lws_udp {
	struct sockaddr sa;
	socklen_t salen;
	struct sockaddr sa_pending;
	socklen_t salen_pending;
};

/**
 * Takes a socket or any other descriptor that can be polled into a vhost, as the bits of `type` say.
 *
 * `vh_prot_name`: the protocol to be bound to, NULL: the vhost's choice. `parent`: NULL, or the connection whose end ends
 * this one too. Returns the connection, or NULL.
 */
struct lws *lws_adopt_descriptor_vhost(struct lws_vhost *vh, lws_adoption_type type,
		union lws_sock_file_fd_type fd, const char *vh_prot_name, struct lws *parent);

/** `lws_adopt_descriptor_vhost()` with the arguments in a struct, and the connection's opaque data besides. */
struct lws *lws_adopt_descriptor_vhost_via_info(const lws_adopt_desc_t *info);

/**
 * Takes an accepted socket into the first vhost, as if its listener had accepted it.
 *
 * Returns the connection, or NULL: a callback refused it, and the socket is closed.
 */
struct lws *lws_adopt_socket(struct lws_context *context, lws_sockfd_type accept_fd);

/** Like `lws_adopt_socket()`, with `len` bytes that were read from the socket already; they are copied. */
struct lws *lws_adopt_socket_readbuf(struct lws_context *context, lws_sockfd_type accept_fd,
		const char *readbuf, size_t len);

/**
 * Takes an accepted socket into `vh`, as if its listener had accepted it: http, raw where the vhost says so, with TLS if
 * the vhost has it.
 *
 * Returns the connection, or NULL: a callback refused it, and the socket is closed.
 */
struct lws *lws_adopt_socket_vhost(struct lws_vhost *vh, lws_sockfd_type accept_fd);

/** Like `lws_adopt_socket_vhost()`, with `len` bytes that were read from the socket already; they are copied. */
struct lws *lws_adopt_socket_vhost_readbuf(struct lws_vhost *vhost, lws_sockfd_type accept_fd,
		const char *readbuf, size_t len);

/**
 * Makes a datagram socket and adopts it: bound to `ads` and `port` with LWS_CAUDP_BIND, else connected to them.
 *
 * `ads`: name or numeric address; a name is looked up at once, which may block. NULL: any address of this machine.
 * `ifname`: NULL, or the interface to use. `retry_policy` and `fi_wsi_name` are not used. The callbacks are those of raw
 * connections. Returns the connection, or NULL; the log says why.
 */
struct lws *lws_create_adopt_udp(struct lws_vhost *vhost, const char *ads, int port, int flags,
		const char *protocol_name, const char *ifname, struct lws *parent_wsi, void *opaque,
		const lws_retry_bo_t *retry_policy);

/** The size of the address in `_sa46`. */
#define sa46_socklen(_sa46) ((socklen_t)((_sa46)->sa4.sin_family == AF_INET ? \
		sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)))

/** Stores the port `_sp`, in network order, in whichever address `_sa46` holds. */
#define sa46_sockport(_sa46, _sp) do { \
		if ((_sa46)->sa4.sin_family == AF_INET) \
			(_sa46)->sa4.sin_port = (in_port_t)(_sp); \
		else \
			(_sa46)->sa6.sin6_port = (in_port_t)(_sp); \
	} while (0)

/** The bytes of the address: 4 or 16, in network order. */
#define sa46_address(_sa46) ((uint8_t *)((_sa46)->sa4.sin_family == AF_INET ? \
		(void *)&(_sa46)->sa4.sin_addr : (void *)&(_sa46)->sa6.sin6_addr))

/** How many bytes `sa46_address` has. */
#define sa46_address_len(_sa46) ((uint8_t)((_sa46)->sa4.sin_family == AF_INET ? 4 : 16))

/** `_sa46` as the socket calls want it. */
#define sa46_sockaddr(_sa46) ((struct sockaddr *)(_sa46))

#endif
