/*
 * lws-ili9341-spi.h: the ILI9341 display (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_ILI9341_SPI_H
#define OXLWS_LWS_ILI9341_SPI_H

/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_display_ili9341_ops

struct lws_display_ili9341;

typedef struct lws_display_ili9341 lws_display_ili9341_t;

/** An ILI9341 display. */
struct lws_display_ili9341 {
	lws_display_t disp;
	const lws_spi_ops_t *spi;
	const lws_gpio_ops_t *gpio;
	_lws_plat_gpio_t reset_gpio;
	uint8_t spi_index;
};

#endif
