/* What grows with the number of things: timers, vhosts, connections that are told the same.
 *
 * lws_growth suls N          CPU nanoseconds per timer: N are set in random order, due within half a second, and run
 * lws_growth vhosts N        CPU nanoseconds per lws_get_vhost_by_name() among N vhosts
 * lws_growth broadcast N PORT
 *                            waits for N connections, then CPU nanoseconds per message of 50 broadcasts of 16 bytes
 *
 * Prints: growth what=NAME n=N ns_per=X
 */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define BROADCASTS 50

static struct lws_context *cx;
static lws_sorted_usec_list_t round_timer;
static size_t wanted, ran, connected, told;
static int broadcasts, over;
static double before;

static double cpu_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return ((double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec) * 1e9 +
	       ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) * 1e3;
}

static int report(const char *what, double per)
{
	printf("growth what=%s n=%zu ns_per=%.0f\n", what, wanted, per);
	return 0;
}

static void ripe(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	over = ++ran == wanted;
}

static void broadcast(lws_sorted_usec_list_t *sul)
{
	/* Each round begins when the one before is through. */
	if (told == connected * (size_t)broadcasts) {
		if (broadcasts == BROADCASTS) {
			over = 1;
			return;
		}
		if (!broadcasts++)
			before = cpu_ns();
		lws_callback_on_writable_all_protocol(cx, (const struct lws_protocols *)lws_context_user(cx));
	}
	lws_sul_schedule(cx, 0, sul, broadcast, 20 * LWS_US_PER_MS);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	unsigned char buffer[LWS_PRE + 16];

	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		if (++connected == wanted)
			lws_sul_schedule(cx, 0, &round_timer, broadcast, 200 * LWS_US_PER_MS);
		break;
	case LWS_CALLBACK_CLOSED:
		connected--;
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		memset(buffer, 'x', sizeof buffer);
		if (lws_write(wsi, buffer + LWS_PRE, 16, LWS_WRITE_TEXT) < 16)
			return -1;
		told++;
		break;
	default:
		break;
	}
	return 0;
}

static struct lws_protocols protocols[] = {
	{ "growth", callback, 0, 0, 0, NULL, 0 }, { NULL, NULL, 0, 0, 0, NULL, 0 }
};

static struct lws_context *context(int port)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = port;
	info.iface = port == CONTEXT_PORT_NO_LISTEN ? NULL : "127.0.0.1";
	info.protocols = protocols;
	info.user = protocols;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	return lws_create_context(&info);
}

static int suls(void)
{
	lws_sorted_usec_list_t *all = calloc(wanted, sizeof *all);
	unsigned int x = 1;
	size_t i;

	if (!all || !(cx = context(CONTEXT_PORT_NO_LISTEN)))
		return 1;
	before = cpu_ns();
	for (i = 0; i < wanted; i++) {
		x = x * 1103515245u + 12345u;
		lws_sul_schedule(cx, 0, &all[i], ripe, (lws_usec_t)((x >> 8) % 500000) + 1);
	}
	while (!over && lws_service(cx, 0) >= 0)
		;
	return report("suls", (cpu_ns() - before) / (double)wanted);
}

static int vhosts(void)
{
	struct lws_context_creation_info info;
	char (*names)[16] = calloc(wanted, sizeof *names);
	size_t i;

	if (!names || !(cx = context(CONTEXT_PORT_NO_LISTEN)))
		return 1;
	for (i = 0; i < wanted; i++) {
		memset(&info, 0, sizeof info);
		info.port = CONTEXT_PORT_NO_LISTEN;
		info.protocols = protocols;
		snprintf(names[i], sizeof names[i], "v%u", (unsigned int)i);
		info.vhost_name = names[i];
		if (!lws_create_vhost(cx, &info))
			return 1;
	}
	before = cpu_ns();
	for (i = 0; i < 10000; i++)
		if (!lws_get_vhost_by_name(cx, names[i * 7919 % wanted]))
			return 1;
	return report("vhosts", (cpu_ns() - before) / 10000);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	lws_set_log_level(LLL_ERR, NULL);
	wanted = (size_t)atol(argv[2]);
	if (!strcmp(argv[1], "suls"))
		return suls();
	if (!strcmp(argv[1], "vhosts"))
		return vhosts();
	if (argc < 4 || !(cx = context(atoi(argv[3]))))
		return 1;
	while (!over && lws_service(cx, 0) >= 0)
		;
	return report("broadcast", (cpu_ns() - before) / (double)told);
}
