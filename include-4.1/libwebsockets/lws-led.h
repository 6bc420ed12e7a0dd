/*
 * lws-led.h: leds and sequences (embedded drivers, not in this library).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_LED_H
#define OXLWS_LWS_LED_H

#define LWS_LED_SEQUENCER_UPDATE_INTERVAL_MS 33
#define LWS_LED_MAX_INTENSITY 65535
#define LWS_LED_FUNC_PHASE 65536

#define LWS_SEQ_LEDPHASE_TOTAL_ENDLESS (-1)
/** The functions of this driver; it is not part of the library, so there are none. */
#define lws_led_gpio_ops

/** Indexes into lws_led_state_chs. */
enum {
	LLSI_CURR = 0,
	LLSI_NEXT = 1,
	LLSI_TRANS = 2
};

struct lws_led_gpio_controller;
struct lws_led_gpio_map;
struct lws_led_ops;
struct lws_led_sequence_def_t;
struct lws_led_state;
struct lws_led_state_ch;
struct lws_led_state_chs;
struct lws_pwm_ops;

typedef struct lws_led_gpio_controller lws_led_gpio_controller_t;

typedef struct lws_led_gpio_map lws_led_gpio_map_t;

/** A brightness. */
typedef uint16_t lws_led_intensity_t;

typedef struct lws_led_ops lws_led_ops_t;

/** A phase of a sequence. */
typedef uint16_t lws_led_seq_phase_t;

/** The brightness at a phase. */
typedef lws_led_intensity_t (*lws_led_lookup_t)(lws_led_seq_phase_t);

typedef struct lws_led_sequence_def_t lws_led_sequence_def_t;

typedef struct lws_led_state_ch lws_led_state_ch_t;

typedef struct lws_led_state_chs lws_led_state_chs_t;

/** One led. */
struct lws_led_gpio_map {
	const char *name;
	_lws_plat_gpio_t gpio;
	lws_led_lookup_t intensity_correction;
	const struct lws_pwm_ops *pwm_ops;
	uint8_t active_level;
};

/** The operations of a led controller. */
struct lws_led_ops {
	void (*intensity)(const struct lws_led_ops *, const char *, lws_led_intensity_t);
	struct lws_led_state *(*create)(const struct lws_led_ops *);
	void (*destroy)(struct lws_led_state *);
};

/** A set of leds. */
struct lws_led_gpio_controller {
	const lws_led_ops_t led_ops;
	const lws_gpio_ops_t *gpio_ops;
	const lws_led_gpio_map_t *led_map;
	uint8_t count_leds;
};

/** A sequence of intensities. */
struct lws_led_sequence_def_t {
	lws_led_lookup_t func;
	lws_led_seq_phase_t ledphase_offset;
	int ledphase_total;
	uint16_t ms;
	uint8_t flags;
};

/** A sequence in progress. */
struct lws_led_state_ch {
	const lws_led_sequence_def_t *seq;
	lws_led_seq_phase_t ph;
	lws_led_seq_phase_t step;
	int phase_budget;
	lws_led_intensity_t last;
};

/** The sequences of a led: current, next and transition. */
struct lws_led_state_chs {
	lws_led_state_ch_t seqs[3];
};

#endif
