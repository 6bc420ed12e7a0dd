/*
 * Only oxlws: the allocator refuses large requests. Calls that need them say so with
 * their error value; a connection whose memory cannot be had ends in order; what does
 * not need much goes on.
 *
 * The program has a malloc() of its own, which the library finds before the system's.
 *
 * Expected output: memory_refused.expected
 */
#include "harness.h"

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

enum { LARGE = 256 * 1024 };

static volatile size_t most = SIZE_MAX;
static volatile int refused;

static int refuses(size_t size)
{
	if (size < most)
		return 0;
	refused++;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return refuses(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return refuses(size ? count * size : 0) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return refuses(size) ? NULL : __libc_realloc(memory, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	if (refuses(size))
		return ENOMEM;
	*memory = __libc_memalign(alignment, size);
	return *memory ? 0 : ENOMEM;
}

static struct lws_context *context;
static struct lws *plain;
static unsigned char *block;
static const char *port;
static int received, closed, failed, done, thread_result;

/* From another thread: the bytes would have to be copied. */
static void *write_elsewhere(void *arg)
{
	(void)arg;
	thread_result = lws_write(plain, block + LWS_PRE, 8 * LARGE, LWS_WRITE_BINARY);
	return NULL;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	pthread_t thread;

	(void)user, (void)in;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %.*s", (int)len, in ? (const char *)in : "");
		failed++;
		return 0;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		plain = wsi;
		lws_callback_on_writable(wsi);
		return 0;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		/* Comes again when the large message has gone. */
		if (most != SIZE_MAX || received)
			return 0;
		most = LARGE;
		say("large message: %d", lws_write(wsi, block + LWS_PRE, 8 * LARGE, LWS_WRITE_BINARY));
		CHECK(!pthread_create(&thread, NULL, write_elsewhere, NULL));
		CHECK(!pthread_join(thread, NULL));
		say("from another thread: %d", thread_result);
		CHECK(refused >= 2);
		say("small message: %d", send_text(wsi, "small"));
		most = SIZE_MAX;
		return 0;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		received++;
		if (received == 1) {
			CHECK(len == 5);
			say("it came back; large message, with memory: %d",
			    lws_write(wsi, block + LWS_PRE, 8 * LARGE, LWS_WRITE_BINARY));
			return 0;
		}
		if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
			return 0;
		say("it came back");
		return close_normally(wsi);

	case LWS_CALLBACK_CLIENT_CLOSED:
		closed = done = 1;
		return 0;

	default:
		return 0;
	}
}

/* A protocol whose connections get no session: no callback may see one without. */
static int on_large_session(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi, (void)in, (void)len;
	CHECK(reason != LWS_CALLBACK_CLIENT_ESTABLISHED && reason != LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL);
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		failed++;
	CHECK(!user);
	return 0;
}

/* A protocol whose receive buffer cannot be had. */
static int on_large_buffer(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED) {
		CHECK(send_text(wsi, "to be answered") == 14);
		most = LARGE;
	}
	CHECK(reason != LWS_CALLBACK_CLIENT_RECEIVE);
	if (reason == LWS_CALLBACK_CLIENT_CLOSED) {
		say("closed: no memory to receive");
		done = 1;
	}
	return 0;
}

static void containers(void)
{
	struct lws_buflist *list = NULL;
	struct lwsac *arena = NULL;
	lws_system_blob_t *blob = lws_system_get_blob(context, LWS_SYSBLOB_TYPE_AUTH, 0);

	most = LARGE;
	refused = 0;
	say("lws_buflist_append_segment: %d", lws_buflist_append_segment(&list, block, 2 * LARGE));
	say("lws_ring_create: %s", lws_ring_create(1, 2 * LARGE, NULL) ? "made" : "NULL");
	say("lwsac_use: %s", lwsac_use(&arena, 2 * LARGE, 0) ? "made" : "NULL");
	say("lws_realloc: %s", lws_realloc(NULL, 2 * LARGE, "test") ? "made" : "NULL");
	say("lws_system_blob_heap_append: %d", lws_system_blob_heap_append(blob, block, 2 * LARGE));
	CHECK(refused >= 5);
	most = SIZE_MAX;
}

static void run(const char *protocol)
{
	done = 0;
	CHECK(connect_to(context, port, protocol) != NULL);
	while (!done)
		CHECK(lws_service(context, 0) >= 0);
	most = SIZE_MAX;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = { { "plain", on_event, 0, 0, 0, NULL, 0 },
							  { "session", on_large_session, 4 * LARGE, 0, 0, NULL, 0 },
							  { "buffer", on_large_buffer, 0, 4 * LARGE, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };

	CHECK(argc == 2);
	port = argv[1];
	block = calloc(1, LWS_PRE + 8 * LARGE);
	CHECK(block != NULL);
	context = make_context(protocols, NULL);
	containers();
	run("plain");
	CHECK(closed);
	most = LARGE;
	say("connection with a large session: %s", connect_to(context, port, "session") ? "made" : "NULL");
	CHECK(refused);
	most = SIZE_MAX;
	run("buffer");
	CHECK(!failed);
	lws_context_destroy(context);
	free(block);
	say("over");
	return 0;
}
