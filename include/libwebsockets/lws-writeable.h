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

int lws_callback_all_protocol(struct lws_context *context, const struct lws_protocols *protocol,
		int reason);

int lws_callback_all_protocol_vhost(struct lws_vhost *vh, const struct lws_protocols *protocol,
		int reason);

int lws_callback_all_protocol_vhost_args(struct lws_vhost *vh, const struct lws_protocols *protocol,
		int reason, void *argp, size_t len);

int lws_callback_http_dummy(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		size_t len);

int lws_callback_on_writable(struct lws *wsi);

int lws_callback_on_writable_all_protocol(const struct lws_context *context,
		const struct lws_protocols *protocol);

int lws_callback_on_writable_all_protocol_vhost(const struct lws_vhost *vhost,
		const struct lws_protocols *protocol);

int lws_callback_vhost_protocols(struct lws *wsi, int reason, void *in, size_t len);

int lws_callback_vhost_protocols_vhost(struct lws_vhost *vh, int reason, void *in, size_t len);

lws_fileofs_t lws_get_peer_write_allowance(struct lws *wsi);

lws_sockfd_type lws_get_socket_fd(struct lws *wsi);

int lws_wsi_tx_credit(struct lws *wsi, char peer_to_us, int add);

/* end of generated:functions */

#endif
