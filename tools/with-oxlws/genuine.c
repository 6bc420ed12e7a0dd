/*
 * genuine.c: which library does a program get without us?
 */
#define _GNU_SOURCE
#include "genuine.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether the file is a library of oxlws: it has a name that libwebsockets does not have. */
static int is_ours(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ours = 0;
	struct stat about;
	void *bytes;

	if (fd >= 0 && !fstat(fd, &about) && about.st_size > 0) {
		bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			ours = !!memmem(bytes, (size_t)about.st_size, "oxlws_context_fd", 16);
			munmap(bytes, (size_t)about.st_size);
		}
	}
	if (fd >= 0)
		close(fd);
	return ours;
}

/* A line is "\tNAME => PATH (ADDRESS)" or "\tNAME => not found". */
static enum genuine look_at(const char *line, const char *name, char path[PATH_MAX])
{
	const char *at = line + strspn(line, "\t "), *end;

	if (strncmp(at, name, strlen(name)) || strncmp(at + strlen(name), " => ", 4))
		return GENUINE_UNKNOWN;
	at += strlen(name) + 4;
	end = strstr(at, " (");
	if (*at != '/' || !end)
		return GENUINE_MISSING;
	snprintf(path, PATH_MAX, "%.*s", (int)(end - at), at);
	return is_ours(path) ? GENUINE_IS_OURS : GENUINE_FOUND;
}

enum genuine genuine_find(char *const command[], const char *name, char path[PATH_MAX])
{
	enum genuine answer = GENUINE_UNKNOWN;
	char line[2 * PATH_MAX];
	int ends[2], nothing;
	pid_t child;
	FILE *lines;

	path[0] = 0;
	if (pipe2(ends, O_CLOEXEC))
		return answer;
	child = fork();
	if (!child) {
		nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
		setenv("LD_TRACE_LOADED_OBJECTS", "1", 1);
		if (dup2(nothing, 0) < 0 || dup2(ends[1], 1) < 0 || dup2(nothing, 2) < 0)
			_exit(127);
		execvp(command[0], command);
		_exit(127);
	}
	close(ends[1]);
	lines = fdopen(ends[0], "r");
	while (lines && fgets(line, sizeof(line), lines))
		if (answer == GENUINE_UNKNOWN)
			answer = look_at(line, name, path);
	if (lines)
		fclose(lines);
	else
		close(ends[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return answer;
}
