/*
 * A resolver that never answers: the loop goes on, a hundred connect calls do not make a
 * hundred threads, and the context ends without waiting for it.
 *
 * The program has a getaddrinfo() of its own, which the library finds before the system's.
 * (The genuine library resolves on the calling thread: its connect call would not return.)
 *
 * Expected output: client_resolver_hangs.expected
 */
#define _GNU_SOURCE
#include "harness.h"
#include <dirent.h>
#include <netdb.h>

/* ThreadSanitizer has one of its own. */
#ifdef __SANITIZE_THREAD__
#define OWN_THREADS 2
#else
#define OWN_THREADS 1
#endif

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static int lookups;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **list)
{
	(void)name;
	(void)service;
	(void)hints;
	(void)list;
	__atomic_add_fetch(&lookups, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(&held);
	pthread_mutex_unlock(&held);
	return EAI_FAIL;
}

static int threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	CHECK(dir != NULL);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* without "." and ".." */
}

static int errors;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	(void)wsi;
	(void)user;
	(void)in;
	(void)len;
	errors += reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR;
	return 0;
}

static int ticks;

static void tick(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	ticks++;
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "hang", on_event, 0, 0, 0, NULL, 0 },
		LWS_PROTOCOL_LIST_TERM,
	};
	static lws_sorted_usec_list_t sul;
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_client_connect_info info = to_port(context, "80", "hang");
	char name[32];
	long long before;
	int i;

	pthread_mutex_lock(&held);
	before = now_us();
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "host%d.example", i);
		info.address = info.host = name;
		CHECK(lws_client_connect_via_info(&info) != NULL);
	}
	CHECK(now_us() - before < 2 * LWS_US_PER_SEC);
	say("connect calls return at once");

	CHECK(threads() > OWN_THREADS && threads() <= OWN_THREADS + 16);
	say("a bounded number of threads");

	lws_sul_schedule(context, 0, &sul, tick, 1000);
	while (!ticks)
		CHECK(lws_service(context, 0) >= 0);
	CHECK(errors == 0);
	say("the loop goes on");

	while (!__atomic_load_n(&lookups, __ATOMIC_SEQ_CST))
		usleep(1000);
	before = now_us();
	lws_context_destroy(context);
	CHECK(now_us() - before < 2 * LWS_US_PER_SEC);
	say("%d connections ended with the context, which did not wait", errors);

	/* The threads left behind end when the resolver lets them; what they found is dropped. */
	pthread_mutex_unlock(&held);
	while (threads() > OWN_THREADS)
		usleep(1000);
	say("and the threads are gone");
	return 0;
}
