/*
 * Plugins of a program: which files of which directories they are, in which order they come, and
 * what becomes of those that are none.
 *
 *   plugins FOLDER      with the folders one, two and bad; those of the genuine library are in
 * FOLDER-oracle
 *
 * Expected output: plugins.expected
 */
#include "harness.h"

static int refused;

static int each(struct lws_plugin *plugin, void *user)
{
	say("  each %s", plugin->hdr->name);
	return user != NULL; /* says nothing */
}

static int gone(struct lws_plugin *plugin, void *user)
{
	CHECK(user == &refused);
	say("  gone %s", plugin->hdr->name);
	return 1; /* says nothing */
}

/* Loads and unloads; `found`: how many there are. */
static void load(const char *what, const char *const *directories, const char *class,
		 const char *filter, void *user, int found)
{
	struct lws_plugin *list = NULL, *plugin;
	int result;

	say("%s", what);
	result = lws_plugins_init(&list, directories, class, filter, each, user);
	/* 4.1 calls it a success that there are none */
	CHECK(result == (!found && LWS_LIBRARY_VERSION_NUMBER >= 4002000));
	for (plugin = list; plugin; plugin = plugin->list) {
		CHECK(!strcmp(plugin->hdr->_class, class) && plugin->u.l != NULL);
		found--;
	}
	CHECK(found == 0);
	CHECK(!lws_plugins_destroy(&list, gone, &refused) && list == NULL);
}

#ifndef ORACLE
static void log_line(int level, const char *line)
{
	const char *file = strstr(line, "/bad/");

	if (level == LLL_WARN && file) {
		refused++;
		say("  refused %.*s", (int)strcspn(file + 5, ":"), file + 5);
	}
}
#endif

int main(int argc, char **argv)
{
	char one[512], two[512], bad[512];
	const char *in_one[] = { one, NULL }, *in_both[] = { two, one, NULL };
	const char *in_bad[] = { bad, NULL }, *nowhere_and_one[] = { "/nonexistent", one, NULL };
#ifdef ORACLE
	const char *which = "-oracle";
#else
	const char *which = "";
#endif

	CHECK(argc == 2);
	snprintf(one, sizeof(one), "%s%s/one", argv[1], which);
	snprintf(two, sizeof(two), "%s%s/two", argv[1], which);
	snprintf(bad, sizeof(bad), "%s%s/bad", argv[1], which);
	lws_set_log_level(0, NULL);

	load("all of a directory", in_one, "test", NULL, NULL, 3);
	load("one by name", in_one, "test", "second", NULL, 1);
	load("no such name", in_one, "test", "secon", NULL, 0);
	load("no such class", in_one, "none", "second", NULL, 0);
	load("nonzero of each", in_one, "test", "second", &refused, 1);
	load("two directories", in_both, "test", NULL, NULL, 5);
	load("the same name twice", in_both, "test", "second", NULL, 2);
	load("a directory that is not there", nowhere_and_one, "test", "second", NULL, 1);

	/* 4.1 stops at the first that it cannot use. */
#ifndef ORACLE
	lws_set_log_level(LLL_WARN, log_line);
	load("others and broken ones", in_bad, "test", NULL, NULL, 2);
	lws_set_log_level(0, NULL);
	CHECK(refused == 3);
	load("another class", in_bad, "other", NULL, NULL, 1);
	CHECK(!lws_plugins_destroy(NULL, gone, &refused));
#else
	(void)in_bad;
	(void)bad;
	say("others and broken ones\n  each another\n  refused lib-broken.so\n  refused "
	    "lib-magical.so\n"
	    "  refused lib-nothing.so\n  each with_dash\n  gone with_dash\n  gone another\n"
	    "another class\n  each foreign\n  gone foreign");
#endif
	return 0;
}
