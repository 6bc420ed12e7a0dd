/*
 * explain.c: what a failure means, and which setting mends it.
 */
#define _GNU_SOURCE /* strcasestr */
#include "doctor.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int has(const char *what)
{
	return strstr(probe.error, what) != NULL;
}

static const struct {
	int status;
	const char *meaning, *mend;
} answers[] = {
	{ 200, "the server answers this path with a page: it is not a websocket endpoint",
	  "another path in info.path; ask who runs the server where its websocket is" },
	{ 301, "the endpoint moved",
	  "use the URL of Location; the library follows redirects by itself unless "
	  "LCCSCF_HTTP_NO_FOLLOW_REDIRECT" },
	{ 302, "the endpoint is elsewhere for now; often a login page",
	  "use the URL of Location, or log in first and send the cookie at "
	  "CLIENT_APPEND_HANDSHAKE_HEADER" },
	{ 303, "a page, often a login page, is to be seen elsewhere",
	  "log in first and send the cookie at CLIENT_APPEND_HANDSHAKE_HEADER" },
	{ 307, "the endpoint is elsewhere for now", "use the URL of Location" },
	{ 308, "the endpoint moved for good", "use the URL of Location" },
	{ 400,
	  "the server did not like the request: subprotocol, origin, a missing header, or plain "
	  "text on a TLS port",
	  "try --subprotocol, --origin; compare the request with OXLWS_TRACE=1" },
	{ 401, "the server wants a login",
	  "write an Authorization header at LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER" },
	{ 403,
	  "the server refuses: mostly the Origin header, or an address or token it does not accept",
	  "set info.origin to what the server expects (here: --origin), or send the token it "
	  "wants" },
	{ 404, "there is nothing at this path",
	  "another path in info.path; paths are case-sensitive" },
	{ 405, "this path does not take GET: it is not a websocket endpoint",
	  "another path in info.path" },
	{ 421, "the server does not serve this Host",
	  "info.host must be the name the server knows (here: --host)" },
	{ 426, "the server wants another protocol or another websocket version here",
	  "another path; if it is a websocket endpoint, it is older than RFC 6455" },
	{ 429, "too many requests from here",
	  "wait; reconnect with a growing delay (lws_retry_sul_schedule)" },
	{ 500, "the server failed", "look into the server's log" },
	{ 502, "a proxy in front of the server does not reach it",
	  "start the server behind the proxy" },
	{ 503, "the server is busy or being started",
	  "wait; reconnect with a growing delay (lws_retry_sul_schedule)" },
	{ 504, "a proxy in front of the server gets no answer from it",
	  "look into the proxy's log" },
};

/* The first words of an error page: servers say there what they miss. True if it is the
 * subprotocol. */
static int show_page(int flags)
{
	struct probe failed = probe;
	char request[1600], offer[300] = "", origin[300] = "", words[161];
	const char *p;
	size_t n = 0;
	int in_tag = 0;

	if (opt.subprotocol)
		snprintf(offer, sizeof(offer), "Sec-WebSocket-Protocol: %s\r\n", opt.subprotocol);
	if (opt.origin)
		snprintf(origin, sizeof(origin), "Origin: %s://%s\r\n", is_tls ? "https" : "http",
			 opt.origin);
	snprintf(request, sizeof(request),
		 "GET %s HTTP/1.1\r\nHost: %s\r\n%s%sUpgrade: websocket\r\nConnection: Upgrade\r\n"
		 "Sec-WebSocket-Key: b3hsd3MtZG9jdG9yLTAwMA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		 path, opt.host ? opt.host : host, origin, offer);
	probe.request = request;
	run_probe("RAW", flags, NULL);
	p = strstr(probe.answer, "\r\n\r\n");
	if (p && strcasestr(probe.answer, "transfer-encoding: chunked"))
		p = strstr(p + 4, "\r\n");
	for (; p && *p && n < sizeof(words) - 1; p++) {
		in_tag = *p == '<' || (in_tag && *p != '>');
		if (in_tag || *p == '>')
			continue;
		if (isprint((unsigned char)*p) && *p != ' ')
			words[n++] = *p;
		else if (n && words[n - 1] != ' ')
			words[n++] = ' ';
	}
	while (n && words[n - 1] == ' ')
		n--;
	words[n] = 0;
	probe = failed;
	if (n)
		note("http", "the page says: %s", words);
	return strstr(words, "ubprotocol") != NULL;
}

static enum verdict explain_status(int status, int flags)
{
	size_t i;

	bad("http", "the server answered %d instead of 101%s%s", status,
	    probe.server[0] ? ", server: " : "", probe.server);
	if (probe.location[0])
		note("http", "Location: %s", probe.location);
	if (probe.challenge[0])
		note("http", "WWW-Authenticate: %s", probe.challenge);
	if (status >= 400 && show_page(flags)) {
		means("the server does not know the subprotocol that was offered, or wants one");
		mend("info.protocol: a name the server knows (here: --subprotocol); "
		     "info.local_protocol_name names your own code");
		return BAD_WEBSOCKET;
	}
	for (i = 0; i < LWS_ARRAY_SIZE(answers); i++)
		if (answers[i].status == status)
			break;
	if (i < LWS_ARRAY_SIZE(answers)) {
		means(answers[i].meaning);
		mend("%s", answers[i].mend);
	} else {
		means(status >= 500   ? "the server failed"
		      : status >= 400 ? "the server did not accept the request"
				      : "this is not a websocket endpoint");
		mend("look into the server's log; OXLWS_TRACE=1 shows both heads");
	}
	return BAD_HTTP;
}

/* A ws URL failed before an answer: does the port speak TLS? */
static int port_speaks_tls(void)
{
	struct probe failed = probe;
	int speaks;

	run_probe("RAW", LCCSCF_USE_SSL | LAX, NULL);
	speaks = probe.connected || strstr(probe.error, "X509_V_ERR") ||
		 strstr(probe.error, "tls: alert");
	probe = failed;
	return speaks;
}

/* A wss URL failed in the handshake: does the port answer plain requests? */
static int port_speaks_plain(void)
{
	struct probe failed = probe;
	int speaks;

	run_probe(NULL, 0, opt.subprotocol);
	speaks = probe.status != 0 || probe.connected;
	probe = failed;
	return speaks;
}

static const struct {
	const char *error, *meaning, *mend;
} tcp_failures[] = {
	{ "conn fail: 111", "nothing listens on that port (or a firewall answers for it)",
	  "start the server; check the port; does it listen on this address, or only on "
	  "127.0.0.1?" },
	{ "conn fail: 113", "no route to the host: it is off, or a firewall says no",
	  "check the network" },
	{ "conn fail: 101", "there is no route to this network",
	  "check the network; IPv6 without a route?" },
	{ "conn fail: 110", "no answer: packets are dropped on the way",
	  "a firewall, or the wrong address" },
	{ "Unable to connect", "no answer: packets are dropped on the way",
	  "a firewall, or the wrong address" },
	{ "closed before established", "no answer: packets are dropped on the way",
	  "a firewall, or the wrong address" },
};

static enum verdict explain_certificate(void)
{
	const char *what = strstr(probe.error, "X509_V_ERR = ");
	const char *cause = what ? strchr(what, ':') : NULL;
	int number = what ? atoi(what + 13) : 0;
	int works;

	/* The facts behind the first ';' are cut to fit: they are asked for again. */
	bad("certificate", "%.*s", (int)strcspn(cause ? cause + 2 : probe.error, ";"),
	    cause ? cause + 2 : probe.error);
	if (probe.ca_trouble[0])
		note("certificate", "%s", probe.ca_trouble);
	works = !run_probe(NULL, LCCSCF_USE_SSL | LAX, opt.subprotocol);
	if (probe.has_certificate) {
		char from[32], until[32];

		note("certificate", "of %s, issued by %s", probe.subject, probe.issuer);
		note("certificate",
		     "valid %s to %s; trusted are %s%sthe authorities of this system",
		     day(probe.from, from), day(probe.until, until), opt.ca ? opt.ca : "",
		     opt.ca ? " and " : "");
	}
	note("websocket", works ? "apart from the certificate the endpoint can be used"
				: "there is more: -k shows what comes after the certificate");
	switch (number) {
	case 62:
		means("the certificate is good, but for another name than the one that was asked "
		      "for");
		mend("connect by a name that is in it: info.address, or info.host if the address "
		     "has to stay (here: --host)");
		mend("or, while testing, LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK in "
		     "info.ssl_connection (here: -k)");
		break;
	case 18:
		means("the server signed its certificate itself; nobody vouches for it");
		mend("give that certificate as CA: info.client_ssl_ca_filepath (here: --ca FILE): "
		     "as safe as any CA");
		mend("or, while testing, LCCSCF_ALLOW_SELFSIGNED in info.ssl_connection (here: "
		     "-k)");
		break;
	case 10:
		means("the certificate ran out, or the clock of this machine is wrong");
		mend("a new certificate on the server; or set the clock (date)");
		mend("or, while testing, LCCSCF_ALLOW_EXPIRED in info.ssl_connection (here: -k)");
		break;
	case 9:
		means("the certificate is not valid yet: mostly the clock of this machine is "
		      "wrong");
		mend("set the clock (date)");
		mend("or, while testing, LCCSCF_ALLOW_EXPIRED in info.ssl_connection (here: -k)");
		break;
	default:
		means("none of the authorities that are trusted here vouches for the certificate");
		mend("the authority's certificate in info.client_ssl_ca_filepath (here: --ca "
		     "FILE); is an intermediate one missing on the server?");
		mend("or, while testing, LCCSCF_ALLOW_INSECURE in info.ssl_connection (here: -k)");
	}
	return BAD_CERTIFICATE;
}

static enum verdict explain_proxy(void)
{
	bad("proxy", "%s", probe.error);
	if (has("-> 407") || has("authentic") || has("method")) {
		means("the proxy wants user and password, or others than these");
		mend("info.http_proxy_address = \"user:password@host:port\" (here: --proxy), or "
		     "http_proxy in the environment");
	} else if (has("-> 403")) {
		means("the proxy does not let you go there");
		mend("a rule in the proxy; many allow only port 443");
	} else if (has("http_proxy fail") || has("not HTTP")) {
		means("what listens there is not an http proxy");
		mend("socks5://host:port for a SOCKS proxy");
	} else {
		means("the proxy does not open the way");
		if (opt.proxy)
			mend("the proxy's log; or go without");
		else
			mend("the proxy's log; or go without: no_proxy=%s (here: --no-proxy)",
			     host);
	}
	return BAD_PROXY;
}

static enum verdict explain_tls(void)
{
	bad("tls", "%s", probe.error);
	if (has("does not speak TLS") || (has("peer closed during") && port_speaks_plain())) {
		means("the port speaks plain http, not TLS");
		mend("ws:// instead of wss:// (no LCCSCF_USE_SSL in info.ssl_connection), or the "
		     "TLS port");
	} else if (has("ertificate required") || has("certificate unknown") ||
		   has("bad certificate")) {
		means("the server wants a client certificate, or another one");
		mend("info.client_ssl_cert_filepath and info.client_ssl_private_key_filepath "
		     "(here: --cert, --key)");
	} else if (has("unrecognised name")) {
		means("the server has no certificate for the name it was asked for");
		mend("info.host is the name that is asked for (here: --host)");
	} else if (has("nothing in common") || has("protocol version") ||
		   has("handshake failure")) {
		means("the two sides have no TLS version or cipher in common; TLS 1.2 and 1.3 are "
		      "spoken here");
		mend("allow TLS 1.2 or 1.3 on the server");
	} else if (has("Timed out")) {
		means("the server took the connection and says nothing: not a TLS port, or it is "
		      "stuck");
		mend("another port; the server's log");
	} else {
		means("the server ended the handshake");
		mend("the server's log; OXLWS_TRACE=1 shows how far it got");
	}
	return BAD_TLS;
}

/* The server answered 101, and the library did not accept it; or no answer came. */
static enum verdict explain_handshake(void)
{
	char offered[200];

	if (has("Timed out waiting server reply")) {
		bad("http", "%s", probe.error);
		means("the server took the connection and does not answer the request");
		if (!is_tls && port_speaks_tls())
			mend("the port speaks TLS: wss:// (LCCSCF_USE_SSL in info.ssl_connection)");
		else
			mend("another port or path; the server's log; timeout_secs if it is only "
			     "slow (here: --timeout)");
		return BAD_HTTP;
	}
	if (has("read failed") || has("problems parsing header") || has("HS: URI missing")) {
		bad("http", "%s", probe.error);
		if (!is_tls && port_speaks_tls()) {
			means("the port speaks TLS");
			mend("wss:// (LCCSCF_USE_SSL in info.ssl_connection)");
		} else if (is_tls && has("without a reply")) {
			means("the server ended the connection after the TLS handshake: perhaps it "
			      "wants a client certificate");
			mend("info.client_ssl_cert_filepath and "
			     "info.client_ssl_private_key_filepath (here: --cert, --key)");
		} else {
			means("what listens there is not an http server, or it dislikes the "
			      "request");
			mend("another port; the server's log");
		}
		return BAD_HTTP;
	}
	bad("websocket", "%s", probe.error);
	if (has("PROTOCOL")) {
		if (probe.server_subprotocol[0])
			note("websocket", "the server chose subprotocol '%s'",
			     probe.server_subprotocol);
		means("the server answered with a subprotocol that was not offered");
		mend("offer what the server speaks: info.protocol (here: --subprotocol); "
		     "info.local_protocol_name names your own code");
	} else if (has("ccept")) {
		means("the answer is not to this request: a cache or a broken server in between");
		mend("wss instead of ws gets past most of these");
	} else if (has("EXT")) {
		means("the server answered with an extension, or parameters, that were not "
		      "offered");
		mend("leave info.extensions out, or return 1 at "
		     "LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED");
	} else if (has("illegal request")) {
		means("the library does not send such a request");
		mend("what it names (here: the URL, --host, --origin, --subprotocol)");
	} else {
		snprintf(offered, sizeof(offered), "%s",
			 opt.subprotocol ? opt.subprotocol : "none");
		means("the answer is not what RFC 6455 wants");
		mend("the server's log; subprotocol offered: %s", offered);
	}
	return BAD_WEBSOCKET;
}

/* The step that the error names, and what to do. */
enum verdict explain(int flags)
{
	char reason[sizeof(probe.error)];
	size_t i;

	if (has("DNS ")) {
		snprintf(reason, sizeof(reason), "%s", probe.error);
		bad("name", "%s", reason);
		means(has("NXDOMAIN") ? "there is no such name" : "the resolver did not answer");
		mend("`getent ahosts %s` asks the same resolver", host);
		return BAD_NAME;
	}
	if (has("(the proxy)")) {
		bad("proxy", "%s", probe.error);
		means("the proxy cannot be reached");
		mend("its address in info.http_proxy_address or http_proxy (here: --proxy), or "
		     "--no-proxy");
		return BAD_PROXY;
	}
	if (has("step proxy") || has("http_proxy") || has("socks"))
		return explain_proxy();
	for (i = 0; i < LWS_ARRAY_SIZE(tcp_failures); i++)
		if (has(tcp_failures[i].error)) {
			bad("tcp", "%s", probe.error);
			means(tcp_failures[i].meaning);
			mend("%s", tcp_failures[i].mend);
			return BAD_TCP;
		}
	if (has("conn fail") || has("Unable to connect")) {
		bad("tcp", "%s", probe.error);
		means("the system refused to connect");
		mend("see connect(2) for the number");
		return BAD_TCP;
	}
	if (has("X509_V_ERR"))
		return explain_certificate();
	if (has("tls: ") || has("SSL") || has("bio_create"))
		return explain_tls();
	if (probe.status && probe.status != 101)
		return explain_status(probe.status, flags);
	return explain_handshake();
}

const char *code_meaning(int code)
{
	switch (code) {
	case -1:
		return "no code";
	case 1000:
		return "normal";
	case 1001:
		return "going away";
	case 1002:
		return "protocol error: it says that we broke the protocol";
	case 1003:
		return "unsupported kind of data";
	case 1007:
		return "invalid payload, text that is not UTF-8 for instance";
	case 1008:
		return "policy: mostly a missing or wrong token or origin";
	case 1009:
		return "message too big";
	case 1010:
		return "an extension it needs was not offered";
	case 1011:
		return "the server met an unexpected condition: see its log";
	case 1012:
		return "the server is being restarted";
	case 1013:
		return "try again later";
	default:
		return code >= 4000   ? "a code of the application: ask its authors"
		       : code >= 3000 ? "a registered code of a framework"
				      : "a code that RFC 6455 does not know";
	}
}
