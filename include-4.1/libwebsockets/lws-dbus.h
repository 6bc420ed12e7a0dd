/*
 * lws-dbus.h: D-Bus role (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_DBUS_H
#define OXLWS_LWS_DBUS_H

#endif
