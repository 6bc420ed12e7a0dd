/*
 * with-oxlws: runs one program on oxlws' libwebsockets.so without touching the system.
 */
#define _GNU_SOURCE
#include "ab.h"
#include "genuine.h"
#include "needs.h"
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef OXLWS_VERSION
#error OXLWS_VERSION is given by the build
#endif

static const char help[] =
	"Usage: with-oxlws [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"Runs PROGRAM on oxlws instead of the libwebsockets it is linked with.\n"
	"\n"
	"  -c, --check         only say which library PROGRAM would get\n"
	"  -a, --ab            run it on the genuine library, then on oxlws, and show what differs\n"
	"  -m, --mask=SED      with --ab: a sed -E expression for lines that differ in each run\n"
	"  -l, --libs=DIR      take the libraries from DIR\n"
	"  -q, --quiet         do not say which library was taken\n"
	"  -h, --help          show this\n"
	"  -V, --version       show the version\n"
	"\n"
	"The exit status is that of PROGRAM; with --ab 0 or 1 (they differ); 125 if it was not run.\n"
	"See with-oxlws(1).\n";

/* Whether `folder` has any of our libraries. */
static int has_libraries(const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/libwebsockets.so.17", folder);
	if (!access(path, R_OK))
		return 1;
	snprintf(path, sizeof(path), "%s/libwebsockets.so.19", folder);
	return !access(path, R_OK);
}

/* The folder of our libraries, relative to this program, so that an installed tree may be moved. */
static int find_libraries(char out[PATH_MAX], const char *given)
{
	static const char *const places[] = { OXLWS_LIBS_FROM_BIN, "../lib/oxlws", "../../lib/oxlws" };
	char self[PATH_MAX], path[2 * PATH_MAX];
	ssize_t length;
	size_t i;

	if (given)
		return realpath(given, out) && has_libraries(out);
	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length >= 0)
		self[length] = 0;
	else if (!realpath((const char *)getauxval(AT_EXECFN), self)) /* no /proc here */
		return 0;
	dirname(self);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", self, places[i]);
		if (realpath(path, out) && has_libraries(out))
			return 1;
	}
	return 0;
}

/* The file that the shell would run. */
static int find_program(const char *name, char out[PATH_MAX])
{
	const char *list = getenv("PATH"), *at, *end;
	char path[PATH_MAX];
	struct stat about;

	if (strchr(name, '/'))
		return !!realpath(name, out);
	for (at = list ? list : "/usr/bin:/bin"; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, ':');
		snprintf(path, sizeof(path), "%.*s/%s", (int)(end - at), at, name);
		if (!access(path, X_OK) && !stat(path, &about) && S_ISREG(about.st_mode))
			return !!realpath(path, out);
	}
	errno = ENOENT;
	return 0;
}

/* The dynamic linker ignores LD_LIBRARY_PATH for a program that gets rights from its file. */
static const char *privileged(const char *path)
{
	struct stat about;

	if (stat(path, &about))
		return NULL;
	if ((about.st_mode & S_ISUID) && about.st_uid != getuid())
		return "it is set-user-ID";
	if ((about.st_mode & S_ISGID) && about.st_gid != getgid())
		return "it is set-group-ID";
	if (getuid() && getxattr(path, "security.capability", NULL, 0) > 0)
		return "it has file capabilities";
	return NULL;
}

static int refuse(const char *program, const char *why)
{
	fprintf(stderr, "with-oxlws: %s is not run: %s\n", program, why);
	return 125;
}

/* Says what will happen. Returns 0, or 125: this cannot work. `preload` is set where a search path must be beaten. */
static int judge(const char *program, const struct needs *needs, const char *libraries, int quiet, char preload[PATH_MAX])
{
	char library[2 * PATH_MAX], text[3 * PATH_MAX];

	preload[0] = 0;
	if (needs->kind == ELF_UNREADABLE)
		return refuse(program, strerror(errno ? errno : EACCES));
	if (needs->kind == ELF_OTHER)
		return refuse(program, "not a program of this machine's kind (64 bit ELF) and not a script");
	if (needs->kind == ELF_STATIC)
		return refuse(program, "statically linked: there is no library that could be exchanged");
	if (needs->elsewhere[0]) {
		snprintf(text, sizeof(text), "its libraries ask for both %s and %s", needs->name, needs->elsewhere);
		return refuse(program, text);
	}
	if (!needs->name[0] && needs->built_in)
		return refuse(program, "libwebsockets is built into it (static library): nothing can be exchanged");
	if (!needs->name[0]) {
		if (!quiet)
			fprintf(stderr,
				"with-oxlws: %s%s%s is not linked with libwebsockets; plugins it loads find oxlws %s in %s\n",
				program, needs->interpreter[0] ? ", run by " : "", needs->interpreter, OXLWS_VERSION,
				libraries);
		return 0;
	}
	snprintf(library, sizeof(library), "%s/%s", libraries, needs->name);
	if (access(library, R_OK)) {
		snprintf(text, sizeof(text), "%s asks for %s, and oxlws has no such library in %s", needs->asked_by, needs->name,
			 libraries);
		return refuse(program, text);
	}
	if (needs->forced[0])
		snprintf(preload, PATH_MAX, "%.*s", PATH_MAX - 1, library);
	if (!quiet)
		fprintf(stderr, "with-oxlws: %s: %s is %s, oxlws %s%s%s%s\n", program, needs->name, library, OXLWS_VERSION,
			strcmp(needs->asked_by, program) ? " (asked for by " : "",
			strcmp(needs->asked_by, program) ? needs->asked_by : "",
			strcmp(needs->asked_by, program) ? ")" : "");
	return 0;
}

/* A comparison of oxlws with itself would look good. Returns 0, or 125: there is nothing to compare with. */
static int judge_genuine(const char *program, char *const command[], const struct needs *needs, int quiet)
{
	char path[PATH_MAX], text[2 * PATH_MAX];

	/* Of plugins and scripts nobody knows in advance what they ask for. */
	if (!needs->name[0] || needs->interpreter[0])
		return 0;
	switch (genuine_find(command, needs->name, path)) {
	case GENUINE_MISSING:
		snprintf(text, sizeof(text), "there is no genuine %s here to compare with", needs->name);
		return refuse(program, text);
	case GENUINE_IS_OURS:
		snprintf(text, sizeof(text), "without with-oxlws it gets oxlws as well, %s: there is nothing to compare", path);
		return refuse(program, text);
	case GENUINE_FOUND:
		if (!quiet)
			fprintf(stderr, "with-oxlws: %s: compared with %s\n", program, path);
		return 0;
	default:
		return 0;
	}
}

/* NAME=first[:what it was before] */
static char *assignment(const char *name, const char *first, char separator)
{
	const char *before = getenv(name);
	char *text;

	if (asprintf(&text, "%s=%s%c%s", name, first, before && *before ? separator : 0, before && *before ? before : "") < 0)
		exit(125);
	return text;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "check", no_argument, NULL, 'c' },
						 { "ab", no_argument, NULL, 'a' },
						 { "mask", required_argument, NULL, 'm' },
						 { "libs", required_argument, NULL, 'l' },
						 { "quiet", no_argument, NULL, 'q' },
						 { "help", no_argument, NULL, 'h' },
						 { "version", no_argument, NULL, 'V' },
						 { NULL, 0, NULL, 0 } };
	char libraries[PATH_MAX], program[PATH_MAX], preload[PATH_MAX], *environment[3] = { NULL, NULL, NULL };
	int option, check = 0, ab = 0, quiet = 0, status, i;
	struct ab_masks masks = { 0, { NULL } };
	const char *given = NULL;
	static struct needs needs;

	while ((option = getopt_long(argc, argv, "+cam:l:qhV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			check = 1;
			break;
		case 'a':
			ab = 1;
			break;
		case 'm':
			if (masks.count < (int)(sizeof(masks.expressions) / sizeof(masks.expressions[0])))
				masks.expressions[masks.count++] = optarg;
			break;
		case 'l':
			given = optarg;
			break;
		case 'q':
			quiet = 1;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		case 'V':
			puts("with-oxlws (oxlws " OXLWS_VERSION ")");
			return 0;
		default:
			fputs("Try 'with-oxlws --help'.\n", stderr);
			return 125;
		}
	}
	if (optind == argc) {
		fputs(help, stderr);
		return 125;
	}
	if (!find_libraries(libraries, given)) {
		fprintf(stderr, "with-oxlws: no libraries of oxlws in %s\n", given ? given : OXLWS_LIBS_FROM_BIN " beside this program");
		return 125;
	}
	if (!find_program(argv[optind], program)) {
		fprintf(stderr, "with-oxlws: %s: %s\n", argv[optind], strerror(errno));
		return 127;
	}
	if (privileged(program))
		return refuse(program, privileged(program));
	errno = 0;
	needs_find(program, &needs);
	status = judge(program, &needs, libraries, quiet && !check, preload);
	if (status || check)
		return status;
	if (ab && judge_genuine(program, argv + optind, &needs, quiet))
		return 125;

	environment[0] = assignment("LD_LIBRARY_PATH", libraries, ':');
	if (preload[0])
		environment[1] = assignment("LD_PRELOAD", preload, ':');
	if (ab) {
		status = ab_run(argv + optind, environment, &masks);
		free(environment[0]);
		free(environment[1]);
		return status;
	}
	for (i = 0; environment[i]; i++)
		putenv(environment[i]);
	execvp(argv[optind], argv + optind);
	fprintf(stderr, "with-oxlws: %s: %s\n", argv[optind], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
