/*
 * lws-mqtt.h: MQTT role (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_MQTT_H
#define OXLWS_LWS_MQTT_H

#endif
