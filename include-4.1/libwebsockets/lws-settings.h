/*
 * lws-settings.h: stored settings (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SETTINGS_H
#define OXLWS_LWS_SETTINGS_H

#define LSOOPEN_FLAG_WRITEABLE 1
/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_settings_ops_plat

struct lws_settings_ops;

typedef struct lws_settings_ops lws_settings_ops_t;

/** A store of settings. */
typedef struct lws_settings_instance_t {
	void *handle_plat;
	const struct lws_settings_ops *so;
	uint8_t refcount;
	void *opaque_plat;
} lws_settings_instance_t;

/** The operations of a store of settings. */
struct lws_settings_ops {
	int (*get)(lws_settings_instance_t *, const char *, uint8_t *, size_t *);
	int (*set)(lws_settings_instance_t *, const char *, const uint8_t *, size_t);
};

#endif
