/*
 * lws-bb-spi.h: bit-banged spi (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_BB_SPI_H
#define OXLWS_LWS_BB_SPI_H

#define LWSBBSPI_FLAG_USE_NCS0 1
#define LWSBBSPI_FLAG_USE_NCS1 2
#define LWSBBSPI_FLAG_USE_NCS2 4
#define LWSBBSPI_FLAG_USE_NCS3 8
#define LWSBBSPI_FLAG_USE_NCMD0 16
#define LWSBBSPI_FLAG_USE_NCMD1 32
#define LWSBBSPI_FLAG_USE_NCMD2 64
#define LWSBBSPI_FLAG_USE_NCMD3 128

#define LWS_SPI_BB_MAX_CH 4
/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_bb_spi_ops

struct lws_bb_spi;

typedef struct lws_bb_spi lws_bb_spi_t;

/** A bit-banged spi bus. */
struct lws_bb_spi {
	lws_spi_ops_t bb_ops;
	const lws_gpio_ops_t *gpio;
	_lws_plat_gpio_t clk;
	_lws_plat_gpio_t ncs[4];
	_lws_plat_gpio_t ncmd[4];
	_lws_plat_gpio_t mosi;
	_lws_plat_gpio_t miso;
	uint8_t flags;
};

#endif
