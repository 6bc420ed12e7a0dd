/*
 * Only oxlws: system messages from four threads, while a fifth registers and ends peers.
 * Each message arrives once, in the service thread, those of one sender in order; a peer
 * that was ended is not called any more.
 *
 * Expected output: threads_smd.expected
 */
#include "harness.h"

#define SENDERS 4
#define MESSAGES 500

static struct lws_context *context;
static pthread_t service_thread;
static int next_of[SENDERS], received;
static const lws_smd_class_t user_class = 1u << LWSSMDCL_USER_BASE_BITNUM;

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi, (void)reason, (void)user, (void)in, (void)len;
	return 0;
}

static int on_message(void *opaque, lws_smd_class_t class, lws_usec_t timestamp, void *buf, size_t len)
{
	int sender, number;

	(void)opaque, (void)timestamp;
	CHECK(pthread_equal(pthread_self(), service_thread));
	CHECK(class == user_class && len < 40);
	CHECK(sscanf(buf, "%d %d", &sender, &number) == 2);
	CHECK(sender >= 0 && sender < SENDERS && number == next_of[sender]);
	next_of[sender]++;
	received++;
	return 0;
}

static void *send_all(void *arg)
{
	int number, sender = *(int *)arg;

	for (number = 0; number < MESSAGES; number++)
		/* Refused while the queue is full. */
		while (lws_smd_msg_printf(context, user_class, "%d %d", sender, number))
			sched_yield();
	return NULL;
}

/* Memory that is freed behind lws_smd_unregister must not be used any more. */
static int on_passing(void *opaque, lws_smd_class_t class, lws_usec_t timestamp, void *buf, size_t len)
{
	(void)class, (void)timestamp, (void)buf, (void)len;
	CHECK(!strcmp(opaque, "alive"));
	return 0;
}

static void *come_and_go(void *stop)
{
	while (!__atomic_load_n((int *)stop, __ATOMIC_ACQUIRE)) {
		char *mine = strdup("alive");
		struct lws_smd_peer *peer = lws_smd_register(context, mine, 0, user_class, on_passing);

		CHECK(peer != NULL);
		sched_yield();
		lws_smd_unregister(peer);
		strcpy(mine, "gone");
		free(mine);
	}
	return NULL;
}

int main(void)
{
	static const struct lws_protocols protocols[] = { { "p", on_event, 0, 0, 0, NULL, 0 },
							  { NULL, NULL, 0, 0, 0, NULL, 0 } };
	pthread_t senders[SENDERS], passing;
	int numbers[SENDERS], stop = 0, i;

	service_thread = pthread_self();
	context = make_context(protocols, NULL);
	CHECK(lws_smd_register(context, NULL, 0, user_class, on_message) != NULL);
	CHECK(!pthread_create(&passing, NULL, come_and_go, &stop));
	for (i = 0; i < SENDERS; i++) {
		numbers[i] = i;
		CHECK(!pthread_create(&senders[i], NULL, send_all, &numbers[i]));
	}
	while (received < SENDERS * MESSAGES)
		CHECK(lws_service(context, 0) >= 0);
	for (i = 0; i < SENDERS; i++)
		CHECK(!pthread_join(senders[i], NULL));
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	CHECK(!pthread_join(passing, NULL));
	say("%d messages of %d threads", received, SENDERS);
	lws_context_destroy(context);
	return 0;
}
