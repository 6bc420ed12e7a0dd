/*
 * lws-network-helper.h: addresses of interfaces and peers.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_NETWORK_HELPER_H
#define OXLWS_LWS_NETWORK_HELPER_H

/** The interface has an address. */
#define LWS_ITOSA_USABLE 0
/** There is no such interface. */
#define LWS_ITOSA_NOT_EXIST (-1)
/** The interface has no address of the wanted kind. */
#define LWS_ITOSA_NOT_USABLE (-2)
/** The port is taken. */
#define LWS_ITOSA_BUSY (-3)

struct lws_dns_score;
struct lws_route;

typedef struct lws_dns_score lws_dns_score_t;

typedef struct lws_route lws_route_t;

typedef lws_route_t lws_dns_sort_t;

/** The number of a route. */
typedef uint16_t lws_route_uidx_t;

/** How good an address is to connect to. */
struct lws_dns_score {
	uint8_t precedence;
	uint8_t label;
};

/** A route, or a candidate address with its score. */
struct lws_route {
	lws_dll2_t list;
	lws_sockaddr46 src;
	lws_sockaddr46 dest;
	lws_sockaddr46 gateway;
	struct lws_route *source;
	lws_dns_score_t score;
	int if_idx;
	int priority;
	int ifa_flags;
	lws_route_uidx_t uidx;
	uint8_t proto;
	uint8_t dest_len;
	uint8_t src_len;
	uint8_t scope;
	uint8_t af;
	uint8_t source_ads:1;
};

/* generated:functions */

/**
 * The name of the machine as it was when the context was made, "unknown" with `LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME`;
 * lives as long as the context.
 */
const char *lws_canonical_hostname(struct lws_context *context);

/**
 * Writes the name and the numeric address of the other end of `fd`, which belongs to `wsi`, with final NULs.
 *
 * The name comes from a reverse lookup and **blocks**, up to 5 s: not for a loop that serves others. The address is
 * written without waiting; `::ffff:` in front of an IPv4 address is left out. Both are empty when they cannot be found,
 * as for unix sockets. `name_len` and `rip_len` are the sizes; with `name_len` 0 no name is looked up.
 */
void lws_get_peer_addresses(struct lws *wsi, lws_sockfd_type fd, char *name, int name_len,
		char *rip, int rip_len);

/** Numeric address of the other end as text. Returns `name`. */
const char *lws_get_peer_simple(struct lws *wsi, char *name, size_t namelen);

/**
 * Writes the numeric address of the other end of the socket `fd` to `name`, with a NUL.
 *
 * `namelen`: size of `name`. Returns `name`, which holds `getpeername:` and the system's text if there is no other end.
 */
const char *lws_get_peer_simple_fd(lws_sockfd_type fd, char *name, size_t namelen);

/**
 * Finds the address of the interface `ifname`, which may also be a numeric address, and puts it at `addr`.
 *
 * `ipv6`: nonzero for a `sockaddr_in6` at `addr` (an interface that has only IPv4 is mapped), 0 for a `sockaddr_in`.
 * `addrlen`: size of what is at `addr`. Family, address and scope are set, the rest is zero. Returns `LWS_ITOSA_USABLE`,
 * `LWS_ITOSA_NOT_EXIST` if there is no such interface, `LWS_ITOSA_NOT_USABLE` if it has no fitting address or `addr` is
 * too small.
 */
int lws_interface_to_sa(int ipv6, const char *ifname, struct sockaddr_in *addr, size_t addrlen);

/**
 * Reads the IPv4 or IPv6 address `ads` into the bytes at `result`, in network order.
 *
 * `max_len`: room at `result`. Returns 4 or 16, or a negative number if it is no address or does not fit. Names are not
 * resolved; scopes, brackets and ports are refused.
 */
int lws_parse_numeric_address(const char *ads, uint8_t *result, size_t max_len);

/**
 * Compares two addresses; ports do not count. Returns 0 if family and address are the same, else nonzero.
 *
 * Two structs of one family that is not IPv4 or IPv6 count as the same.
 */
int lws_sa46_compare_ads(const union lws_sockaddr46 *sa46a, const union lws_sockaddr46 *sa46b);

/**
 * Tells whether an address lies in the network of the first `net_len` bits of `sa46_net`. Returns 0 if it does, else 1.
 *
 * An IPv6 address that maps an IPv4 one is looked at as that one in an IPv4 network. An IPv4 address is in no IPv6
 * network. `net_len` 0 or less: every address that can be compared is inside.
 */
int lws_sa46_on_net(const union lws_sockaddr46 *sa46a, const union lws_sockaddr46 *sa46_net,
		int net_len);

/**
 * Reads the IPv4 or IPv6 address `ads` into `sa46`: family and address are set, port and the rest stay.
 *
 * Returns 0, or -1 if it is no numeric address.
 */
int lws_sa46_parse_numeric_address(const char *ads, union lws_sockaddr46 *sa46);

/**
 * Writes the address in `sa46` as text with a NUL, without the port.
 *
 * `len`: size of `buf`. Returns the length, as `lws_write_numeric_address`. A struct without a family gives `(unset)`, a
 * unix socket `(unix skt)`; other families put a remark in `buf` and return -1. In the product of soname 17, as in 4.1.6,
 * all that is not an address gives -1 and an empty text.
 */
int lws_sa46_write_numeric_address(union lws_sockaddr46 *sa46, char *buf, size_t len);

/**
 * Writes the address of `size` (4 or 16) bytes at `ads` as text with a NUL.
 *
 * `len`: size of `buf`; 46 is always enough. Returns the length. An IPv4 address that does not fit is cut, and `len`
 * returned; an IPv6 one, another `size` and NULL give -1.
 */
int lws_write_numeric_address(const uint8_t *ads, int size, char *buf, size_t len);

/* end of generated:functions */

#endif
