/*
 * lws-freertos.h: FreeRTOS platform (nothing on this platform).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_FREERTOS_H
#define OXLWS_LWS_FREERTOS_H

#endif
