/*
 * needs.c: walks over a program and its libraries, the way the dynamic linker would.
 */
#define _GNU_SOURCE
#include "needs.h"
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WANTED "libwebsockets.so."

/* The files to look at: found in `paths`, looked at up to `done`. */
struct walk {
	char *paths[NEEDS_FILES_MAX];
	int count, done;
	char system[16 * ELF_PATH_BYTES]; /* the folders of /etc/ld.so.conf, with colons */
};

static void append(char *list, size_t room, const char *folder)
{
	size_t length = strlen(list);

	if (length + strlen(folder) + 2 < room)
		snprintf(list + length, room - length, "%s%s", length ? ":" : "", folder);
}

/* One file of folders; `include` lines name more of them, by pattern. */
static void read_conf(struct walk *walk, const char *path, int depth)
{
	char line[ELF_PATH_BYTES];
	FILE *file = depth < 4 ? fopen(path, "re") : NULL;
	glob_t more;
	size_t i;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#\n")] = 0;
		if (!strncmp(line, "include ", 8)) {
			if (!glob(line + 8, 0, NULL, &more)) {
				for (i = 0; i < more.gl_pathc; i++)
					read_conf(walk, more.gl_pathv[i], depth + 1);
				globfree(&more);
			}
		} else if (line[0] == '/') {
			line[strcspn(line, " \t")] = 0;
			append(walk->system, sizeof(walk->system), line);
		}
	}
	fclose(file);
}

static void add(struct walk *walk, const char *path)
{
	char *real = realpath(path, NULL);
	int i;

	for (i = 0; real && i < walk->count; i++)
		if (!strcmp(walk->paths[i], real)) {
			free(real);
			return;
		}
	if (real && walk->count < NEEDS_FILES_MAX)
		walk->paths[walk->count++] = real;
	else
		free(real);
}

/* Looks for `name` in a list of folders; $ORIGIN is the folder of the file that asks. True: added. */
static int look(struct walk *walk, const char *folders, const char *name, const char *asker)
{
	char folder[ELF_PATH_BYTES], path[2 * ELF_PATH_BYTES];
	const char *at, *end, *slash = strrchr(asker, '/');
	int origin = slash ? (int)(slash - asker) : 0;

	for (at = folders; at && *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, ':');
		if ((size_t)(end - at) >= sizeof(folder))
			continue;
		memcpy(folder, at, (size_t)(end - at));
		folder[end - at] = 0;
		if (!strncmp(folder, "$ORIGIN", 7))
			snprintf(path, sizeof(path), "%.*s%s/%s", origin, asker, folder + 7, name);
		else if (!strncmp(folder, "${ORIGIN}", 9))
			snprintf(path, sizeof(path), "%.*s%s/%s", origin, asker, folder + 9, name);
		else
			snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (!access(path, R_OK)) {
			add(walk, path);
			return 1;
		}
	}
	return 0;
}

static void look_at(struct walk *walk, const char *path, struct elf_info *info, struct needs *needs)
{
	const char *name;
	int i;

	for (i = 0; i < info->needed_count; i++) {
		name = info->needed[i];
		if (!strncmp(name, WANTED, strlen(WANTED))) {
			if (!needs->name[0]) {
				snprintf(needs->name, sizeof(needs->name), "%s", name);
				snprintf(needs->asked_by, sizeof(needs->asked_by), "%s", path);
				if (info->rpath[0] && !info->runpath[0])
					snprintf(needs->forced, sizeof(needs->forced), "%s", info->rpath);
			} else if (strcmp(needs->name, name)) {
				snprintf(needs->elsewhere, sizeof(needs->elsewhere), "%s", name);
			}
			continue;
		}
		if (strchr(name, '/'))
			add(walk, name);
		else if (!look(walk, info->runpath[0] ? "" : info->rpath, name, path) &&
			 !look(walk, getenv("LD_LIBRARY_PATH"), name, path) &&
			 !look(walk, info->runpath, name, path))
			look(walk, walk->system, name, path);
	}
}

void needs_find(const char *path, struct needs *needs)
{
	struct elf_info *info = malloc(sizeof(*info));
	struct walk *walk = calloc(1, sizeof(*walk));

	memset(needs, 0, sizeof(*needs));
	if (!info || !walk)
		goto out;
	elf_read(path, info);
	needs->kind = info->kind;
	needs->built_in = info->has_lws;
	if (info->kind == ELF_SCRIPT) {
		memcpy(needs->interpreter, info->interpreter, sizeof(needs->interpreter));
		add(walk, info->interpreter);
	} else if (info->kind == ELF_DYNAMIC) {
		add(walk, path);
	}
	read_conf(walk, "/etc/ld.so.conf", 0);
	append(walk->system, sizeof(walk->system), "/lib64:/usr/lib64:/lib:/usr/lib");
	for (; walk->done < walk->count; walk->done++) {
		elf_read(walk->paths[walk->done], info);
		if (info->kind == ELF_DYNAMIC)
			look_at(walk, walk->paths[walk->done], info, needs);
	}
out:
	while (walk && walk->count)
		free(walk->paths[--walk->count]);
	free(walk);
	free(info);
}
