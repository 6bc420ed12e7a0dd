/*
 * lws-spi.h: spi (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_SPI_H
#define OXLWS_LWS_SPI_H

/** Modes and transaction kinds of spi. */
enum {
	LWSSPIMODE_CPOL = 1,
	LWSSPIMODE_CPHA = 2,
	LWS_SPI_BUSMODE_CLK_IDLE_LOW_SAMP_RISING = 0,
	LWS_SPI_BUSMODE_CLK_IDLE_HIGH_SAMP_RISING = 1,
	LWS_SPI_BUSMODE_CLK_IDLE_LOW_SAMP_FALLING = 2,
	LWS_SPI_BUSMODE_CLK_IDLE_HIGH_SAMP_FALLING = 3,
	LWS_SPI_TXN_HALF_DUPLEX_DISCRETE = 0
};

struct lws_spi_desc;
struct lws_spi_ops;

/** Called when a transaction is complete. */
typedef int (*lws_spi_cb_t)(void *);

typedef struct lws_spi_desc lws_spi_desc_t;

typedef struct lws_spi_ops lws_spi_ops_t;

/** An spi transaction. */
struct lws_spi_desc {
	const uint8_t *src;
	const uint8_t *data;
	uint8_t *dest;
	void *opaque;
	lws_spi_cb_t completion_cb;
	uint16_t count_cmd;
	uint16_t count_write;
	uint16_t count_read;
	uint8_t txn_type;
	uint8_t channel;
};

/** The operations of an spi driver. */
struct lws_spi_ops {
	int (*init)(const struct lws_spi_ops *);
	int (*queue)(const struct lws_spi_ops *, const lws_spi_desc_t *);
	uint8_t bus_mode;
};

#endif
