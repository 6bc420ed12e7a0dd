/*
 * lws-ws-state.h: what kind of frame a connection is receiving.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_WS_STATE_H
#define OXLWS_LWS_WS_STATE_H

/** In a RECEIVE callback: 1 if the message is binary. */
int lws_frame_is_binary(struct lws *wsi);

/** In a RECEIVE callback: the reserved bits of the frame, masked with 0x70. */
uint8_t lws_get_reserved_bits(struct lws *wsi);

/** In a RECEIVE callback: 1 in the last call of a message. */
int lws_is_final_fragment(struct lws *wsi);

/** In a RECEIVE callback: 1 in the first call of a message. */
int lws_is_first_fragment(struct lws *wsi);

/** 1 while bytes of an earlier write wait for the socket. */
int lws_partial_buffered(struct lws *wsi);

/** Nonzero while a write would have to wait: something is backlogged, or the socket takes no more now. */
int lws_send_pipe_choked(struct lws *wsi);

#endif
