/*
 * lws-test-sequencer.h: test sequencer (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_TEST_SEQUENCER_H
#define OXLWS_LWS_TEST_SEQUENCER_H

struct lws_test_sequencer_args;

/** Called when tests are over. */
typedef void (*lws_test_sequence_cb)(const void *);

typedef struct lws_test_sequencer_args lws_test_sequencer_args_t;

/** How to run tests. */
struct lws_test_sequencer_args {
	lws_abs_t *abs;
	lws_unit_test_t *tests;
	int *results;
	int results_max;
	int *count_tests;
	int *count_passes;
	lws_test_sequence_cb cb;
	void *cb_user;
};

#endif
