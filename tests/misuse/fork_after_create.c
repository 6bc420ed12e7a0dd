/*
 * fork_after_create.c: a program forks behind lws_create_context.
 *
 *   daemon     the parent ends, the child services what was made before: its listener
 *              answers, its client connection lives, its lookup of a name is answered
 *   destroy    the child only destroys the context; the parent's connections stay
 *   both       both go on; each answers on connections of its own
 *   exit       the child calls exit() without having touched the library
 *   inside     the fork comes from inside a callback; the child destroys, the parent goes on
 *   asleep     another thread forks while the service thread sleeps in the loop; both go on
 *
 * Expected output: fork_after_create_*.expected
 */
#include "harness.h"
#include <sys/wait.h>

static struct lws_context *context;
static struct lws_vhost *vhost;
static struct lws *client;
static int echoes, clients_up, servers_up, closed, errors, fork_inside;
static pid_t child_pid = -1;

static void end_child(void)
{
	lws_context_destroy(context);
	fflush(stdout);
	_exit(context ? 3 : 0);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	char text[32];

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		clients_up++;
		client = wsi;
		break;
	case LWS_CALLBACK_ESTABLISHED:
		servers_up++;
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return send_text(wsi, "hi") < 0;
	case LWS_CALLBACK_RECEIVE:
		CHECK(len < sizeof(text));
		memcpy(text, in, len);
		text[len] = 0;
		return send_text(wsi, text) < 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		echoes++;
		if (fork_inside) {
			fork_inside = 0;
			child_pid = fork();
			CHECK(child_pid >= 0);
			if (!child_pid) {
				CHECK(lws_is_first_fragment(wsi) == 1 && lws_is_final_fragment(wsi) == 1);
				CHECK(lws_is_final_fragment(NULL) == 0 && send_text(NULL, "nobody") < 0);
				CHECK(lws_callback_on_writable(wsi) == 1 && lws_callback_on_writable(NULL) == -1);
				lws_context_destroy(context); /* carried out when the loop is left */
			}
		}
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		errors++;
		break;
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLIENT_CLOSED:
		closed++;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "forks", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void start(const char *to)
{
	struct lws_client_connect_info info;

	memset(&info, 0, sizeof(info));
	info.context = context;
	info.vhost = vhost;
	info.address = to;
	info.host = to;
	info.port = lws_get_vhost_listen_port(vhost);
	info.path = "/";
	info.local_protocol_name = "forks";
	CHECK(lws_client_connect_via_info(&info));
}

/* Services until `*count` reaches `wanted`. */
static void until(const int *count, int wanted)
{
	int n;

	for (n = 0; n < 2000 && *count < wanted; n++)
		CHECK(lws_service(context, 0) >= 0);
	CHECK(*count >= wanted);
}

/* One message there and back on the client connection. */
static void exchange(void)
{
	int before = echoes;

	lws_callback_on_writable(client);
	until(&echoes, before + 1);
}

static void make(void)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.vhost_name = "forks";
	info.pcontext = &context;
	CHECK((context = lws_create_context(&info)));
	vhost = lws_get_vhost_by_name(context, "forks");
	CHECK(vhost);
}

static void finish(const char *who)
{
	lws_context_destroy(context);
	CHECK(!context);
	CHECK(closed == clients_up + servers_up);
	say("%s ended", who);
}

/* Waits for the child, which must end with status 0. */
static void reap(void)
{
	int status;

	CHECK(waitpid(child_pid, &status, 0) == child_pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static volatile int asleep_done;

static void *fork_in_thread(void *arg)
{
	child_pid = fork();
	CHECK(child_pid >= 0);
	if (!child_pid) {
		alarm(8);
		start("127.0.0.1");
		/* the listening socket is shared, and the parent's loop runs: either may be the server */
		until(&clients_up, 2);
		say("child: a connection came up");
		/* destroying it now would end the shared connections: this process services them too */
		_exit(0);
	}
	reap();
	asleep_done = 1;
	lws_cancel_service(context);
	return arg;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int pipes[2];

	alarm(20);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	make();
	if (!strcmp(what, "daemon")) {
		char byte;

		start("127.0.0.1");
		start("no-such-name.invalid");
		CHECK(!pipe(pipes));
		child_pid = fork();
		CHECK(child_pid >= 0);
		if (child_pid) {
			/* as daemon(3): ends without a word; waits only so that the test sees the child's words */
			close(pipes[1]);
			_exit(read(pipes[0], &byte, 1) != 1);
		}
		until(&clients_up, 1);
		until(&servers_up, 1);
		say("daemon: connection made before the fork came up");
		exchange();
		start("127.0.0.1");
		until(&clients_up, 2);
		say("daemon: connection made behind the fork came up");
		exchange();
		until(&errors, 1);
		say("daemon: the lookup was answered");
		finish("daemon");
		CHECK(write(pipes[1], "x", 1) == 1);
		return 0;
	}
	start("127.0.0.1");
	until(&clients_up, 1);
	until(&servers_up, 1);
	exchange();
	if (!strcmp(what, "inside")) {
		fork_inside = 1;
		lws_callback_on_writable(client);
		while (child_pid < 0 && context)
			lws_service(context, 0);
		if (!child_pid) {
			while (context)
				lws_service(context, 0);
			_exit(0);
		}
		reap();
		say("child destroyed its copy");
		CHECK(!closed);
	} else if (!strcmp(what, "asleep")) {
		pthread_t thread;

		CHECK(!pthread_create(&thread, NULL, fork_in_thread, NULL));
		while (!asleep_done)
			CHECK(lws_service(context, 0) >= 0);
		pthread_join(thread, NULL);
	} else {
		fflush(stdout);
		child_pid = fork();
		CHECK(child_pid >= 0);
		if (!child_pid && !strcmp(what, "destroy"))
			end_child();
		if (!child_pid && !strcmp(what, "exit"))
			exit(0);
		if (!child_pid) {
			int before = clients_up;

			start("127.0.0.1");
			until(&clients_up, before + 1);
			exchange();
			say("child: its own connection answers");
			_exit(0);
		}
		if (strcmp(what, "both"))
			reap();
		else {
			/* the listener is shared: whoever is faster accepts */
			int status;

			while (!waitpid(child_pid, &status, WNOHANG)) {
				lws_cancel_service(context);
				lws_service(context, 0);
			}
			CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		}
	}
	exchange();
	start("127.0.0.1");
	until(&clients_up, 2);
	until(&servers_up, 2);
	exchange();
	say("parent: old and new connections answer");
	CHECK(lws_get_context(client) == context);
	finish("parent");
	return 0;
}
