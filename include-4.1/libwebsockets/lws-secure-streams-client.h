/*
 * lws-secure-streams-client.h: secure streams through a proxy (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SECURE_STREAMS_CLIENT_H
#define OXLWS_LWS_SECURE_STREAMS_CLIENT_H

#endif
