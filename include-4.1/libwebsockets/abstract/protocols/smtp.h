/*
 * smtp.h: the abstract SMTP protocol (not built in this configuration).
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_ABSTRACT_PROTOCOLS_SMTP_H
#define OXLWS_ABSTRACT_PROTOCOLS_SMTP_H

#endif
