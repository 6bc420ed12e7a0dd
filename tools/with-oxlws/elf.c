/*
 * elf.c: reads the dynamic section of a 64 bit ELF file of this byte order.
 */
#define _GNU_SOURCE
#include "elf.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	const unsigned char *bytes;
	uint64_t size;
};

/* Whether `count` things of `each` bytes at `offset` lie inside the file. */
static int inside(const struct file *file, uint64_t offset, uint64_t count, uint64_t each)
{
	return offset <= file->size && (!each || count <= (file->size - offset) / each);
}

static int program_header(const struct file *file, const Elf64_Ehdr *head, int number, Elf64_Phdr *out)
{
	uint64_t at = head->e_phoff + (uint64_t)number * sizeof(*out);

	if (at < head->e_phoff || !inside(file, at, 1, sizeof(*out)))
		return 0;
	memcpy(out, file->bytes + at, sizeof(*out));
	return 1;
}

/* Where the byte that will be at `address` is in the file; the file's size if nowhere. */
static uint64_t offset_of(const struct file *file, const Elf64_Ehdr *head, uint64_t address)
{
	Elf64_Phdr segment;
	int i;

	for (i = 0; i < head->e_phnum; i++)
		if (program_header(file, head, i, &segment) && segment.p_type == PT_LOAD &&
		    address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz &&
		    segment.p_offset <= file->size)
			return address - segment.p_vaddr + segment.p_offset;
	return file->size;
}

/* Copies the text at `offset`; an empty one where it is cut off or too long. */
static void copy_text(const struct file *file, uint64_t offset, char *out, size_t room)
{
	uint64_t length = 0;

	out[0] = 0;
	if (offset >= file->size)
		return;
	while (offset + length < file->size && file->bytes[offset + length])
		length++;
	if (offset + length == file->size || length >= room)
		return;
	memcpy(out, file->bytes + offset, length + 1);
}

static void read_dynamic(const struct file *file, const Elf64_Ehdr *head, const Elf64_Phdr *dynamic,
			 struct elf_info *info)
{
	uint64_t i, count = dynamic->p_filesz / sizeof(Elf64_Dyn), texts = file->size, at;
	Elf64_Dyn entry;

	if (!inside(file, dynamic->p_offset, count, sizeof(entry)))
		return;
	for (i = 0; i < count; i++) {
		memcpy(&entry, file->bytes + dynamic->p_offset + i * sizeof(entry), sizeof(entry));
		if (entry.d_tag == DT_STRTAB)
			texts = offset_of(file, head, entry.d_un.d_ptr);
	}
	for (i = 0; i < count && texts < file->size; i++) {
		memcpy(&entry, file->bytes + dynamic->p_offset + i * sizeof(entry), sizeof(entry));
		if (entry.d_tag == DT_NULL)
			break;
		at = entry.d_un.d_val < file->size ? texts + entry.d_un.d_val : file->size;
		if (entry.d_tag == DT_SONAME)
			copy_text(file, at, info->soname, sizeof(info->soname));
		else if (entry.d_tag == DT_RPATH)
			copy_text(file, at, info->rpath, sizeof(info->rpath));
		else if (entry.d_tag == DT_RUNPATH)
			copy_text(file, at, info->runpath, sizeof(info->runpath));
		else if (entry.d_tag == DT_NEEDED && info->needed_count < ELF_NEEDED_MAX)
			copy_text(file, at, info->needed[info->needed_count++], ELF_NAME_BYTES);
	}
}

static void read_script(const struct file *file, struct elf_info *info)
{
	uint64_t start = 2, end;

	info->kind = ELF_SCRIPT;
	while (start < file->size && (file->bytes[start] == ' ' || file->bytes[start] == '\t'))
		start++;
	for (end = start; end < file->size && !memchr(" \t\n", file->bytes[end], 3);)
		end++;
	if (end - start >= sizeof(info->interpreter))
		end = start;
	memcpy(info->interpreter, file->bytes + start, end - start);
}

static void read_bytes(const struct file *file, struct elf_info *info)
{
	int i, is_dynamic = 0, has_linker = 0;
	Elf64_Phdr segment;
	Elf64_Ehdr head;

	info->kind = ELF_OTHER;
	if (file->size >= 2 && !memcmp(file->bytes, "#!", 2)) {
		read_script(file, info);
		return;
	}
	if (!inside(file, 0, 1, sizeof(head)))
		return;
	memcpy(&head, file->bytes, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_ident[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB) ||
	    head.e_phentsize != sizeof(segment))
		return;
	for (i = 0; i < head.e_phnum; i++) {
		if (!program_header(file, &head, i, &segment))
			return;
		has_linker |= segment.p_type == PT_INTERP;
		if (segment.p_type == PT_DYNAMIC) {
			is_dynamic = 1;
			read_dynamic(file, &head, &segment, info);
		}
	}
	info->has_lws = !!memmem(file->bytes, file->size, "lws_create_context", 18);
	info->kind = is_dynamic && (has_linker || info->needed_count) ? ELF_DYNAMIC : ELF_STATIC;
}

void elf_read(const char *path, struct elf_info *info)
{
	struct file file;
	struct stat about;
	void *bytes;
	int fd;

	memset(info, 0, sizeof(*info));
	info->kind = ELF_UNREADABLE;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &about) || !S_ISREG(about.st_mode)) {
		close(fd);
		errno = EACCES;
		return;
	}
	if (!about.st_size) {
		info->kind = ELF_OTHER;
		close(fd);
		return;
	}
	bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return;
	file.bytes = bytes;
	file.size = (uint64_t)about.st_size;
	read_bytes(&file, info);
	munmap(bytes, (size_t)about.st_size);
}
