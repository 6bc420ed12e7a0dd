/*
 * unit-test.h: the unit test transport (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_ABSTRACT_TRANSPORTS_UNIT_TEST_H
#define OXLWS_ABSTRACT_TRANSPORTS_UNIT_TEST_H

/** The settings of the unit test transport. */
enum {
	LTMI_PEER_V_EXPECT_TEST = 4096,
	LTMI_PEER_V_EXPECT_RESULT_CB = 4097,
	LTMI_PEER_V_EXPECT_RESULT_CB_ARG = 4098
};

/** Bits of `flags` of a test step. */
enum {
	LWS_AUT_EXPECT_TEST_END = 1,
	LWS_AUT_EXPECT_LOCAL_CLOSE = 2,
	LWS_AUT_EXPECT_DO_REMOTE_CLOSE = 4,
	LWS_AUT_EXPECT_TX = 8,
	LWS_AUT_EXPECT_RX = 16,
	LWS_AUT_EXPECT_SHOULD_FAIL = 32,
	LWS_AUT_EXPECT_SHOULD_TIMEOUT = 64
};

/** How a test goes on. */
typedef enum {
	LPE_CONTINUE = 0,
	LPE_SUCCEEDED = 1,
	LPE_FAILED = 2,
	LPE_FAILED_UNEXPECTED_TIMEOUT = 3,
	LPE_FAILED_UNEXPECTED_PASS = 4,
	LPE_FAILED_UNEXPECTED_CLOSE = 5,
	LPE_SKIPPED = 6,
	LPE_CLOSING = 7
} lws_unit_test_packet_disposition;

struct lws_unit_test;
struct lws_unit_test_packet;

/** Called at a step of a test. */
typedef int (*lws_unit_test_packet_cb)(lws_abs_t *);

typedef struct lws_unit_test_packet lws_unit_test_packet_t;

/** Called with the result of a test. */
typedef int (*lws_unit_test_packet_test_cb)(const void *, int);

typedef struct lws_unit_test lws_unit_test_t;

/** A test. */
struct lws_unit_test {
	const char *name;
	lws_unit_test_packet_t *expect_array;
	int max_secs;
};

/** A step of a test. */
struct lws_unit_test_packet {
	void *buffer;
	lws_unit_test_packet_cb pre;
	size_t len;
	uint32_t flags;
};

#endif
