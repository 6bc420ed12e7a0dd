/*
 * raw-skt.h: the raw socket transport (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_ABSTRACT_TRANSPORTS_RAW_SKT_H
#define OXLWS_ABSTRACT_TRANSPORTS_RAW_SKT_H

/** The settings of the raw socket transport. */
enum {
	LTMI_PEER_V_DNS_ADDRESS = 4096,
	LTMI_PEER_LV_PORT = 4097,
	LTMI_PEER_LV_TLS_FLAGS = 4098
};

#endif
