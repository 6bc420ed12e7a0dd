/*
 * elf.h: what an executable or library asks the dynamic linker for.
 */
#ifndef WITH_OXLWS_ELF_H
#define WITH_OXLWS_ELF_H

#include <stddef.h>

/* The longest name of a library and of a search path that is read; longer ones are ignored. */
#define ELF_NAME_BYTES 256
#define ELF_PATH_BYTES 4096
#define ELF_NEEDED_MAX 256

enum elf_kind {
	ELF_UNREADABLE, /* no such file, or no permission; errno says which */
	ELF_SCRIPT,     /* starts with #!; `interpreter` is set */
	ELF_OTHER,      /* not for this machine's dynamic linker */
	ELF_STATIC,     /* an executable without a dynamic linker */
	ELF_DYNAMIC
};

struct elf_info {
	enum elf_kind kind;
	char interpreter[ELF_PATH_BYTES]; /* of a script */
	char soname[ELF_NAME_BYTES];
	char rpath[ELF_PATH_BYTES];   /* DT_RPATH: searched before LD_LIBRARY_PATH */
	char runpath[ELF_PATH_BYTES]; /* DT_RUNPATH: searched after it */
	int has_lws; /* the name of lws_create_context is in it */
	int needed_count;
	char needed[ELF_NEEDED_MAX][ELF_NAME_BYTES];
};

/* Reads `path` into `info`. Every offset in the file is checked: the file may be anything. */
void elf_read(const char *path, struct elf_info *info);

#endif
