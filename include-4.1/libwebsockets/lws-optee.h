/*
 * lws-optee.h: OP-TEE platform (nothing on this platform).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_OPTEE_H
#define OXLWS_LWS_OPTEE_H

#endif
