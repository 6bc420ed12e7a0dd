/*
 * lws-pwm.h: pulse width modulation (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_PWM_H
#define OXLWS_LWS_PWM_H

/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_pwm_plat_ops

struct lws_pwm_map;
struct lws_pwm_ops;

typedef struct lws_pwm_map lws_pwm_map_t;

typedef struct lws_pwm_ops lws_pwm_ops_t;

/** One pwm channel. */
struct lws_pwm_map {
	_lws_plat_gpio_t gpio;
	uint8_t index;
	uint8_t active_level;
};

/** The operations of a pwm driver. */
struct lws_pwm_ops {
	int (*init)(const struct lws_pwm_ops *);
	void (*intensity)(const struct lws_pwm_ops *, _lws_plat_gpio_t, lws_led_intensity_t);
	const lws_pwm_map_t *pwm_map;
	uint8_t count_pwm_map;
};

#endif
