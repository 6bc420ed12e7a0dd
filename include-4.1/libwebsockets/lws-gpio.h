/*
 * lws-gpio.h: gpio (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_GPIO_H
#define OXLWS_LWS_GPIO_H

/** Modes of a gpio. */
enum {
	LWSGGPIO_FL_READ = 1,
	LWSGGPIO_FL_WRITE = 2,
	LWSGGPIO_FL_PULLUP = 4,
	LWSGGPIO_FL_PULLDOWN = 8,
	LWSGGPIO_FL_START_LOW = 16
};

/** What interrupts. */
typedef enum {
	LWSGGPIO_IRQ_NONE = 0,
	LWSGGPIO_IRQ_RISING = 1,
	LWSGGPIO_IRQ_FALLING = 2,
	LWSGGPIO_IRQ_CHANGE = 3,
	LWSGGPIO_IRQ_LOW = 4,
	LWSGGPIO_IRQ_HIGH = 5
} lws_gpio_irq_t;

struct lws_gpio_ops;

/** The number of a gpio. */
typedef int _lws_plat_gpio_t;

/** Called on an interrupt. */
typedef void (*lws_gpio_irq_cb_t)(void *);

typedef struct lws_gpio_ops lws_gpio_ops_t;

/** The operations of a gpio driver. */
struct lws_gpio_ops {
	void (*mode)(_lws_plat_gpio_t, int);
	int (*read)(_lws_plat_gpio_t);
	void (*set)(_lws_plat_gpio_t, int);
	int (*irq_mode)(_lws_plat_gpio_t, lws_gpio_irq_t, lws_gpio_irq_cb_t, void *);
};

#endif
