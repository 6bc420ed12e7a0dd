/*
 * soak: a server and a client, each a process, and a great many connections or messages
 * between them. Memory and descriptors of both must stay flat.
 *
 *   soak reconnects|messages COUNT [CERT KEY CA]
 *
 * reconnects: each connection exchanges one message and is closed by the client; eight at
 * a time. messages: eight connections, 64 short messages under way on each.
 *
 * Prints a line at the start, after warming up (a tenth), and at each quarter:
 *
 *   100000 of 1000000 after 1 s: client 5000 KiB, 12 descriptors; server 5000 KiB, 20 descriptors
 *
 * Fails if after warming up a process grew by more than 1 MiB, or has eight descriptors
 * more than the connections of the moment explain.
 */
#include "harness.h"
#include <dirent.h>
#include <sys/wait.h>

enum { CONNECTIONS = 8, WINDOW = 64, LENGTH = 32, GROWTH_KIB = 1024 };

static struct lws_context *context;
static const char *cert, *key, *ca;
static int port, is_reconnects, ended, opened;
static long total, done, failed;
static long long started;
static volatile sig_atomic_t stopping;
static pid_t server;

struct session {
	long sent, echoed;
};

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

/* ---- the server: what comes goes back */

static int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	return reason == LWS_CALLBACK_RECEIVE && lws_write(wsi, in, len, LWS_WRITE_BINARY) != (int)len;
}

static void serve(int tell)
{
	static const struct lws_protocols protocols[] = { { "soak", on_server, 0, 0, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };
	struct lws_context_creation_info info;

	signal(SIGTERM, on_signal);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.vhost_name = "soak";
	if (cert) {
		info.ssl_cert_filepath = cert;
		info.ssl_private_key_filepath = key;
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	}
	context = lws_create_context(&info);
	CHECK(context != NULL);
	port = lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "soak"));
	CHECK(write(tell, &port, sizeof(port)) == sizeof(port));
	close(tell);
	while (!stopping && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	_exit(0);
}

/* ---- what the processes use */

struct use {
	long kib, files;
};

static struct use use_of(pid_t pid)
{
	struct use use = { 0, 0 };
	char name[64];
	long size;
	FILE *file;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%d/statm", (int)pid);
	CHECK((file = fopen(name, "r")) != NULL);
	CHECK(fscanf(file, "%ld %ld", &size, &use.kib) == 2);
	fclose(file);
	use.kib *= sysconf(_SC_PAGESIZE) / 1024;
	snprintf(name, sizeof(name), "/proc/%d/fd", (int)pid);
	CHECK((dir = opendir(name)) != NULL);
	while (readdir(dir))
		use.files++;
	closedir(dir);
	return use;
}

static void look(void)
{
	static struct use first_client, first_server;
	struct use client_use, server_use;
	int is_over = done == total;

	if (done && done != total / 10 && (done % (total / 4) || done < total / 10))
		return;
	client_use = use_of(getpid());
	server_use = use_of(server);
	say("%ld of %ld after %lld s: client %ld KiB, %ld descriptors; server %ld KiB, %ld descriptors", done, total,
	    (now_us() - started) / 1000000, client_use.kib, client_use.files, server_use.kib, server_use.files);
	if (done == total / 10) {
		first_client = client_use;
		first_server = server_use;
	}
	if (done <= total / 10)
		return;
	CHECK(!memory_is_real() || client_use.kib < first_client.kib + GROWTH_KIB);
	CHECK(!memory_is_real() || server_use.kib < first_server.kib + GROWTH_KIB);
	/* A closed connection may be there a little longer, at either end. */
	CHECK(client_use.files <= first_client.files + CONNECTIONS);
	CHECK(is_over || server_use.files <= first_server.files + 2 * CONNECTIONS);
}

/* ---- the client */

static void open_one(void)
{
	struct lws_client_connect_info info;
	char address[32];

	/* Not the same one each time: closed connections hold their ports for a minute. */
	lws_snprintf(address, sizeof(address), "127.0.0.%d", 1 + opened % 250);
	opened++;
	memset(&info, 0, sizeof(info));
	info.context = context;
	info.address = address;
	info.host = "localhost";
	info.port = port;
	info.path = "/";
	info.local_protocol_name = "soak";
	info.ssl_connection = ca ? LCCSCF_USE_SSL : 0;
	CHECK(lws_client_connect_via_info(&info) != NULL);
}

static int send_one(struct lws *wsi, struct session *s)
{
	static unsigned char buffer[LWS_PRE + LENGTH];

	memcpy(buffer + LWS_PRE, &s->sent, sizeof(s->sent));
	s->sent++;
	return lws_write(wsi, buffer + LWS_PRE, LENGTH, LWS_WRITE_BINARY) == LENGTH ? 0 : -1;
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = user;
	int i;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		if (done == total) /* those that the end of the context interrupts */
			return 0;
		say("failed: %.*s", (int)len, in ? (const char *)in : "");
		failed++;
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		s->sent = s->echoed = 0;
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		for (i = s->sent ? WINDOW : 0; i < (is_reconnects ? 1 : WINDOW); i++)
			if (send_one(wsi, s))
				return -1;
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(len == LENGTH && !memcmp(in, &s->echoed, sizeof(s->echoed)));
		s->echoed++;
		if (is_reconnects)
			return close_normally(wsi);
		if (done == total)
			return 0;
		done++;
		look();
		return send_one(wsi, s);
	case LWS_CALLBACK_CLIENT_CLOSED:
		if (!is_reconnects || done == total) {
			ended++;
			return 0;
		}
		done++;
		look();
		if (done < total)
			open_one();
		else
			ended = 1;
		return 0;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = { { "soak", on_client, sizeof(struct session), 0, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };
	struct lws_context_creation_info info;
	int pipes[2], status, i;

	CHECK(argc == 3 || argc == 6);
	is_reconnects = !strcmp(argv[1], "reconnects");
	total = atol(argv[2]);
	CHECK(total >= 100);
	if (argc == 6) {
		cert = argv[3];
		key = argv[4];
		ca = argv[5];
	}
	CHECK(!pipe(pipes));
	server = fork();
	CHECK(server >= 0);
	if (!server) {
		close(pipes[0]);
		serve(pipes[1]);
	}
	close(pipes[1]);
	CHECK(read(pipes[0], &port, sizeof(port)) == sizeof(port));
	close(pipes[0]);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = ca;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	started = now_us();
	look();
	for (i = 0; i < CONNECTIONS; i++)
		open_one();
	while (!failed && (is_reconnects ? !ended : done < total))
		CHECK(lws_service(context, 0) >= 0);
	CHECK(!failed);
	lws_context_destroy(context);
	CHECK(!kill(server, SIGTERM) && waitpid(server, &status, 0) == server && !status);
	say("flat");
	return 0;
}
