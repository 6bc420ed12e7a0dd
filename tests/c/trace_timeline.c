/*
 * OXLWS_TRACE: what the timelines of a few connections look like.
 *
 *   trace_timeline client PORT         ws client with secrets in every place, against a scripted
 * peer trace_timeline server CERT KEY CA  wss server and client in one process: each connection's
 * own lines trace_timeline http PORT           http client that is redirected to /hello
 *   trace_timeline raw PORT            raw client
 *   trace_timeline refused             nobody listens
 *   trace_timeline unset PORT          without the variable nothing is written
 *   trace_timeline stderr PORT         OXLWS_TRACE=1
 *   trace_timeline secure PORT         a setuid program does not obey
 *
 * Times, keys, local ports and descriptor numbers are replaced before the lines are printed.
 */
#include "harness.h"
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct lws *from_callback;
static int done, wanted = 1, pieces;

static int on_chat(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		   size_t len)
{
	int appends = reason == LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER;
	unsigned char **p = in, *end = appends ? *p + len : NULL;
	struct lws *child;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		if (lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
						 (unsigned char *)"Basic aGlkZGVuOmhpZGRlbg==", 26,
						 p, end) ||
		    lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_COOKIE,
						 (unsigned char *)"id=hidden", 9, p, end) ||
		    lws_add_http_header_by_name(wsi, (unsigned char *)"X-Api-Key:",
						(unsigned char *)"hidden", 6, p, end))
			return -1;
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (!pieces++) {
			send_text(wsi, "hidden payload");
			lws_callback_on_writable(wsi);
		}
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (lws_is_final_fragment(wsi) && len == 3)
			return close_normally(wsi);
		break;
	case LWS_CALLBACK_RECEIVE:
		send_text(wsi, "bye");
		break;
	case LWS_CALLBACK_HTTP:
		return lws_return_http_status(wsi, 404, NULL) || lws_http_transaction_completed(wsi)
			       ? -1
			       : 0;
	case LWS_CALLBACK_RAW_CONNECTED:
	case LWS_CALLBACK_RAW_WRITEABLE:
		if (pieces++)
			return -1;
		lws_write(wsi, (unsigned char *)"hidden", 6, LWS_WRITE_RAW);
		break;
	case LWS_CALLBACK_RAW_RX:
		return -1;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP: {
		char buffer[1024 + LWS_PRE], *start = buffer + LWS_PRE;
		int room = 1024;

		if (lws_http_client_read(wsi, &start, &room) < 0)
			return -1;
		break;
	}
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		if (from_callback == wsi) {
			/* A connection that is begun inside a callback of another one. */
			from_callback = NULL;
			child = connect_to(lws_get_context(wsi), "1", "chat");
			CHECK(child != NULL);
		}
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		done++;
		break;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
	return 0;
}

static const struct lws_protocols protocols[] = { { "chat", on_chat, 0, 0, 0, NULL, 0 },
						  LWS_PROTOCOL_LIST_TERM };

static void run(struct lws_context *context)
{
	while (done < wanted && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
}

/* Replaces the digits at p by `name`, as far as there are any; returns what follows. */
static const char *number(const char *p, const char *name)
{
	p += strspn(p, "0123456789.");
	fputs(name, stdout);
	return p;
}

/* Prints the lines of the file that contain `tag` (all with NULL), without what varies. */
static void show(const char *file, const char *tag)
{
	static const struct {
		const char *before, *name;
	} varying[] = { { "(took ", "T" },    { "descriptor ", "N" }, { "process ", "PID" },
			{ "127.0.0.1:", "" }, { "]:", "" },	      { "localhost:", "" } };
	char line[1024];
	FILE *f = fopen(file, "r");

	CHECK(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		const char *p = line, *ms = strstr(line, " ms  ");

		if (tag && !strstr(line, tag))
			continue;
		if (!strncmp(line, "---", 3)) {
			printf("--- header\n");
			continue;
		}
		CHECK(ms != NULL && line[0] == '[');
		printf("%.*s T%s", (int)(strchr(line, ']') + 1 - line), line, "");
		for (p = ms; *p;) {
			size_t i;

			if (!strncmp(p, "Sec-WebSocket-Key: ", 19) ||
			    !strncmp(p, "Sec-WebSocket-Accept: ", 22)) {
				printf("%.*s VALUE\n", (int)strcspn(p, " "), p);
				break;
			}
			if (!strncmp(p, "date: ", 6) || !strncmp(p, "Date: ", 6) ||
			    !strncmp(p, "Server: ", 8)) {
				printf("%.*s VALUE\n", (int)strcspn(p, " "), p);
				break;
			}
			if (!strncmp(p, ", valid ", 8)) {
				printf(", valid FROM to UNTIL");
				p += strlen(", valid 2026-11-21 to 2036-11-18");
				continue;
			}
			for (i = 0; i < LWS_ARRAY_SIZE(varying); i++)
				if (!strncmp(p, varying[i].before, strlen(varying[i].before)))
					break;
			if (i == LWS_ARRAY_SIZE(varying)) {
				putchar(*p++);
			} else {
				fputs(varying[i].before, stdout);
				p += strlen(varying[i].before);
				if (varying[i].name[0])
					p = number(p, varying[i].name);
				else if (getenv("PEER") &&
					 !strncmp(p, getenv("PEER"), strlen(getenv("PEER"))))
					p = number(p, "PEER");
				else
					p = number(p, "PORT");
			}
		}
	}
	fclose(f);
}

static long size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) ? -1 : (long)st.st_size;
}

static void ws_client(const char *port)
{
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_client_connect_info info = to_port(context, port, "chat");

	info.path = "/chat?room=1&access_token=hidden&sig=hidden";
	info.protocol = "chat, access_token, hidden";
	CHECK(lws_client_connect_via_info(&info) != NULL);
	run(context);
}

static void other_client(const char *port, const char *method, const char *path)
{
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_client_connect_info info = to_port(context, port, "chat");

	info.method = method;
	info.path = path;
	CHECK(lws_client_connect_via_info(&info) != NULL);
	run(context);
}

static void server(const char *certificate, const char *key, const char *ca)
{
	static const struct lws_extension pmd[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate" },
		{ NULL, NULL, NULL }
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info connect_info;
	struct lws_context *context;
	struct lws_vhost *vhost;

	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = 0;
	info.iface = "127.0.0.1";
	info.vhost_name = "own";
	info.protocols = protocols;
	info.extensions = pmd;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.ssl_cert_filepath = certificate;
	info.ssl_private_key_filepath = key;
	info.client_ssl_ca_filepath = ca;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	vhost = lws_get_vhost_by_name(context, "own");
	CHECK(vhost != NULL);
	connect_info = to_port(context, "0", "chat");
	connect_info.port = lws_get_vhost_listen_port(vhost);
	connect_info.ssl_connection = LCCSCF_USE_SSL;
	connect_info.protocol = "chat";
	connect_info.host = "localhost";
	CHECK(lws_client_connect_via_info(&connect_info) != NULL);
	wanted = 2;
	run(context);
}

/* AddressSanitizer asks for this: its leak detector may not look into a setuid process, and says so with a failure. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return getauxval(AT_SECURE) ? "detect_leaks=0" : "";
}

/* Runs this program again as nobody's setuid program; 77 where that cannot be tried. */
static int secure(const char *port, const char *file)
{
	char program[64] = "/tmp/trace_timeline.XXXXXX", command[256];
	int fd = mkstemp(program), status;

	if (fd < 0 || geteuid() != 0) {
		printf("only root can make a setuid program of somebody else\n");
		return 77;
	}
	close(fd);
	lws_snprintf(command, sizeof(command),
		     "cp /proc/%d/exe %s && chown 65534 %s && chmod 4755 %s", (int)getpid(),
		     program, program, program);
	CHECK(system(command) == 0);
	if (!fork()) {
		execl(program, program, "as-setuid", port, file, (char *)NULL);
		_exit(77);
	}
	CHECK(wait(&status) > 0 && WIFEXITED(status));
	unlink(program);
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "", *port = argc > 2 ? argv[2] : "1";
	char file[64];
	int fd, status = 0;

	lws_snprintf(file, sizeof(file), "/tmp/trace_timeline-%d", (int)getpid());
	setenv("OXLWS_TRACE", file, 1);
	setenv("PEER", port, 1);
	if (!strcmp(mode, "client")) {
		ws_client(port);
		show(file, NULL);
	} else if (!strcmp(mode, "server") && argc == 5) {
		server(argv[2], argv[3], argv[4]);
		show(file, "[wsisrv|0|");
		show(file, "[wsicli|0|");
	} else if (!strcmp(mode, "http")) {
		other_client(port, "GET", "/moved");
		show(file, NULL);
	} else if (!strcmp(mode, "raw")) {
		other_client(port, "RAW", "/");
		show(file, NULL);
	} else if (!strcmp(mode, "refused")) {
		struct lws_context *context = make_context(protocols, NULL);

		wanted = 2;
		from_callback = connect_to(context, "1", "chat");
		CHECK(from_callback != NULL);
		run(context);
		show(file, NULL);
	} else if (!strcmp(mode, "unset") || !strcmp(mode, "stderr")) {
		int is_set = !strcmp(mode, "stderr");

		if (is_set)
			setenv("OXLWS_TRACE", "1", 1);
		else
			unsetenv("OXLWS_TRACE");
		CHECK((fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600)) >= 0 && dup2(fd, 2) == 2);
		ws_client(port);
		say("on stderr: %s", size_of(file) > 2000 ? "a timeline"
				     : size_of(file)	  ? "something"
							  : "nothing");
		if (!is_set) {
			setenv("OXLWS_TRACE", "0", 1);
			done = 0;
			other_client("1", NULL, "/");
			say("with 0: %s", size_of(file) ? "something" : "nothing");
		}
	} else if (!strcmp(mode, "secure")) {
		status = secure(port, file);
	} else if (!strcmp(mode, "as-setuid")) {
		if (!getauxval(AT_SECURE)) {
			printf("the system does not honour setuid here\n");
			return 77;
		}
		lws_snprintf(file, sizeof(file), "/tmp/trace_timeline-%d", (int)getppid());
		ws_client(port);
		say("setuid: %s", size_of(file) < 0 ? "no file" : "a file");
	} else {
		say("what?");
		status = 1;
	}
	/* Its mode: nobody else may read the timeline. */
	if (size_of(file) > 0) {
		struct stat st;

		CHECK(stat(file, &st) == 0 && (st.st_mode & 0777) == 0600);
	}
	unlink(file);
	return status;
}
