/*
 * needs.h: which libwebsockets does a program ask for, itself or through its libraries?
 */
#ifndef WITH_OXLWS_NEEDS_H
#define WITH_OXLWS_NEEDS_H

#include "elf.h"

/* Files that are looked at; a program with more libraries is known only in part. */
#define NEEDS_FILES_MAX 512

struct needs {
	enum elf_kind kind;              /* of the program */
	char interpreter[ELF_PATH_BYTES]; /* of a script; the rest is then about the interpreter */
	char name[ELF_NAME_BYTES];       /* libwebsockets.so.NN, or empty */
	char asked_by[ELF_PATH_BYTES];   /* the file that names it */
	char forced[ELF_PATH_BYTES];     /* DT_RPATH of that file, which beats LD_LIBRARY_PATH, or empty */
	int built_in;                    /* no soname, but the program itself has lws_create_context */
	char elsewhere[ELF_NAME_BYTES];  /* a second, different soname, or empty */
};

/* Looks through `path` and the libraries it is linked with. */
void needs_find(const char *path, struct needs *needs);

#endif
