/*
 * lws-dsh.h: buffers of several kinds (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_DSH_H
#define OXLWS_LWS_DSH_H

#endif
