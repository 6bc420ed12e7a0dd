/*
 * lws-button.h: buttons (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_BUTTON_H
#define OXLWS_LWS_BUTTON_H

#define LWS_BUTTON_MON_TIMER_MS 5

/** Bits of `flags` of a button regime. */
enum {
	LWSBTNRGMFLAG_CLASSIFY_DOUBLECLICK = 1
};

struct lws_button_controller;
struct lws_button_map;
struct lws_button_regime;

typedef struct lws_button_controller lws_button_controller_t;

/** The number of a button, or bits by number. */
typedef uint16_t lws_button_idx_t;

/** Called when a button changes. */
typedef void (*lws_button_cb_t)(void *, lws_button_idx_t, int);

typedef struct lws_button_map lws_button_map_t;

typedef struct lws_button_regime lws_button_regime_t;

/** A set of buttons. */
struct lws_button_controller {
	const char *smd_bc_name;
	const lws_gpio_ops_t *gpio_ops;
	const lws_button_map_t *button_map;
	lws_button_idx_t active_state_bitmap;
	uint8_t count_buttons;
};

/** One button. */
struct lws_button_map {
	_lws_plat_gpio_t gpio;
	const char *smd_interaction_name;
	const lws_button_regime_t *regime;
};

/** The timing of a button. */
struct lws_button_regime {
	uint16_t ms_min_down;
	uint16_t ms_min_down_longpress;
	uint16_t ms_up_settle;
	uint16_t ms_doubleclick_grace;
	uint16_t ms_repeat_down;
	uint8_t flags;
};

#endif
