/*
 * The environment must not weaken TLS: a client without a CA of its own, so that the system's store counts.
 *
 *   tls_environment PORT CA MODE
 *
 * MODE says what is in the environment, and what is printed:
 *
 *   none       nothing: the server, whose authority nobody knows, is refused
 *   file       SSL_CERT_FILE=CA, as OpenSSL understands it: accepted
 *   missing    SSL_CERT_FILE and SSL_CERT_DIR lead nowhere: refused
 *   weak       SSL_CERT_FILE=CA, and all that makes other programs and libraries look away; the server has a fault
 *   keylog     SSL_CERT_FILE=CA and SSLKEYLOGFILE: accepted, and nobody wrote down the keys
 *   secure     SSL_CERT_FILE=CA and SSL_CERT_DIR, but a setuid program does not obey: refused
 */
#include "harness.h"
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int done;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(in != NULL && len > 0);
		/* Why, without the words, which differ from version to version. */
		{
			const char *code = strstr(in, "X509_V_ERR");

			say("refused: %.*s", code ? (int)strcspn(code, ":") : (int)len, code ? code : (const char *)in);
		}
		done = 1;
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(lws_is_ssl(wsi));
		say("accepted");
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		done = 1;
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static void run_client(const char *port)
{
	static const struct lws_protocols protocols[] = {
		{ "verify", on_event, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect;
	struct lws_context *context;

	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	connect = to_port(context, port, "verify");
	connect.host = "localhost";
	connect.ssl_connection = LCCSCF_USE_SSL;
	CHECK(lws_client_connect_via_info(&connect) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	lws_context_destroy(context);
}

/* What people set so that something stops complaining. */
static void look_away(void)
{
	static const char *const names[] = {
		"NODE_TLS_REJECT_UNAUTHORIZED=0", "GIT_SSL_NO_VERIFY=1", "PYTHONHTTPSVERIFY=0", "CURL_INSECURE=1",
		"SSL_VERIFY=0", "SSL_VERIFY_NONE=1", "SSL_NO_VERIFY=1", "TLS_NO_VERIFY=1", "HTTPS_INSECURE=1",
		"PERL_LWP_SSL_VERIFY_HOSTNAME=0", "OPENSSL_CONF=/dev/null", "OPENSSL_ia32cap=0:0", "LWS_INSECURE=1",
		"LWS_ALLOW_INSECURE=1", "LWS_SSL_VERIFY=0", "OXLWS_INSECURE=1", "OXLWS_TLS_INSECURE=1",
		"OXLWS_NO_VERIFY=1", "RUSTLS_INSECURE=1", "RUSTLS_DANGEROUS=1", "LCCSCF_ALLOW_INSECURE=1",
	};
	size_t n;

	for (n = 0; n < LWS_ARRAY_SIZE(names); n++)
		CHECK(putenv((char *)(uintptr_t)names[n]) == 0);
}

/* AddressSanitizer asks for this: its leak detector may not look into a setuid process, and says so with a failure. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return getauxval(AT_SECURE) ? "detect_leaks=0" : "";
}

/* Runs this program again as nobody's setuid program; 77 where that cannot be tried. */
static int secure(const char *port)
{
	char program[64] = "/tmp/tls_environment.XXXXXX", command[256];
	int fd = mkstemp(program), status;

	if (fd < 0 || geteuid() != 0) {
		printf("only root can make a setuid program of somebody else\n");
		return 77;
	}
	close(fd);
	lws_snprintf(command, sizeof(command), "cp /proc/%d/exe %s && chown 65534 %s && chmod 4755 %s", (int)getpid(), program,
		     program, program);
	CHECK(system(command) == 0);
	if (!fork()) {
		execl(program, program, port, "-", "as-setuid", (char *)NULL);
		_exit(77);
	}
	CHECK(wait(&status) > 0 && WIFEXITED(status));
	unlink(program);
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const char *mode;
	char file[64], readable[64] = "/tmp/tls_environment-ca.XXXXXX", copy[512];
	int status = 0;

	CHECK(argc == 4);
	mode = argv[3];
	if (strcmp(mode, "as-setuid")) {
		unsetenv("SSL_CERT_FILE");
		unsetenv("SSL_CERT_DIR");
	}
	if (!strcmp(mode, "missing")) {
		setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
		setenv("SSL_CERT_DIR", "/nonexistent", 1);
	} else if (strcmp(mode, "none") && strcmp(mode, "as-setuid"))
		setenv("SSL_CERT_FILE", argv[2], 1);
	if (!strcmp(mode, "weak"))
		look_away();
	if (!strcmp(mode, "secure")) {
		/* One that nobody could read would prove nothing. */
		CHECK(close(mkstemp(readable)) == 0);
		lws_snprintf(copy, sizeof(copy), "cat %s >%s && chmod 644 %s", argv[2], readable, readable);
		CHECK(system(copy) == 0);
		setenv("SSL_CERT_FILE", readable, 1);
		setenv("SSL_CERT_DIR", "/tmp", 1);
		status = secure(argv[1]);
		unlink(readable);
		return status;
	}
	if (!strcmp(mode, "as-setuid") && !getauxval(AT_SECURE)) {
		printf("the system does not honour setuid here\n");
		return 77;
	}
	lws_snprintf(file, sizeof(file), "/tmp/tls_environment-%d.keys", (int)getpid());
	if (!strcmp(mode, "keylog"))
		setenv("SSLKEYLOGFILE", file, 1);
	run_client(argv[1]);
	if (!strcmp(mode, "keylog"))
		say("keys: %s", access(file, F_OK) ? "not written" : "WRITTEN");
	unlink(file);
	return status;
}
