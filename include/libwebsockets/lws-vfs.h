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

int _lws_plat_file_close(lws_fop_fd_t *fop_fd);

lws_fop_fd_t _lws_plat_file_open(const struct lws_plat_file_ops *fops, const char *filename,
		const char *vpath, lws_fop_flags_t *flags);

int _lws_plat_file_read(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf,
		lws_filepos_t len);

lws_fileofs_t _lws_plat_file_seek_cur(lws_fop_fd_t fop_fd, lws_fileofs_t offset);

int _lws_plat_file_write(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf,
		lws_filepos_t len);

struct lws_plat_file_ops *lws_get_fops(struct lws_context *context);

void lws_set_fops(struct lws_context *context, const struct lws_plat_file_ops *fops);

lws_fop_fd_t lws_vfs_file_open(const struct lws_plat_file_ops *fops, const char *vfs_path,
		lws_fop_flags_t *flags);

lws_fileofs_t lws_vfs_file_seek_end(lws_fop_fd_t fop_fd, lws_fileofs_t offset);

lws_fileofs_t lws_vfs_file_seek_set(lws_fop_fd_t fop_fd, lws_fileofs_t offset);

lws_filepos_t lws_vfs_get_length(lws_fop_fd_t fop_fd);

uint32_t lws_vfs_get_mod_time(lws_fop_fd_t fop_fd);

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
