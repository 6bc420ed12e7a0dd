/*
 * misuse.c: every exported function is called with what a mistaken program may hand
 * it, from outside, from inside callbacks and from a second thread. None may crash or
 * hang, and where a connection, vhost or context is not a living one, the function
 * returns its error value and says so in one log line.
 *
 *   misuse WHERE [FUNCTION]     WHERE: outside, inside, thread, table, threads
 *
 * Each function gets a process of its own, which makes a context with a server and a
 * client connection, calls the function with each mistake, and must be able to end
 * in the usual way. "table" prints what each function answers to each kind of handle;
 * "threads" what it answers to a living one while another thread is in lws_service.
 *
 * Expected output: misuse_*.expected
 */
#include "harness.h"
#include <fcntl.h>
#include <oxlws.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct call {
	const char *name;
	const char *kinds; /* of the arguments: W V C T P F N */
	char returns;	   /* n number, p pointer, v nothing */
	long (*make)(void);
};

/* What the arguments are in the call that comes. */
enum handle { LIVE, SERVER, IS_NULL, STALE, FOREIGN, MEMORY, WRONG_KIND, OTHER_KIND, DEAD_CONTEXT, MISALIGNED, HANDLES };
static const char *const handle_names[] = { "live",	  "server",	"null",		"stale",	"foreign",
					    "memory",	  "wrong-kind", "other-kind",	"dead-context", "misaligned" };
static struct {
	enum handle handle;
	int null_param; /* the pointer that is NULL; -1 none, 99 all */
	int number;	/* 0: zeros, 1: small numbers, 2: negative or small ones */
} plan;

/* Of flags that two threads look at. */
#define GET(flag) __atomic_load_n(&(flag), __ATOMIC_SEQ_CST)
#define SET(flag, value) __atomic_store_n(&(flag), (value), __ATOMIC_SEQ_CST)

#define BLOCK 32768
static unsigned char blocks[10][BLOCK];
static struct lws_context *context;
static struct lws_vhost *vhost;
static struct lws *client, *server, *stale, *dead_wsi;
static struct lws_context *dead_context;
static struct lws_vhost *dead_vhost;
static struct oxlws_tls_config *tls, *dead_tls;

static void *handle(void *live, void *also, void *gone, void *wrong, void *other, void *dead)
{
	switch (plan.handle) {
	case LIVE:
		return live;
	case SERVER:
		return also;
	case IS_NULL:
		return NULL;
	case STALE:
		return gone;
	case FOREIGN:
		return (void *)(uintptr_t)0x1234567;
	case MEMORY:
		return blocks[9];
	case WRONG_KIND:
		return wrong;
	case OTHER_KIND:
		return other;
	case DEAD_CONTEXT:
		return dead;
	default:
		return (char *)live + 1;
	}
}

static int nothing(void)
{
	return 0;
}

static lws_sock_file_fd_type no_descriptor(void)
{
	lws_sock_file_fd_type fd;

	memset(&fd, 0, sizeof(fd));
	fd.sockfd = -1;
	return fd;
}

static void *pointer(int position)
{
	return plan.null_param == position || plan.null_param == 99 ? NULL : blocks[position];
}

#define W(position) ((void *)handle(GET(client), GET(server), stale, vhost, context, dead_wsi))
#define V(position) ((void *)handle(vhost, vhost, dead_vhost, GET(client), context, dead_vhost))
#define C(position) ((void *)handle(context, context, dead_context, vhost, GET(client), dead_context))
#define T(position) ((void *)handle(tls, tls, dead_tls, vhost, GET(client), dead_tls))
#define P(position) pointer(position)
#define F(position) ((void *)(uintptr_t)(pointer(position) ? (uintptr_t)nothing : 0))
#define N(position) (plan.number == 0 ? 0 : plan.number == 1 ? 16 : -1)
#define U(position) (plan.number == 0 ? 0u : 16u)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wpedantic"
#include "misuse_calls.h"
#pragma GCC diagnostic pop

/* Shared with the parent: where the child is. */
static struct progress {
	char doing[128];
} *progress;

static int error_lines, queued_lines, refused_lines;
static sem_t loop_runs;

static void count_errors(int level, const char *line)
{
	if (strstr(line, "called in thread")) {
		queued_lines += strstr(line, "queued") != NULL;
		refused_lines += strstr(line, "refused") != NULL;
	}
	if (level == LLL_ERR)
		__atomic_add_fetch(&error_lines, 1, __ATOMIC_SEQ_CST);
	if (getenv("OXLWS_TEST_LOG"))
		fputs(line, stderr);
}

static const struct call *current;
static int in_table, in_threads, in_call, acted, opened, closed;
static const char *where;

/* One call with what `plan` says. */
static long make(void)
{
	long result;

	snprintf(progress->doing, sizeof(progress->doing), "%s handle, NULL pointer %d, numbers %d",
		 handle_names[plan.handle], plan.null_param, plan.number);
	memset(blocks, 0, sizeof(blocks));
	/* a service call must not sleep */
	lws_cancel_service(context);
	SET(error_lines, 0);
	SET(in_call, 1);
	result = current->make();
	SET(in_call, 0);
	return result;
}

/* What a function makes of handles that are none: value and log lines. */
static void show_table(void)
{
	static const enum handle wrong[] = { IS_NULL, STALE, FOREIGN, MEMORY, WRONG_KIND, OTHER_KIND, DEAD_CONTEXT,
					     MISALIGNED };
	char line[400], *end = line;
	size_t i;

	end += snprintf(line, sizeof(line), "%s", current->name);
	for (i = 0; i < LWS_ARRAY_SIZE(wrong); i++) {
		long result;

		plan.handle = wrong[i];
		plan.null_param = -1;
		plan.number = 1;
		result = make();
		end += snprintf(end, (size_t)(line + sizeof(line) - end), " %s=", handle_names[wrong[i]]);
		if (current->returns == 'v')
			end += sprintf(end, "void");
		else if (current->returns == 'p')
			end += sprintf(end, "%s", result ? "POINTER" : "NULL");
		else if (!strcmp(current->name, "lws_retry_get_delay_ms"))
			end += sprintf(end, "%s", result > 2999 && result < 4000 ? "default" : "WRONG");
		else
			end += sprintf(end, "%ld", result);
		if (error_lines)
			end += sprintf(end, "!%.0d", error_lines > 1 ? error_lines : 0);
	}
	puts(line);
	fflush(stdout);
}

/* The value and the fate of a call from the wrong thread. */
static void show_fate(void)
{
	long result;

	plan.handle = LIVE;
	plan.null_param = -1;
	plan.number = 1;
	memset(blocks, 0, sizeof(blocks));
	/* until the loop sleeps: a getter that answers was not refused */
	while (lws_get_context(client) != context)
		;
	refused_lines = 0;
	result = current->make();
	printf("%s ", current->name);
	if (current->returns == 'v')
		printf("void");
	else if (current->returns == 'p')
		printf("%s", result ? "POINTER" : "NULL");
	else
		printf("%s", result < 0 ? "negative" : result ? "positive" : "0");
	puts(refused_lines ? " refused" : queued_lines ? " queued" : error_lines ? " with an error" : "");
	fflush(stdout);
}

static void play(void)
{
	int has_handle = strpbrk(current->kinds, "WVCT") != NULL;
	int n, h;

	if (in_table) {
		show_table();
		return;
	}
	for (h = has_handle ? HANDLES - 1 : 0; h >= 0; h--)
		for (plan.number = 0; plan.number < 3; plan.number++) {
			plan.handle = (enum handle)h;
			plan.null_param = 99;
			make();
			for (n = 0; current->kinds[n]; n++)
				if (strchr("PF", current->kinds[n])) {
					plan.null_param = n;
					make();
				}
			plan.null_param = -1;
			make();
		}
}

static void *in_thread(void *arg)
{
	if (in_threads) {
		while (sem_wait(&loop_runs))
			;
		show_fate();
	} else
		play();
	SET(acted, 1);
	/* The variable is cleared where the context ends. */
	lws_cancel_service(arg);
	return arg;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	/* lws_callback_all_protocol and the like deliver reasons of the caller's choice */
	if (GET(in_call) && reason == LWS_CALLBACK_ESTABLISHED)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLIENT_CLOSED:
		closed++;
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		if (wsi == client)
			SET(client, NULL);
		if (wsi == server)
			SET(server, NULL);
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened++;
		client = wsi;
		break;
	case LWS_CALLBACK_ESTABLISHED:
		opened++;
		server = wsi;
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (!GET(acted))
			send_text(wsi, "go");
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (!strcmp(where, "inside") && !GET(acted)) {
			SET(acted, 1);
			play();
		}
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "misuse", on_event, 16, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void on_late(lws_sorted_usec_list_t *sul)
{
	(void)sul;
	sem_post(&loop_runs);
}

static void make_all(void)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info to;
	int n;

	lws_set_log_level(in_threads ? LLL_ERR | LLL_NOTICE : LLL_ERR, count_errors);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	dead_tls = oxlws_tls_new(OXLWS_TLS_CLIENT);
	oxlws_tls_free(dead_tls);
	tls = oxlws_tls_new(OXLWS_TLS_CLIENT);
	CHECK(tls && dead_tls);
	/* a context that has ended, with what was in it */
	dead_context = lws_create_context(&info);
	CHECK(dead_context);
	dead_vhost = lws_get_vhost_by_name(dead_context, "default");
	CHECK(dead_vhost);
	memset(&to, 0, sizeof(to));
	to.context = dead_context;
	to.address = to.host = "127.0.0.1";
	to.port = 1;
	to.path = "/";
	to.local_protocol_name = "misuse";
	to.pwsi = &dead_wsi;
	lws_client_connect_via_info(&to);
	info.vhost_name = "live";
	info.iface = "127.0.0.1";
	info.port = 0;
	info.pcontext = &context; /* cleared when it ends */
	context = lws_create_context(&info);
	CHECK(context);
	vhost = lws_get_vhost_by_name(context, "live");
	CHECK(vhost);
	lws_context_destroy(dead_context);
	to.context = context;
	to.vhost = vhost;
	to.port = lws_get_vhost_listen_port(vhost);
	to.pwsi = &stale;
	CHECK(lws_client_connect_via_info(&to));
	lws_wsi_close(stale, LWS_TO_KILL_SYNC);
	to.pwsi = NULL;
	CHECK(lws_client_connect_via_info(&to));
	for (n = 0; n < 1000 && !(client && server); n++)
		lws_service(context, 0);
	CHECK(client && server);
}

/* The life of one child. */
static int child(void)
{
	static lws_sorted_usec_list_t sul;
	pthread_t thread;
	int n;

	alarm(10);
	make_all();
	if (!strcmp(where, "inside")) {
		lws_callback_on_writable(server);
		for (n = 0; n < 1000 && !GET(acted) && context; n++)
			lws_service(context, 0);
		CHECK(GET(acted));
	} else if (!strncmp(where, "thread", 6)) {
		CHECK(!sem_init(&loop_runs, 0, 0));
		lws_sul_schedule(context, 0, &sul, on_late, 1);
		CHECK(!pthread_create(&thread, NULL, in_thread, context));
		/* context becomes NULL where the thread's destruction of it is carried out */
		while (context && !GET(acted))
			lws_service(context, 0);
		pthread_join(thread, NULL);
	} else
		play();
	strcpy(progress->doing, "the loop behind it");
	if (context) {
		lws_sul_schedule(context, 0, &sul, on_late, 1000);
		for (n = 0; n < 5 && context; n++) {
			lws_cancel_service(context);
			lws_service(context, -1);
		}
		if (context)
			lws_sul_cancel(&sul);
	}
	strcpy(progress->doing, "the end of the context");
	lws_context_destroy(context);
	oxlws_tls_free(tls);
	if (context || opened != closed) {
		printf("%s %s: context %s, %d connections established, %d closed\n", where, current->name,
		       context ? "not ended" : "ended", opened, closed);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int i, count = 0, bad = 0;

	CHECK(argc >= 2);
	where = argv[1];
	in_table = !strcmp(where, "table");
	in_threads = !strcmp(where, "threads");
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(progress != MAP_FAILED);
	for (i = 0; i < LWS_ARRAY_SIZE(calls); i++) {
		int status = 0;
		pid_t pid;

		current = &calls[i];
		if (argc > 2 && strcmp(argv[2], current->name))
			continue;
		if ((in_table || in_threads) && !strpbrk(current->kinds, "WVCT"))
			continue;
		count++;
		fflush(stdout);
		pid = fork();
		CHECK(pid >= 0);
		if (!pid) {
			int result;

			if (chdir("/tmp"))
				_exit(2);
			result = child();
			fflush(stdout);
			_exit(result);
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			bad++;
			if (WIFSIGNALED(status))
				printf("%s %s: signal %d, %s\n", where, current->name, WTERMSIG(status),
				       progress->doing);
			else
				printf("%s %s: status %d, %s\n", where, current->name, WEXITSTATUS(status),
				       progress->doing);
		}
	}
	say("%s: %u functions, %u went wrong", where, count, bad);
	return bad != 0;
}
