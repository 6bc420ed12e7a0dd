/*
 * oxlws-doctor: connects to a websocket endpoint step by step, tells what works and
 * what does not, and which setting of a libwebsockets client mends it.
 *
 *   oxlws-doctor [options] ws[s]://HOST[:PORT][/PATH]
 *
 * See docs/man/oxlws-doctor.1 for options and exit statuses. Everything is found out
 * with the library's public functions: if the doctor connects, your program can.
 */
#include "doctor.h"
#include <arpa/inet.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <oxlws.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct options opt;
const char *host, *path;
int port, is_tls;
static int remarks;

/* ---- output */

static void line(const char *mark, const char *step, const char *format, va_list ap)
{
	printf("  %-5s %-12s ", mark, step);
	vprintf(format, ap);
	putchar('\n');
	fflush(stdout);
}

#define LINE_FUNCTION(name, mark)                                                                  \
	void name(const char *step, const char *format, ...)                                       \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, format);                                                              \
		line(mark, step, format, ap);                                                      \
		va_end(ap);                                                                        \
	}
LINE_FUNCTION(ok, "ok")
LINE_FUNCTION(note, "note")
LINE_FUNCTION(bad, "FAIL")

/* Something that is not as it should be, and does not stop us. */
void remark(const char *step, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line("but", step, format, ap);
	va_end(ap);
	remarks++;
}

void means(const char *text)
{
	printf("        means: %s\n", text);
}

void mend(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("        mend:  ");
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
}

const char *day(time_t time, char *text)
{
	struct tm tm;

	if (!gmtime_r(&time, &tm) || !strftime(text, 32, "%Y-%m-%d", &tm))
		strcpy(text, "?");
	return text;
}

/* ---- the steps */

static enum verdict check_name(void)
{
	struct addrinfo hints, *found = NULL, *a;
	char text[INET6_ADDRSTRLEN], all[300] = "";
	size_t used = 0;
	int n;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	n = getaddrinfo(host, NULL, &hints, &found);
	if (n) {
		bad("name", "%s: %s", host, gai_strerror(n));
		means(n == EAI_NONAME ? "there is no such name" : "the resolver did not answer");
		mend("check the name; `getent ahosts %s` asks the same resolver", host);
		return BAD_NAME;
	}
	for (a = found; a && used < sizeof(all) - 60; a = a->ai_next) {
		const void *address =
			a->ai_family == AF_INET6
				? (const void *)&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr
				: (const void *)&((struct sockaddr_in *)a->ai_addr)->sin_addr;

		if (inet_ntop(a->ai_family, address, text, sizeof(text)))
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
						 used ? ", " : "", text);
	}
	freeaddrinfo(found);
	if (strcmp(host, all))
		ok("name", "%s is %s", host, all);
	return WORKS;
}

static void say_certificate(const char *verdict)
{
	char until[32];

	if (!probe.has_certificate)
		return;
	day(probe.until, until);
	if (!strcmp(verdict, "ok"))
		ok("certificate", "of %s, issued by %s, valid until %s", probe.subject,
		   probe.issuer, until);
	else
		remark("certificate", "of %s, issued by %s, valid until %s: accepted because of -k",
		       probe.subject, probe.issuer, until);
	if (probe.until && probe.until < time(NULL) + 14 * 24 * 3600 && probe.until > time(NULL))
		remark("certificate", "runs out in less than 14 days");
}

static enum verdict check_session(void)
{
	if (opt.subprotocol && !probe.server_subprotocol[0])
		remark("websocket",
		       "101, but the server ignored the subprotocol '%s'; browsers would refuse "
		       "that",
		       opt.subprotocol);
	else
		ok("websocket", "101, subprotocol %s",
		   probe.server_subprotocol[0] ? probe.server_subprotocol : "none");
	if (strstr(probe.extensions, "permessage-deflate"))
		ok("deflate", "%s", probe.extensions);
	else
		note("deflate",
		     "permessage-deflate was offered and not taken: messages travel uncompressed");
	if (probe.peer_code && !probe.close_us) {
		bad("session", "the server closed with %d '%s'",
		    probe.peer_code < 0 ? 0 : probe.peer_code, probe.peer_reason);
		means(code_meaning(probe.peer_code));
		mend("the server's log; does it expect something first: a subprotocol, a token, a "
		     "message?");
		return BAD_SESSION;
	}
	if (!probe.close_us) {
		bad("session", "the connection ended without a close frame");
		means("the server, or something in between, dropped the connection after the "
		      "upgrade");
		mend("the server's log; OXLWS_TRACE=1 shows what came before");
		return BAD_SESSION;
	}
	if (probe.pong_us)
		ok("ping", "answered after %.2f ms",
		   (double)(probe.pong_us - probe.ping_us) / 1000);
	else
		remark("ping",
		       "no answer within %d s: validity checks (retry_and_idle_policy) would hang "
		       "up",
		       opt.timeout);
	if (probe.messages)
		note("session", "the server sent %d message%s by itself", probe.messages,
		     probe.messages == 1 ? "" : "s");
	/* The library waits 5 s for the answer to its close frame. */
	if (probe.closed_us - probe.close_us < 4500000)
		ok("close", "code 1000, answered after %.2f ms",
		   (double)(probe.closed_us - probe.close_us) / 1000);
	else
		remark("close", "the server did not answer our close frame within 5 s");
	return WORKS;
}

static enum verdict examine(void)
{
	const int flags = (is_tls ? LCCSCF_USE_SSL : 0) | (is_tls && opt.insecure ? LAX : 0);
	const char *proxy = opt.proxy ? opt.proxy : getenv("socks_proxy");
	enum verdict verdict;
	int failed, i;

	if (!proxy)
		proxy = getenv("http_proxy");
	if (proxy && proxy[0]) {
		const char *at = strrchr(proxy, '@');

		note("proxy", "%s%s (of %s)", at ? "***" : "", at ? at : proxy,
		     opt.proxy ? "--proxy" : "the environment; no_proxy is honoured");
	} else if ((verdict = check_name()) != WORKS) {
		return verdict;
	}

	failed = run_probe(NULL, flags, opt.subprotocol);
	/* What the environment says wrongly is passed over. */
	if (!strncmp(probe.trouble, "proxy: ", 7) && !has("NULL"))
		remark("proxy", "%s: not used", probe.trouble + 7);
	/* How far did it get? Whatever follows TCP shows that TCP works. */
	if (!failed ||
	    (!has("conn fail") && !has("Unable to connect") && !has("closed before est") &&
	     !has("DNS") && !has("proxy") && !has("socks") && !has("no context") && !has("NULL")))
		ok("tcp", "connected to %s:%d", host, port);
	if (probe.tls[0]) {
		ok("tls", "%s", probe.tls);
		say_certificate(probe.allowed_count ? "but" : "ok");
		for (i = 0; i < probe.allowed_count; i++)
			remark("certificate", "%s", probe.allowed[i]);
	}
	if (!failed)
		return check_session();

	if (has("no context") || has("NULL")) {
		bad("library", "%s", probe.error);
		return OWN_TROUBLE;
	}
	verdict = explain(flags);
	if (verdict == BAD_HTTP && probe.status && probe.status != 101 && opt.subprotocol) {
		/* Is it the subprotocol? */
		if (!run_probe(NULL, flags, NULL)) {
			note("websocket",
			     "without a subprotocol the server accepts the connection");
			mend("info.protocol = NULL and info.local_protocol_name for your own code, "
			     "or a name the server knows");
			verdict = BAD_WEBSOCKET;
		}
	}
	return verdict;
}

static void help(void)
{
	printf("usage: oxlws-doctor [options] ws[s]://HOST[:PORT][/PATH]\n"
	       "  --ca FILE          trust the authorities in this PEM file\n"
	       "  --subprotocol P    offer this subprotocol, or a list a,b\n"
	       "  --origin O         send this Origin header\n"
	       "  --host NAME        Host header, TLS server name and name in the certificate\n"
	       "  --cert FILE --key FILE   client certificate and its key\n"
	       "  --proxy URL        [http://|socks5://][user:password@]host:port\n"
	       "  --no-proxy         ignore http_proxy and socks_proxy of the environment\n"
	       "  --timeout SECONDS  for each step (5)\n"
	       "  -k, --insecure     accept any certificate, and tell what was wrong with it\n"
	       "  -h, --help; -V, --version\n");
}

static int PRINTS(1) usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("oxlws-doctor: ", stderr);
	vfprintf(stderr, format, ap);
	fputs("\nTry 'oxlws-doctor --help'.\n", stderr);
	va_end(ap);
	return USAGE;
}

/* The port at the end of an address, 0 if there is none that can be. */
static long port_of(const char *address)
{
	const char *colon = strrchr(address, ':');
	char *end = NULL;
	long number = colon ? strtol(colon + 1, &end, 10) : 0;

	return end && end != colon + 1 && (!*end || *end == '/') && number > 0 && number < 65536
		       ? number
		       : 0;
}

/* Whether a file that an option names can be read. */
static int readable(const char *name)
{
	return !name || !access(name, R_OK);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ca", required_argument, NULL, 'a' },
		{ "subprotocol", required_argument, NULL, 's' },
		{ "origin", required_argument, NULL, 'o' },
		{ "host", required_argument, NULL, 'N' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'y' },
		{ "proxy", required_argument, NULL, 'p' },
		{ "no-proxy", no_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "insecure", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	static const char *const verdicts[] = {
		"works",
		"works, with the remarks above",
		"",
		"the name does not resolve",
		"no TCP connection",
		"the proxy does not open the way",
		"no TLS connection",
		"the certificate is refused",
		"the server does not upgrade to websocket",
		"the websocket handshake failed",
		"the connection did not last",
		"the library could not be used",
	};
	static char url[1024], target[1024];
	const char *scheme, *rest;
	enum verdict verdict;
	int c;

	opt.timeout = 5;
	while ((c = getopt_long(argc, argv, "hkV", options, NULL)) != -1)
		switch (c) {
		case 'a':
			opt.ca = optarg;
			break;
		case 's':
			opt.subprotocol = optarg;
			break;
		case 'o':
			opt.origin = optarg;
			break;
		case 'N':
			opt.host = optarg;
			break;
		case 'c':
			opt.certificate = optarg;
			break;
		case 'y':
			opt.key = optarg;
			break;
		case 'p':
			opt.proxy = optarg;
			break;
		case 'n':
			opt.no_proxy = 1;
			break;
		case 't':
			opt.timeout = atoi(optarg);
			break;
		case 'k':
			opt.insecure = 1;
			break;
		case 'h':
			help();
			return 0;
		case 'V':
			printf("oxlws-doctor (oxlws %d.%d.%d)\n", OXLWS_VERSION_NUMBER / 1000000,
			       OXLWS_VERSION_NUMBER / 1000 % 1000, OXLWS_VERSION_NUMBER % 1000);
			return 0;
		default:
			/* getopt has said what is wrong. */
			fputs("Try 'oxlws-doctor --help'.\n", stderr);
			return USAGE;
		}
	if (optind != argc - 1)
		return usage("%s", optind < argc - 1 ? "one URL at a time" : "no URL");
	if (opt.timeout < 1 || opt.timeout > 600)
		return usage("--timeout: 1 to 600 seconds");
	if (strlen(argv[optind]) >= sizeof(url) - 2)
		return usage("the URL is too long");
	snprintf(url, sizeof(url), "%s", argv[optind]);
	rest = strstr(url, "://");
	rest = rest ? rest + 3 : url;
	if (memchr(rest, '@', strcspn(rest, "/?#")))
		return usage("a login in the URL is not sent: a program writes an Authorization "
			     "header at CLIENT_APPEND_HANDSHAKE_HEADER");
	is_tls = !strncmp(url, "wss://", 6);
	if ((!is_tls && strncmp(url, "ws://", 5)) ||
	    lws_parse_uri(url, &scheme, &host, &port, &rest) || !host[0])
		return usage("not a URL of the form ws[s]://HOST[:PORT][/PATH]");
	snprintf(target, sizeof(target), "%s%s", rest[0] == '/' ? "" : "/", rest);
	path = target;
	if (port < 1 || port > 65535)
		return usage("ports are 1 to 65535");
	if (!opt.certificate != !opt.key)
		return usage("--cert and --key belong together");
	if (!readable(opt.ca) || !readable(opt.certificate) || !readable(opt.key))
		return usage("%s: cannot be read", !readable(opt.ca)		? opt.ca
						   : !readable(opt.certificate) ? opt.certificate
										: opt.key);
	if (opt.proxy && !port_of(opt.proxy))
		return usage(
			"--proxy: [http://|socks5://][user:password@]host:port, ports are 1 to "
			"65535");
	if (opt.no_proxy) {
		unsetenv("http_proxy");
		unsetenv("socks_proxy");
	}

	/* What is behind '?' may be a token. */
	printf("%.*s%s\n", (int)strcspn(argv[optind], "?#"), argv[optind],
	       strpbrk(argv[optind], "?#") ? "?..." : "");
	verdict = examine();
	if (verdict == WORKS && remarks)
		verdict = WORKS_BUT;
	printf("result: %s\n", verdicts[verdict]);
	return (int)verdict;
}
