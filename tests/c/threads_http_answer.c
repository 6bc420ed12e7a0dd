/*
 * Programs with worker threads (rtpengine is one) compose the head of an http answer in a
 * worker, while the service thread is in lws_service; the service thread writes it at
 * HTTP_WRITEABLE. Every answer must be complete, however busy the loop is.
 *
 * Expected output: threads_http_answer.expected
 */
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define REQUESTS 300

/* One answer: made by the worker, written by the service thread. */
struct answer {
	struct lws *wsi;
	unsigned char buffer[LWS_PRE + 1024];
	size_t head, body;
	int wanted, ready;
};

static struct lws_context *context;
static struct answer answer;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int port, finished;

/* Composes what was asked for; the lock is not held meanwhile. */
static void compose(struct lws *wsi)
{
	unsigned char *start = answer.buffer + LWS_PRE, *p = start;
	unsigned char *end = answer.buffer + sizeof(answer.buffer);
	int failed;

	failed = lws_add_http_header_status(wsi, HTTP_STATUS_OK, &p, end) ||
		 lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE,
					      (const unsigned char *)"text/plain", 10, &p, end) ||
		 lws_add_http_header_by_name(wsi, (const unsigned char *)"x-made-by:",
					     (const unsigned char *)"worker", 6, &p, end) ||
		 lws_add_http_header_content_length(wsi, 5, &p, end) ||
		 lws_finalize_http_header(wsi, &p, end);
	CHECK(!failed);
	answer.head = (size_t)(p - start);
	memcpy(p, "hello", 5);
	answer.body = 5;
}

static void *worker(void *unused)
{
	struct lws *wsi;

	(void)unused;
	pthread_mutex_lock(&lock);
	while (!finished) {
		if (!answer.wanted) {
			pthread_cond_wait(&changed, &lock);
			continue;
		}
		answer.wanted = 0;
		wsi = answer.wsi;
		pthread_mutex_unlock(&lock);
		compose(wsi);
		pthread_mutex_lock(&lock);
		answer.ready = 1;
		pthread_mutex_unlock(&lock);
		lws_callback_on_writable(wsi);
		lws_cancel_service(context);
		pthread_mutex_lock(&lock);
	}
	pthread_mutex_unlock(&lock);
	return unused;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	unsigned char *start = answer.buffer + LWS_PRE;
	int ready;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		pthread_mutex_lock(&lock);
		answer.wsi = wsi;
		answer.wanted = 1;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
		return 0;

	case LWS_CALLBACK_HTTP_WRITEABLE:
		pthread_mutex_lock(&lock);
		ready = answer.ready;
		answer.ready = 0;
		pthread_mutex_unlock(&lock);
		if (!ready)
			return 0;
		CHECK(lws_write(wsi, start, answer.head, LWS_WRITE_HTTP_HEADERS) == (int)answer.head);
		CHECK(lws_write(wsi, start + answer.head, answer.body, LWS_WRITE_HTTP_FINAL) ==
		      (int)answer.body);
		return lws_http_transaction_completed(wsi) ? -1 : 0;

	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

/* A browser: one connection, one request after the other. */
static void *browser(void *unused)
{
	static const char request[] = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct sockaddr_in to;
	char got[2048], first[2048];
	size_t length;
	ssize_t n;
	int fd, number;

	(void)unused;
	memset(&to, 0, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_port = htons((unsigned short)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)));
	for (number = 0; number < REQUESTS; number++) {
		CHECK(write(fd, request, sizeof(request) - 1) == (ssize_t)sizeof(request) - 1);
		for (length = 0;; length += (size_t)n) {
			got[length] = 0;
			if (length > 5 && !strcmp(got + length - 5, "hello"))
				break;
			n = read(fd, got + length, sizeof(got) - 1 - length);
			CHECK(n > 0);
		}
		if (!number)
			strcpy(first, got);
		CHECK(!strcmp(first, got));
	}
	close(fd);
	for (length = 0; first[length]; length++)
		if (first[length] == '\r')
			first[length] = ' ';
	say("%s", first);
	say("%d answers, all alike", number);
	pthread_mutex_lock(&lock);
	finished = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	lws_cancel_service(context);
	return NULL;
}

static int is_finished(void)
{
	int value;

	pthread_mutex_lock(&lock);
	value = finished;
	pthread_mutex_unlock(&lock);
	return value;
}

int main(void)
{
	static const struct lws_protocols protocols[] = { { "http", on_event, 0, 0, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };
	struct lws_context_creation_info info;
	pthread_t threads[2];

	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&info, 0, sizeof(info));
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	port = lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default"));
	CHECK(port > 0);
	CHECK(!pthread_create(&threads[0], NULL, worker, NULL));
	CHECK(!pthread_create(&threads[1], NULL, browser, NULL));
	while (!is_finished() && lws_service(context, 0) >= 0)
		;
	CHECK(!pthread_join(threads[0], NULL));
	CHECK(!pthread_join(threads[1], NULL));
	lws_context_destroy(context);
	return 0;
}
