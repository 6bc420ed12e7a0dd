/*
 * lws-i2c.h: i2c (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_I2C_H
#define OXLWS_LWS_I2C_H

struct lws_i2c_ops;

typedef struct lws_i2c_ops lws_i2c_ops_t;

/** The operations of an i2c driver. */
struct lws_i2c_ops {
	int (*init)(const struct lws_i2c_ops *);
	int (*start)(const struct lws_i2c_ops *);
	void (*stop)(const struct lws_i2c_ops *);
	int (*write)(const struct lws_i2c_ops *, uint8_t);
	int (*read)(const struct lws_i2c_ops *);
	void (*set_ack)(const struct lws_i2c_ops *, int);
};

#endif
