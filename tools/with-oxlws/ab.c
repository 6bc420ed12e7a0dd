/*
 * ab.c: runs a command twice and compares status, standard output and standard error.
 */
#define _GNU_SOURCE
#include "ab.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The time stamp in front of the library's log lines differs in each run. */
#define TIME_STAMP "s/\\[[0-9]{4}\\/[0-9]{2}\\/[0-9]{2} [0-9:]{13}\\]/[time]/g"

static const char *folder;

static void path_of(char *out, size_t room, const char *side, const char *what)
{
	snprintf(out, room, "%s/%s.%s", folder, side, what);
}

static int open_in(const char *side, const char *what, int flags)
{
	char path[512];

	path_of(path, sizeof(path), side, what);
	return open(path, flags | O_CLOEXEC, 0600);
}

/* Keeps a standard input that can be read only once, so that both runs get it. Returns a descriptor. */
static int keep_input(void)
{
	char buffer[65536];
	ssize_t count;
	int fd;

	if (isatty(0))
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = open_in("both", "input", O_RDWR | O_CREAT | O_TRUNC);
	while (fd >= 0 && (count = read(0, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)count) != count)
			return -1;
	return fd;
}

/* One run. Returns the wait status, or -1. */
static int run(const char *side, char **command, char *const environment[], int input)
{
	int out, err, status = -1, i;
	pid_t child;

	out = open_in(side, "stdout", O_WRONLY | O_CREAT | O_TRUNC);
	err = open_in(side, "stderr", O_WRONLY | O_CREAT | O_TRUNC);
	if (out < 0 || err < 0)
		return -1;
	lseek(input, 0, SEEK_SET); /* nothing to do for /dev/null */
	child = fork();
	if (!child) {
		for (i = 0; environment && environment[i]; i++)
			putenv(environment[i]);
		if (dup2(input, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
			_exit(126);
		execvp(command[0], command);
		_exit(errno == ENOENT ? 127 : 126);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	close(out);
	close(err);
	return child > 0 ? status : -1;
}

/* Runs a tool of the system; its output goes to `output` (-1: ours). Returns its status, -1: it did not run. */
static int tool(char *const arguments[], int output)
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (output >= 0 && dup2(output, 1) < 0)
			_exit(127);
		execvp(arguments[0], arguments);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status) == 127 ? -1 : WEXITSTATUS(status);
}

/* Writes SIDE.WHAT with masked lines to SIDE.WHAT.masked. */
static int mask(const char *side, const char *what, const struct ab_masks *masks)
{
	char *arguments[2 * 64 + 8], path[512], masked[64];
	int i, count = 0, output, status;

	path_of(path, sizeof(path), side, what);
	arguments[count++] = "sed";
	arguments[count++] = "-E";
	arguments[count++] = "-e";
	arguments[count++] = TIME_STAMP;
	for (i = 0; i < masks->count; i++) {
		arguments[count++] = "-e";
		arguments[count++] = (char *)masks->expressions[i];
	}
	arguments[count++] = path;
	arguments[count] = NULL;
	snprintf(masked, sizeof(masked), "%s.masked", what);
	output = open_in(side, masked, O_WRONLY | O_CREAT | O_TRUNC);
	if (output < 0)
		return -1;
	status = tool(arguments, output);
	close(output);
	return status;
}

static int compare(const char *what, const struct ab_masks *masks)
{
	char *arguments[8], genuine[512], ours[512], masked[64], label[2][64];
	int status;

	if (mask("genuine", what, masks) || mask("oxlws", what, masks))
		return -1;
	snprintf(masked, sizeof(masked), "%s.masked", what);
	path_of(genuine, sizeof(genuine), "genuine", masked);
	path_of(ours, sizeof(ours), "oxlws", masked);
	snprintf(label[0], sizeof(label[0]), "--label=genuine %s", what);
	snprintf(label[1], sizeof(label[1]), "--label=oxlws %s", what);
	arguments[0] = "diff";
	arguments[1] = "-u";
	arguments[2] = label[0];
	arguments[3] = label[1];
	arguments[4] = genuine;
	arguments[5] = ours;
	arguments[6] = NULL;
	fflush(stdout);
	status = tool(arguments, -1);
	printf("%s: %s\n", what, status ? "differs" : "the same");
	return status;
}

static const char *words(int status, char *out, size_t room)
{
	if (WIFSIGNALED(status))
		snprintf(out, room, "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(out, room, "%d", WEXITSTATUS(status));
	return out;
}

static void clean_up(void)
{
	char *arguments[] = { "rm", "-rf", "--", (char *)folder, NULL };

	tool(arguments, -1);
}

int ab_run(char **command, char *const environment[], const struct ab_masks *masks)
{
	char name[] = "/tmp/with-oxlws.XXXXXX", text[2][96];
	int input, genuine, ours, out, err, same;

	folder = mkdtemp(name);
	if (!folder) {
		perror("with-oxlws: mkdtemp");
		return 125;
	}
	input = keep_input();
	genuine = input < 0 ? -1 : run("genuine", command, NULL, input);
	ours = genuine == -1 ? -1 : run("oxlws", command, environment, input);
	if (ours == -1) {
		fprintf(stderr, "with-oxlws: could not run %s twice: %s\n", command[0], strerror(errno));
		clean_up();
		return 125;
	}
	out = compare("stdout", masks);
	err = compare("stderr", masks);
	if (genuine == ours)
		printf("exit status: the same, %s\n", words(ours, text[0], sizeof(text[0])));
	else
		printf("exit status: differs, genuine %s, oxlws %s\n", words(genuine, text[0], sizeof(text[0])),
		       words(ours, text[1], sizeof(text[1])));
	same = !out && !err && genuine == ours;
	clean_up();
	if (out < 0 || err < 0)
		return 125;
	return same ? 0 : 1;
}
