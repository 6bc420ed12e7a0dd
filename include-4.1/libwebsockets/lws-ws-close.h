/*
 * lws-ws-close.h: closing a websocket.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_WS_CLOSE_H
#define OXLWS_LWS_WS_CLOSE_H

/** Close codes of websocket (RFC 6455 §7.4), and a few that only the library uses. */
enum lws_close_status {
	LWS_CLOSE_STATUS_NOSTATUS = 0,
	LWS_CLOSE_STATUS_NORMAL = 1000,
	LWS_CLOSE_STATUS_GOINGAWAY = 1001,
	LWS_CLOSE_STATUS_PROTOCOL_ERR = 1002,
	LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE = 1003,
	LWS_CLOSE_STATUS_RESERVED = 1004,
	LWS_CLOSE_STATUS_NO_STATUS = 1005,
	LWS_CLOSE_STATUS_ABNORMAL_CLOSE = 1006,
	LWS_CLOSE_STATUS_INVALID_PAYLOAD = 1007,
	LWS_CLOSE_STATUS_POLICY_VIOLATION = 1008,
	LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE = 1009,
	LWS_CLOSE_STATUS_EXTENSION_REQUIRED = 1010,
	LWS_CLOSE_STATUS_UNEXPECTED_CONDITION = 1011,
	LWS_CLOSE_STATUS_TLS_FAILURE = 1015,
	LWS_CLOSE_STATUS_CLIENT_TRANSACTION_DONE = 2000,
	LWS_CLOSE_STATUS_NOSTATUS_CONTEXT_DESTROY = 9999
};

/** Stores the code and text that are sent when a later callback returns nonzero; at most 123 bytes of text are kept. */
void lws_close_reason(struct lws *wsi, enum lws_close_status status, unsigned char *buf,
		size_t len);

#endif
