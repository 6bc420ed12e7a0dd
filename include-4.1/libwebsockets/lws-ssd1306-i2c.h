/*
 * lws-ssd1306-i2c.h: the SSD1306 display (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SSD1306_I2C_H
#define OXLWS_LWS_SSD1306_I2C_H

#define SSD1306_I2C7_ADS1 60
#define SSD1306_I2C7_ADS2 61
/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_display_ssd1306_ops

struct lws_display_ssd1306;

typedef struct lws_display_ssd1306 lws_display_ssd1306_t;

/** An SSD1306 display. */
struct lws_display_ssd1306 {
	lws_display_t disp;
	const lws_i2c_ops_t *i2c;
	const lws_gpio_ops_t *gpio;
	_lws_plat_gpio_t reset_gpio;
	uint8_t i2c7_address;
};

#endif
