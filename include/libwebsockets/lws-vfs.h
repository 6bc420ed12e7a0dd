/*
 * lws-vfs.h: virtual file systems.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_VFS_H
#define OXLWS_LWS_VFS_H

/* The members of struct lws_plat_file_ops: some C libraries define open and close as macros. */
#define LWS_FOP_OPEN open
#define LWS_FOP_CLOSE close
#define LWS_FOP_SEEK_CUR seek_cur
#define LWS_FOP_READ read
#define LWS_FOP_WRITE write

/** The bits of lws_fop_flags_t that have the meaning they have for open(). */
#define LWS_FOP_FLAGS_MASK ((1 << 23) - 1)
/** A reader can take the file in gzip form. */
#define LWS_FOP_FLAG_COMPR_ACCEPTABLE_GZIP (1 << 24)
/** What was opened is in gzip form. */
#define LWS_FOP_FLAG_COMPR_IS_GZIP (1 << 25)
/** `mod_time` is valid. */
#define LWS_FOP_FLAG_MOD_TIME_VALID (1 << 26)
/** The file is not one of the platform. */
#define LWS_FOP_FLAG_VIRTUAL (1 << 27)

/* generated:types */

/** An open file of the virtual file system. */
struct lws_fop_fd {
	/** The descriptor of the platform, if there is one. */
	lws_filefd_type fd;
	/** The operations of the file. */
	const struct lws_plat_file_ops *fops;
	/** For the file system. */
	void *filesystem_priv;
	/** The position. */
	lws_filepos_t pos;
	/** The size. */
	lws_filepos_t len;
	/** How it is opened and what it is. */
	lws_fop_flags_t flags;
	/** When it was changed, in seconds since 1970. */
	uint32_t mod_time;
};

/** An open file of the virtual file system, by pointer. */
typedef struct lws_fop_fd *lws_fop_fd_t;

/** A path fragment that selects a file system, and its length without the NUL. */
struct lws_fops_index {
	const char *sig;
	uint8_t len;
};

/** The operations of a virtual file system, and the paths it serves. */
struct lws_plat_file_ops {
	lws_fop_fd_t (*open)(const struct lws_plat_file_ops *fops, const char *filename, const char *vpath,
		lws_fop_flags_t *flags);
	int (*close)(lws_fop_fd_t *fop_fd);
	lws_fileofs_t (*seek_cur)(lws_fop_fd_t fop_fd, lws_fileofs_t offset);
	int (*read)(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf, lws_filepos_t len);
	int (*write)(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf, lws_filepos_t len);
	/** Which paths these operations are for. */
	struct lws_fops_index fi[3];
	/** The next file system, or NULL. */
	const struct lws_plat_file_ops *next;
};

/* end of generated:types */

/* generated:functions */

/** The platform's `close` operation: closes and frees `*fop_fd` and sets it to NULL. Returns 0, or -1. */
int _lws_plat_file_close(lws_fop_fd_t *fop_fd);

/**
 * The platform's `open` operation: opens `filename` as open(2) does, with close-on-exec and mode 0664.
 *
 * `vpath` is not used. Returns the open file, to be ended by its `close` operation, or NULL.
 */
lws_fop_fd_t _lws_plat_file_open(const struct lws_plat_file_ops *fops, const char *filename,
		const char *vpath, lws_fop_flags_t *flags);

/**
 * The platform's `read` operation: reads up to `len` bytes at the position into `buf`.
 *
 * `amount`: set to how many; 0 at the end of the file. Returns 0, or -1 with `amount` 0.
 */
int _lws_plat_file_read(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf,
		lws_filepos_t len);

/**
 * The platform's `seek_cur` operation: moves the position by `offset` bytes, but not out of the file.
 *
 * Returns the new position, or -1.
 */
lws_fileofs_t _lws_plat_file_seek_cur(lws_fop_fd_t fop_fd, lws_fileofs_t offset);

/**
 * The platform's `write` operation: writes up to `len` bytes of `buf` at the position.
 *
 * `amount`: set to how many. Returns 0, or -1 with `amount` 0.
 */
int _lws_plat_file_write(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf,
		lws_filepos_t len);

/** The file operations of the context, first of their list. NULL for a context that is gone. */
struct lws_plat_file_ops *lws_get_fops(struct lws_context *context);

/**
 * Makes `fops` the first of the context's file operations; to keep the others, link them behind it by `next`.
 *
 * NULL goes back to the platform's. Files that are open keep their own.
 */
void lws_set_fops(struct lws_context *context, const struct lws_plat_file_ops *fops);

/**
 * Opens `vfs_path` with the first of the linked `fops` that has a signature (such as `.zip/`) in the path, else with
 * `fops` itself.
 *
 * `flags`: the low bits as for open(2), and `LWS_FOP_FLAG_` bits both ways. Returns the open file, or NULL.
 */
lws_fop_fd_t lws_vfs_file_open(const struct lws_plat_file_ops *fops, const char *vfs_path,
		lws_fop_flags_t *flags);

/** Moves the position of an open file to `offset` (0 or less) bytes from the end. Returns the new position, or -1. */
lws_fileofs_t lws_vfs_file_seek_end(lws_fop_fd_t fop_fd, lws_fileofs_t offset);

/** Moves the position of an open file to `offset` bytes from the start. Returns the new position, or -1. */
lws_fileofs_t lws_vfs_file_seek_set(lws_fop_fd_t fop_fd, lws_fileofs_t offset);

/**
 * Size of an open file in bytes. 0 for NULL.
 *
 * In the product of soname 17, as in 4.1.6, the size it had when it was opened.
 */
lws_filepos_t lws_vfs_get_length(lws_fop_fd_t fop_fd);

/** When an open file was changed last, if it has `LWS_FOP_FLAG_MOD_TIME_VALID`. 0 for NULL. */
uint32_t lws_vfs_get_mod_time(lws_fop_fd_t fop_fd);

/** Position of an open file, in bytes from the start. 0 for NULL. */
lws_filepos_t lws_vfs_tell(lws_fop_fd_t fop_fd);

/* end of generated:functions */

/** Closes `*fop_fd` and sets it to NULL; 0 also if there is nothing to close. */
static LWS_INLINE int
lws_vfs_file_close(lws_fop_fd_t *fop_fd)
{
	if (*fop_fd && (*fop_fd)->fops)
		return (*fop_fd)->fops->LWS_FOP_CLOSE(fop_fd);

	return 0;
}

/** Moves the position by `offset` bytes and returns the new one. */
static LWS_INLINE lws_fileofs_t
lws_vfs_file_seek_cur(lws_fop_fd_t fop_fd, lws_fileofs_t offset)
{
	return fop_fd->fops->LWS_FOP_SEEK_CUR(fop_fd, offset);
}

/** Reads up to `len` bytes; `*amount` is how many came. 0, or negative on error. */
static LWS_INLINE int
lws_vfs_file_read(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf, lws_filepos_t len)
{
	return fop_fd->fops->LWS_FOP_READ(fop_fd, amount, buf, len);
}

/** Writes up to `len` bytes; `*amount` is how many went. 0, or negative on error. */
static LWS_INLINE int
lws_vfs_file_write(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf, lws_filepos_t len)
{
	return fop_fd->fops->LWS_FOP_WRITE(fop_fd, amount, buf, len);
}

#endif
