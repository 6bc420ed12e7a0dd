/*
 * lws-writeable.h: asking for a writeable callback; callbacks to many connections.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_WRITEABLE_H
#define OXLWS_LWS_WRITEABLE_H

/** The credit of what we may send. */
#define LWSTXCR_US_TO_PEER 0
/** The credit of what the peer may send. */
#define LWSTXCR_PEER_TO_US 1

/* generated:functions */

/** Calls `reason` on every connection of a protocol, over all vhosts; `in` NULL. Returns 0. */
int lws_callback_all_protocol(struct lws_context *context, const struct lws_protocols *protocol,
		int reason);

/** Calls `reason` on every connection of a protocol of one vhost; `in` NULL. See the `_args` form. */
int lws_callback_all_protocol_vhost(struct lws_vhost *vh, const struct lws_protocols *protocol,
		int reason);

/**
 * Calls `reason` with `argp` and `len` on every connection of a protocol of one vhost.
 *
 * `protocol` NULL: on all connections of the vhost, each with its own protocol. Returns 0; results do not matter.
 */
int lws_callback_all_protocol_vhost_args(struct lws_vhost *vh, const struct lws_protocols *protocol,
		int reason, void *argp, size_t len);

/**
 * Does what a protocol should do by default: answers an http request with 404, completes transactions.
 *
 * Returns 0, or -1: return it from the callback, the connection is to be closed. All client and ws reasons: 0.
 */
int lws_callback_http_dummy(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		size_t len);

/**
 * Asks for one WRITEABLE callback when the connection can take data.
 *
 * Returns 1: noted; 0: the connection is going down; -1: not a connection. From another thread: queued, 1.
 */
int lws_callback_on_writable(struct lws *wsi);

/** Asks for WRITEABLE on every connection of a protocol. Returns 0. Other threads: queued. */
int lws_callback_on_writable_all_protocol(const struct lws_context *context,
		const struct lws_protocols *protocol);

/** As `lws_callback_on_writable_all_protocol`, for one vhost. */
int lws_callback_on_writable_all_protocol_vhost(const struct lws_vhost *vhost,
		const struct lws_protocols *protocol);

/** Calls `reason` once on every protocol of the connection's vhost; see the `_vhost` form. */
int lws_callback_vhost_protocols(struct lws *wsi, int reason, void *in, size_t len);

/**
 * Calls `reason` once on every protocol of the vhost, in order, with a temporary connection (only its context, vhost
 * and protocol are valid) and `user` NULL. Returns 0, or 1: a callback returned nonzero, and those behind it are left out.
 */
int lws_callback_vhost_protocols_vhost(struct lws_vhost *vh, int reason, void *in, size_t len);

/** Bytes that the peer of an http/2 stream takes now. -1: no limit besides `lws_send_pipe_choked()`. */
lws_fileofs_t lws_get_peer_write_allowance(struct lws *wsi);

/** The descriptor of the connection (for a stream of http/2 that of its connection), -1 if it has none. */
lws_sockfd_type lws_get_socket_fd(struct lws *wsi);

/**
 * What may be sent on this HTTP/2 stream: `LWSTXCR_US_TO_PEER` by us, `LWSTXCR_PEER_TO_US` by the peer, which `add`
 * increases. 0 for connections without flow control of their own; `lws_send_pipe_choked()` tells about those.
 */
int lws_wsi_tx_credit(struct lws *wsi, char peer_to_us, int add);

/* end of generated:functions */

#endif
