/*
 * lws-service.h: the service loop.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SERVICE_H
#define OXLWS_LWS_SERVICE_H

/* generated:functions */

void lws_cancel_service(struct lws_context *context);

void lws_cancel_service_pt(struct lws *wsi);

int lws_handle_POLLOUT_event(struct lws *wsi, struct pollfd *pollfd);

int lws_service(struct lws_context *context, int timeout_ms);

int lws_service_adjust_timeout(struct lws_context *context, int timeout_ms, int tsi);

int lws_service_fd(struct lws_context *context, struct pollfd *pollfd);

int lws_service_fd_tsi(struct lws_context *context, struct pollfd *pollfd, int tsi);

int lws_service_tsi(struct lws_context *context, int timeout_ms, int tsi);

/* end of generated:functions */

/** Older name of lws_service_tsi(). */
#define lws_plat_service_tsi lws_service_tsi

#endif
