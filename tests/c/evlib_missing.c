/*
 * An event library that cannot be had: no context, and the log says which file is missing where. What lies in the current
 * directory or belongs to the original is not loaded. More threads than one are answered with a line of the log.
 */
#include "harness.h"
#include <sys/stat.h>

static char log_text[16384];

static void collect(int level, const char *line)
{
	(void)level;
	strncat(log_text, line, sizeof(log_text) - strlen(log_text) - 1);
}

static struct lws_context *make(uint64_t options, void **loops, unsigned int threads)
{
	static const struct lws_protocols protocols[] = {{NULL, NULL, 0, 0, 0, NULL, 0}};
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options = options;
	info.foreign_loops = loops;
	info.count_threads = threads;
	log_text[0] = 0;
	return lws_create_context(&info);
}

/* A file in the place of an object. */
static void plant(const char *directory, const char *content)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/libwebsockets-evlib_uloop.so", directory);
	file = fopen(path, "w");
	CHECK(file != NULL);
	fputs(content, file);
	fclose(file);
}

int main(void)
{
	char directory[] = "/tmp/oxlws-evlib-XXXXXX", path[512];
	struct lws_context *context;
	void *loops[1];

	loops[0] = log_text;
	lws_set_log_level(LLL_ERR | LLL_WARN, collect);
	CHECK(make(LWS_SERVER_OPTION_ULOOP, NULL, 0) == NULL);
	CHECK(strstr(log_text, "unable to load evlib plugin evlib_uloop"));
	CHECK(strstr(log_text, "libwebsockets-evlib_uloop.so: "));
	CHECK(make(LWS_SERVER_OPTION_ULOOP, loops, 0) == NULL);
	say("no context without its loop");

	CHECK(mkdtemp(directory) && chdir(directory) == 0);
	plant(".", "oxlws-evlib:1");
	CHECK(make(LWS_SERVER_OPTION_ULOOP, NULL, 0) == NULL);
	CHECK(!strstr(log_text, "file too short"));
	say("the current directory is not searched");

	setenv("LD_LIBRARY_PATH", directory, 1);
	plant(directory, "evlib_uloop of somebody else");
	CHECK(make(LWS_SERVER_OPTION_ULOOP, NULL, 0) == NULL);
	CHECK(strstr(log_text, "is not of oxlws"));
	plant(directory, "oxlws-evlib:0");
	CHECK(make(LWS_SERVER_OPTION_ULOOP, NULL, 0) == NULL);
	CHECK(strstr(log_text, "another version of oxlws"));
	plant(directory, "oxlws-evlib:1");
	CHECK(make(LWS_SERVER_OPTION_ULOOP, NULL, 0) == NULL);
	CHECK(strstr(log_text, "too short"));
	snprintf(path, sizeof(path), "%s/libwebsockets-evlib_uloop.so", directory);
	unlink(path);
	rmdir(directory);
	say("objects of others and of other versions are not loaded");

	context = make(0, loops, 0);
	CHECK(context != NULL && strstr(log_text, "foreign_loops is ignored"));
	lws_context_destroy(context);
	say("loops without a library are ignored");

	context = make(0, NULL, 4);
	CHECK(context != NULL && strstr(log_text, "count_threads 4: LWS_MAX_SMP is 1"));
	CHECK(lws_get_count_threads(context) == 1);
	lws_context_destroy(context);
	say("one thread");
	return 0;
}
