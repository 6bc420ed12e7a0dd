/*
 * lws-service.h: the service loop.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SERVICE_H
#define OXLWS_LWS_SERVICE_H

/**
 * Ends the present or next wait of the loop; every protocol gets EVENT_WAIT_CANCELLED. From any thread, also from
 * signal handlers.
 */
void lws_cancel_service(struct lws_context *context);

/** As `lws_cancel_service`, for the context of a connection. */
void lws_cancel_service_pt(struct lws *wsi);

/**
 * Has what a connection can send be sent, and WRITEABLE called, in the present or next turn of the loop. Returns 0;
 * -1: the connection is gone.
 */
int lws_handle_POLLOUT_event(struct lws *wsi, struct pollfd *pollfd);

/**
 * Does one turn of the loop: waits until there is something to do, and does it.
 *
 * `timeout_ms`: negative does not wait; zero and every positive value wait until something happens, however long that
 * takes (timers count). Returns 0; negative when the context has ended; 1 for NULL. The calling thread becomes the
 * service thread of the context. Not from inside callbacks: -1.
 *
 * Contexts in the loop of an event library (`LWS_SERVER_OPTION_LIBUV` and so on): the loop is run until something stops
 * it, then 1 is returned; negative when the context has ended before.
 */
int lws_service(struct lws_context *context, int timeout_ms);

/**
 * For external loops: runs what is due and tells how long to wait at most, milliseconds, never more than `timeout_ms`.
 *
 * 0: do not wait, call `lws_service_tsi(context, -1, tsi)` first.
 */
int lws_service_adjust_timeout(struct lws_context *context, int timeout_ms, int tsi);

/**
 * Services one descriptor that an external loop found ready.
 *
 * Returns 0 when it was not ours or was handled (then `revents` is zero), 1 when it was handled and its connection
 * closed, negative when the context has ended or `pollfd` is NULL.
 */
int lws_service_fd(struct lws_context *context, struct pollfd *pollfd);

/** As `lws_service_fd`; `tsi` is 0. */
int lws_service_fd_tsi(struct lws_context *context, struct pollfd *pollfd, int tsi);

/** As `lws_service`; `tsi` is 0. */
int lws_service_tsi(struct lws_context *context, int timeout_ms, int tsi);

/** Older name of lws_service_tsi(). */
#define lws_plat_service_tsi lws_service_tsi

#endif
