/*
 * lws-callbacks.h: the callback of a protocol and the reasons it is called for.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_CALLBACKS_H
#define OXLWS_LWS_CALLBACKS_H

/* For callbacks that forward CGI or proxied data: what they have to do. */
#define LWS_CB_REASON_AUX_BF__CGI 1
#define LWS_CB_REASON_AUX_BF__PROXY 2
#define LWS_CB_REASON_AUX_BF__CGI_CHUNK_END (1 << 2)
#define LWS_CB_REASON_AUX_BF__CGI_HEADERS (1 << 3)
#define LWS_CB_REASON_AUX_BF__PROXY_TRANS_END (1 << 4)
#define LWS_CB_REASON_AUX_BF__PROXY_HEADERS (1 << 5)

/** Indexes into the elements of a certificate request. */
enum {
	LWS_TLS_REQ_ELEMENT_COUNTRY = 0,
	LWS_TLS_REQ_ELEMENT_STATE = 1,
	LWS_TLS_REQ_ELEMENT_LOCALITY = 2,
	LWS_TLS_REQ_ELEMENT_ORGANIZATION = 3,
	LWS_TLS_REQ_ELEMENT_COMMON_NAME = 4,
	LWS_TLS_REQ_ELEMENT_SUBJECT_ALT_NAME = 5,
	LWS_TLS_REQ_ELEMENT_EMAIL = 6,
	LWS_TLS_REQ_ELEMENT_COUNT = 7,
	LWS_TLS_SET_DIR_URL = 7,
	LWS_TLS_SET_AUTH_PATH = 8,
	LWS_TLS_SET_CERT_PATH = 9,
	LWS_TLS_SET_KEY_PATH = 10,
	LWS_TLS_TOTAL_COUNT = 11
};

/** Why a protocol callback is called. */
enum lws_callback_reasons {
	/** Once per protocol and vhost, before its first connection; `in` is its list of options. */
	LWS_CALLBACK_PROTOCOL_INIT = 27,
	/** Once per protocol and vhost, after its last connection. */
	LWS_CALLBACK_PROTOCOL_DESTROY = 28,
	/** Protocol 0: a connection object has come into being. */
	LWS_CALLBACK_WSI_CREATE = 29,
	/** Protocol 0: the last callback of a connection; the session data goes with it. */
	LWS_CALLBACK_WSI_DESTROY = 30,
	LWS_CALLBACK_WSI_TX_CREDIT_GET = 103,
	/** Protocol 0: the TLS context for clients of a vhost is ready; `user` is the SSL_CTX. */
	LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS = 21,
	/** Protocol 0: the TLS context for the server of a vhost is ready; `user` is the SSL_CTX. */
	LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS = 22,
	/** Protocol 0: a client has sent its certificate; nonzero refuses it. */
	LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION = 23,
	/** A TLS event that ssl_info_event_mask asks for; `in` is a struct lws_ssl_info. */
	LWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY = 37,
	LWS_CALLBACK_SSL_INFO = 67,
	/** Protocol 0: a server has sent its certificate; nonzero refuses it. */
	LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION = 58,
	/** A connection was accepted, or a client connection started; nonzero drops an accepted one. */
	LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED = 19,
	/** A request; `in` is its path. Answer it, or return nonzero to close. */
	LWS_CALLBACK_HTTP = 12,
	/** A piece of the request body: `in`, `len`. */
	LWS_CALLBACK_HTTP_BODY = 13,
	/** The request body is complete. */
	LWS_CALLBACK_HTTP_BODY_COMPLETION = 14,
	/** lws_serve_http_file() has sent its file. */
	LWS_CALLBACK_HTTP_FILE_COMPLETION = 15,
	/** More of the response can be written. */
	LWS_CALLBACK_HTTP_WRITEABLE = 16,
	/** An HTTP connection of the server has closed. */
	LWS_CALLBACK_CLOSED_HTTP = 5,
	/** The headers of a request are there; `in` is its path, nonzero refuses it. */
	LWS_CALLBACK_FILTER_HTTP_CONNECTION = 18,
	/** Headers can be added to a response; `in` is a struct lws_process_html_args. */
	LWS_CALLBACK_ADD_HEADERS = 53,
	/** Check `user:password` in `in`; nonzero accepts it. */
	LWS_CALLBACK_VERIFY_BASIC_AUTHORIZATION = 102,
	/** May this request be served? `in` is a struct lws_process_html_args; nonzero refuses it. */
	LWS_CALLBACK_CHECK_ACCESS_RIGHTS = 51,
	/** A piece of a file to substitute in; `in` is a struct lws_process_html_args. */
	LWS_CALLBACK_PROCESS_HTML = 52,
	/** A server connection is bound to this protocol. */
	LWS_CALLBACK_HTTP_BIND_PROTOCOL = 49,
	/** It is no longer bound to it. */
	LWS_CALLBACK_HTTP_DROP_PROTOCOL = 50,
	/** A request to upgrade to what `in` names; positive: handled here, negative: close. */
	LWS_CALLBACK_HTTP_CONFIRM_UPGRADE = 86,
	/** The response headers are there; nonzero closes. */
	LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP = 44,
	/** An HTTP client connection has closed. */
	LWS_CALLBACK_CLOSED_CLIENT_HTTP = 45,
	/** A piece of the response body: `in`, `len`. */
	LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ = 48,
	/** There is response body to fetch with lws_http_client_read(). */
	LWS_CALLBACK_RECEIVE_CLIENT_HTTP = 46,
	/** The response is complete. */
	LWS_CALLBACK_COMPLETED_CLIENT_HTTP = 47,
	/** More of the request body can be written. */
	LWS_CALLBACK_CLIENT_HTTP_WRITEABLE = 57,
	/** The server redirects to `in`, with status `len`; nonzero does not follow. */
	LWS_CALLBACK_CLIENT_HTTP_REDIRECT = 104,
	/** A client connection is bound to this protocol. */
	LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL = 85,
	/** It is no longer bound to it. */
	LWS_CALLBACK_CLIENT_HTTP_DROP_PROTOCOL = 76,
	/** The server has completed a websocket handshake; nonzero closes. */
	LWS_CALLBACK_ESTABLISHED = 0,
	/** A websocket connection of the server has closed. */
	LWS_CALLBACK_CLOSED = 4,
	/** The server can write to the websocket. */
	LWS_CALLBACK_SERVER_WRITEABLE = 11,
	/** Websocket payload for the server: `in`, `len`. */
	LWS_CALLBACK_RECEIVE = 6,
	/** A pong for the server. */
	LWS_CALLBACK_RECEIVE_PONG = 7,
	/** The peer closes; `in` is the code in network order and the reason. Nonzero hangs up without an answer. */
	LWS_CALLBACK_WS_PEER_INITIATED_CLOSE = 38,
	/** A websocket handshake asks for the subprotocol `in`; nonzero refuses it. */
	LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION = 20,
	/** May the client use the extension `in`? Nonzero refuses it. */
	LWS_CALLBACK_CONFIRM_EXTENSION_OKAY = 25,
	/** A websocket of the server is bound to this protocol. */
	LWS_CALLBACK_WS_SERVER_BIND_PROTOCOL = 77,
	/** It is no longer bound to it. */
	LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL = 78,
	/** A client connection has failed before it was established; `in` is the reason or NULL. */
	LWS_CALLBACK_CLIENT_CONNECTION_ERROR = 1,
	/** The response to the handshake can be looked at; nonzero refuses the connection. */
	LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH = 2,
	/** The client has completed a websocket handshake; nonzero closes. */
	LWS_CALLBACK_CLIENT_ESTABLISHED = 3,
	/** A websocket connection of the client has closed. */
	LWS_CALLBACK_CLIENT_CLOSED = 75,
	/** Headers can be added to the request: `in` is the address of the write position, `len` the room. */
	LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER = 24,
	/** Websocket payload for the client: `in`, `len`. */
	LWS_CALLBACK_CLIENT_RECEIVE = 8,
	/** A pong for the client. */
	LWS_CALLBACK_CLIENT_RECEIVE_PONG = 9,
	/** The client can write to the websocket. */
	LWS_CALLBACK_CLIENT_WRITEABLE = 10,
	/** Protocol 0: shall the extension `in` be offered? Nonzero leaves it out. */
	LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED = 26,
	/** Options for the extension that `user` names can be written to `in`. */
	LWS_CALLBACK_WS_EXT_DEFAULTS = 39,
	/** A connection was accepted; `in` is the descriptor, nonzero closes it. */
	LWS_CALLBACK_FILTER_NETWORK_CONNECTION = 17,
	/** A websocket of the client is bound to this protocol. */
	LWS_CALLBACK_WS_CLIENT_BIND_PROTOCOL = 79,
	/** It is no longer bound to it. */
	LWS_CALLBACK_WS_CLIENT_DROP_PROTOCOL = 80,
	/** Protocol 0: return what identifies the thread; 0 does not tell. */
	LWS_CALLBACK_GET_THREAD_ID = 31,
	/** External poll: begin to watch a descriptor; `in` is a struct lws_pollargs. */
	LWS_CALLBACK_ADD_POLL_FD = 32,
	/** External poll: stop watching it. */
	LWS_CALLBACK_DEL_POLL_FD = 33,
	/** External poll: watch it for other events. */
	LWS_CALLBACK_CHANGE_MODE_POLL_FD = 34,
	/** External poll: the set of descriptors is about to change. */
	LWS_CALLBACK_LOCK_POLL = 35,
	/** External poll: it has changed. */
	LWS_CALLBACK_UNLOCK_POLL = 36,
	LWS_CALLBACK_CGI = 40,
	LWS_CALLBACK_CGI_TERMINATED = 41,
	LWS_CALLBACK_CGI_STDIN_DATA = 42,
	LWS_CALLBACK_CGI_STDIN_COMPLETED = 43,
	LWS_CALLBACK_CGI_PROCESS_ATTACH = 70,
	LWS_CALLBACK_SESSION_INFO = 54,
	LWS_CALLBACK_GS_EVENT = 55,
	/** The options of a mount are in `in`. */
	LWS_CALLBACK_HTTP_PMO = 56,
	LWS_CALLBACK_RAW_PROXY_CLI_RX = 89,
	LWS_CALLBACK_RAW_PROXY_SRV_RX = 90,
	LWS_CALLBACK_RAW_PROXY_CLI_CLOSE = 91,
	LWS_CALLBACK_RAW_PROXY_SRV_CLOSE = 92,
	LWS_CALLBACK_RAW_PROXY_CLI_WRITEABLE = 93,
	LWS_CALLBACK_RAW_PROXY_SRV_WRITEABLE = 94,
	LWS_CALLBACK_RAW_PROXY_CLI_ADOPT = 95,
	LWS_CALLBACK_RAW_PROXY_SRV_ADOPT = 96,
	LWS_CALLBACK_RAW_PROXY_CLI_BIND_PROTOCOL = 97,
	LWS_CALLBACK_RAW_PROXY_SRV_BIND_PROTOCOL = 98,
	LWS_CALLBACK_RAW_PROXY_CLI_DROP_PROTOCOL = 99,
	LWS_CALLBACK_RAW_PROXY_SRV_DROP_PROTOCOL = 100,
	/** Bytes on a raw connection: `in`, `len`. */
	LWS_CALLBACK_RAW_RX = 59,
	/** A raw connection has closed. */
	LWS_CALLBACK_RAW_CLOSE = 60,
	/** A raw connection can be written to. */
	LWS_CALLBACK_RAW_WRITEABLE = 61,
	/** A raw connection was adopted. */
	LWS_CALLBACK_RAW_ADOPT = 62,
	/** A raw client connection is established. */
	LWS_CALLBACK_RAW_CONNECTED = 101,
	/** A raw connection is bound to this protocol. */
	LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL = 81,
	/** It is no longer bound to it. */
	LWS_CALLBACK_RAW_SKT_DROP_PROTOCOL = 82,
	/** A file descriptor was adopted. */
	LWS_CALLBACK_RAW_ADOPT_FILE = 63,
	/** A file descriptor can be read; the program reads it. */
	LWS_CALLBACK_RAW_RX_FILE = 64,
	/** A file descriptor can be written to. */
	LWS_CALLBACK_RAW_WRITEABLE_FILE = 65,
	/** A file descriptor is given up. */
	LWS_CALLBACK_RAW_CLOSE_FILE = 66,
	/** A file descriptor is bound to this protocol. */
	LWS_CALLBACK_RAW_FILE_BIND_PROTOCOL = 83,
	/** It is no longer bound to it. */
	LWS_CALLBACK_RAW_FILE_DROP_PROTOCOL = 84,
	/** The timer of lws_set_timer_usecs() is due. */
	LWS_CALLBACK_TIMER = 73,
	/** Every protocol, in the service thread: somebody called lws_cancel_service(). Return 0. */
	LWS_CALLBACK_EVENT_WAIT_CANCELLED = 71,
	/** To the parent: the child `in` closes. */
	LWS_CALLBACK_CHILD_CLOSING = 69,
	/** Just before a client connects; `in` is the descriptor, nonzero gives up. */
	LWS_CALLBACK_CONNECTING = 105,
	/** A certificate of the server ages; `in` is a struct lws_acme_cert_aging_args, `len` the days left. */
	LWS_CALLBACK_VHOST_CERT_AGING = 72,
	LWS_CALLBACK_VHOST_CERT_UPDATE = 74,
	LWS_CALLBACK_MQTT_NEW_CLIENT_INSTANTIATED = 200,
	LWS_CALLBACK_MQTT_IDLE = 201,
	LWS_CALLBACK_MQTT_CLIENT_ESTABLISHED = 202,
	LWS_CALLBACK_MQTT_SUBSCRIBED = 203,
	LWS_CALLBACK_MQTT_CLIENT_WRITEABLE = 204,
	LWS_CALLBACK_MQTT_CLIENT_RX = 205,
	LWS_CALLBACK_MQTT_UNSUBSCRIBED = 206,
	LWS_CALLBACK_MQTT_DROP_PROTOCOL = 207,
	LWS_CALLBACK_MQTT_CLIENT_CLOSED = 208,
	LWS_CALLBACK_MQTT_ACK = 209,
	LWS_CALLBACK_MQTT_RESEND = 210,
	LWS_CALLBACK_MQTT_UNSUBSCRIBE_TIMEOUT = 211,
	LWS_CALLBACK_MQTT_SHADOW_TIMEOUT = 212,
	/** From here on: for programs, the library does not use them. */
	LWS_CALLBACK_USER = 1000
};

/** How far an automatic certificate update has come. */
enum lws_cert_update_state {
	LWS_CUS_IDLE = 0,
	LWS_CUS_STARTING = 1,
	LWS_CUS_SUCCESS = 2,
	LWS_CUS_FAILED = 3,
	LWS_CUS_CREATE_KEYS = 4,
	LWS_CUS_REG = 5,
	LWS_CUS_AUTH = 6,
	LWS_CUS_CHALLENGE = 7,
	LWS_CUS_CREATE_REQ = 8,
	LWS_CUS_REQ = 9,
	LWS_CUS_CONFIRM = 10,
	LWS_CUS_ISSUE = 11
};

/**
 * The callback of a protocol. `user` is the session data of the connection, or NULL while it has none; what `in` and
 * `len` are, and what a nonzero return does, depends on the reason.
 */
typedef int lws_callback_function(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

/**
 * What `LWS_CALLBACK_VHOST_CERT_AGING` passes in `in`: the vhost whose certificate ages, and overrides for the
 * request.
 */
struct lws_acme_cert_aging_args {
	struct lws_vhost *vh;
	const char *element_overrides[11];
};

/** What `LWS_CALLBACK_FILTER_NETWORK_CONNECTION` passes in `user` about the new socket. */
struct lws_filter_network_conn_args {
	struct sockaddr_storage cli_addr;
	socklen_t clilen;
	lws_sockfd_type accept_fd;
};

/** What `LWS_CALLBACK_SSL_INFO` passes in `in`. */
struct lws_ssl_info {
	int where;
	int ret;
};

#endif
