/*
 * lws-bb-i2c.h: bit-banged i2c (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_BB_I2C_H
#define OXLWS_LWS_BB_I2C_H

/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_bb_i2c_ops

struct lws_bb_i2c;

typedef struct lws_bb_i2c lws_bb_i2c_t;

/** A bit-banged i2c bus. */
struct lws_bb_i2c {
	lws_i2c_ops_t bb_ops;
	_lws_plat_gpio_t scl;
	_lws_plat_gpio_t sda;
	const lws_gpio_ops_t *gpio;
	void (*delay)(void);
};

#endif
