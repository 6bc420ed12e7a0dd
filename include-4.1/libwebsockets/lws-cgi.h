/*
 * lws-cgi.h: CGI (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_CGI_H
#define OXLWS_LWS_CGI_H

/** How far the headers of a CGI have been parsed. */
enum lws_cgi_hdr_state {
	LCHS_HEADER = 0,
	LCHS_CR1 = 1,
	LCHS_LF1 = 2,
	LCHS_CR2 = 3,
	LCHS_LF2 = 4,
	LHCS_RESPONSE = 5,
	LHCS_DUMP_HEADERS = 6,
	LHCS_PAYLOAD = 7,
	LCHS_SINGLE_0A = 8
};

/** Which of the standard streams of a CGI. */
enum lws_enum_stdinouterr {
	LWS_STDIN = 0,
	LWS_STDOUT = 1,
	LWS_STDERR = 2
};

/** What the `LWS_CALLBACK_CGI` family passes in `in`. */
struct lws_cgi_args {
	struct lws **stdwsi;
	enum lws_enum_stdinouterr ch;
	unsigned char *data;
	enum lws_cgi_hdr_state hdr_state;
	int len;
};

#endif
