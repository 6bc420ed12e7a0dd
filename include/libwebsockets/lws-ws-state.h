/*
 * lws-ws-state.h: what kind of frame a connection is receiving.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_WS_STATE_H
#define OXLWS_LWS_WS_STATE_H

/* generated:functions */

int lws_frame_is_binary(struct lws *wsi);

unsigned char lws_get_reserved_bits(struct lws *wsi);

int lws_is_final_fragment(struct lws *wsi);

int lws_is_first_fragment(struct lws *wsi);

int lws_partial_buffered(struct lws *wsi);

int lws_send_pipe_choked(struct lws *wsi);

/* end of generated:functions */

#endif
