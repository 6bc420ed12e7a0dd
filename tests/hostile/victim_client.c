/*
 * victim_client: what the hostile servers of hostile.py are let loose on.
 *
 *   victim_client CA
 *
 * Lines on standard input start connections: "ID KIND PORT PATH [OPTION...]", where KIND is
 * ws, wss, http, https or raw, and the options are pmd, jar, proxy=PORT, socks=PORT, login=USER:PASSWORD for that
 * proxy, header=NAME:VALUE (no blanks), subprotocol=NAME, send=TEXT. For each one line comes back when it has ended:
 *
 *   ID error TEXT | ID closed CODE messages N bytes N | ID http STATUS bytes N
 *
 * The end of the input ends the program in order.
 */
#include <libwebsockets.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct job {
	struct job *next, *older; /* of those that arrived; of all */
	int id, port, tls, is_pmd, has_jar, proxy, socks, status, code, done;
	char kind[8], path[128], send[64], login[64], header[128], subprotocol[96];
	unsigned long messages, bytes;
	struct lws_vhost *vhost;
};

static struct lws_context *context;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *arrived, *all;
static int input_over, running;
static const char *ca;

static void report(struct job *job, const char *format, unsigned long a, unsigned long b, const char *text)
{
	if (job->done)
		return;
	job->done = 1;
	running--;
	printf("%d ", job->id);
	if (text)
		printf("error %s", text);
	else
		printf(format, (unsigned long)(strncmp(format, "closed", 6) ? job->status : job->code), a, b);
	putchar('\n');
	fflush(stdout);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct job *job = lws_get_opaque_user_data(wsi);
	char room[LWS_PRE + 2048], *p = room + LWS_PRE;
	int n = 2000;

	(void)user;
	if (!job)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		report(job, "", 0, 0, in ? (const char *)in : "(none)");
		break;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: {
		char **at = in;

		if (job->header[0])
			*at += lws_snprintf(*at, len, "%s\r\n", job->header);
		break;
	}
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		if (job->send[0])
			lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (job->send[0]) {
			size_t size = strlen(job->send);

			memcpy(p, job->send, size);
			job->send[0] = 0;
			return lws_write(wsi, (unsigned char *)p, size, LWS_WRITE_TEXT) < 0;
		}
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		job->bytes += len;
		job->messages += (unsigned long)(lws_is_final_fragment(wsi) != 0);
		break;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		job->code = len >= 2 ? ((unsigned char *)in)[0] << 8 | ((unsigned char *)in)[1] : 1005;
		break;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		job->status = (int)lws_http_client_http_response(wsi);
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &p, &n) < 0 ? -1 : 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		job->bytes += len;
		break;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		report(job, "http %lu bytes %lu", job->bytes, 0, NULL);
		break;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		report(job, "http-cut %lu bytes %lu", job->bytes, 0, NULL);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		report(job, "closed %lu messages %lu bytes %lu", job->messages, job->bytes, NULL);
		break;
	case LWS_CALLBACK_RAW_RX:
		job->bytes += len;
		break;
	case LWS_CALLBACK_RAW_CLOSE:
		report(job, "closed %lu messages %lu bytes %lu", job->messages, job->bytes, NULL);
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "victim", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};
static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits" },
	{ NULL, NULL, NULL },
};

/* One vhost for each combination of what only vhosts can say. */
static struct lws_vhost *vhost_for(const struct job *job)
{
	static char names[64][64];
	static int count;
	struct lws_context_creation_info info;
	struct lws_vhost *vhost;
	char name[64], proxy[128];

	snprintf(name, sizeof(name), "v%d-%d-%d", job->is_pmd, job->proxy, job->socks);
	vhost = lws_get_vhost_by_name(context, name);
	if (vhost || count == 64)
		return vhost;
	strcpy(names[count], name);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.extensions = job->is_pmd ? extensions : NULL;
	info.vhost_name = names[count];
	info.client_ssl_ca_filepath = ca;
	info.connect_timeout_secs = 3;
	if (job->proxy || job->socks) {
		snprintf(proxy, sizeof(proxy), "%s%s%s127.0.0.1", job->proxy ? "" : "socks5://", job->login,
			 job->login[0] ? "@" : "");
		info.http_proxy_address = proxy;
		info.http_proxy_port = (unsigned int)(job->proxy ? job->proxy : job->socks);
	}
	count++;
	return lws_create_vhost(context, &info);
}

static void start(struct job *job)
{
	struct lws_client_connect_info info;

	memset(&info, 0, sizeof(info));
	info.context = context;
	info.vhost = vhost_for(job);
	info.address = job->proxy || job->socks ? "victim.invalid" : "127.0.0.1";
	info.host = "localhost";
	info.origin = "localhost";
	info.path = job->path;
	info.port = job->port;
	info.local_protocol_name = "victim";
	info.protocol = job->subprotocol[0] ? job->subprotocol : NULL;
	info.opaque_user_data = job;
	if (!strncmp(job->kind, "http", 4))
		info.method = "GET";
	else if (!strcmp(job->kind, "raw"))
		info.method = "RAW";
	if (!strcmp(job->kind, "wss") || !strcmp(job->kind, "https"))
		info.ssl_connection = LCCSCF_USE_SSL;
	if (job->has_jar)
		info.ssl_connection |= LCCSCF_CACHE_COOKIES;
	running++;
	if (!lws_client_connect_via_info(&info))
		report(job, "", 0, 0, "at once");
}

static void *read_input(void *arg)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin)) {
		struct job *job = calloc(1, sizeof(*job));
		char *word, *rest = NULL;

		if (!job || sscanf(line, "%d %7s %d %127s", &job->id, job->kind, &job->port, job->path) != 4)
			abort();
		for (word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
			job->is_pmd |= !strcmp(word, "pmd");
			job->has_jar |= !strcmp(word, "jar");
			sscanf(word, "proxy=%d", &job->proxy);
			sscanf(word, "socks=%d", &job->socks);
			sscanf(word, "login=%63s", job->login);
			sscanf(word, "header=%127s", job->header);
			sscanf(word, "subprotocol=%95s", job->subprotocol);
			sscanf(word, "send=%63s", job->send);
		}
		pthread_mutex_lock(&lock);
		job->next = arrived;
		arrived = job;
		job->older = all;
		all = job;
		pthread_mutex_unlock(&lock);
		lws_cancel_service(context);
	}
	pthread_mutex_lock(&lock);
	input_over = 1;
	pthread_mutex_unlock(&lock);
	lws_cancel_service(context);
	return arg;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	pthread_t reader;
	char jar[64];
	int over = 0;

	if (argc != 2)
		return 2;
	ca = argv[1];
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8 |
		       LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.timeout_secs = 2;
	snprintf(jar, sizeof(jar), "/tmp/victim_client-%d.jar", (int)getpid());
#if LWS_LIBRARY_VERSION_NUMBER >= 4002000
	info.http_nsc_filepath = jar; /* 4.1 has no jar: the cookies are only read */
#endif
	context = lws_create_context(&info);
	if (!context || pthread_create(&reader, NULL, read_input, NULL))
		return 1;
	puts("READY 0");
	fflush(stdout);
	while (!over) {
		struct job *job;

		if (lws_service(context, 0) < 0)
			return 1;
		pthread_mutex_lock(&lock);
		job = arrived;
		arrived = NULL;
		over = input_over;
		pthread_mutex_unlock(&lock);
		while (job) {
			struct job *next = job->next;

			start(job);
			job = next;
		}
	}
	pthread_join(reader, NULL);
	lws_context_destroy(context);
	while (all) {
		struct job *job = all;

		all = job->older;
		free(job);
	}
	unlink(jar);
	puts("stopped");
	return 0;
}
