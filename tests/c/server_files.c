/*
 * Files of the program's choice by lws_serve_http_file: types, own header lines, ranges,
 * HEAD, what is not there; and file operations of the program, which make files up,
 * one of them in gzip.
 *
 * Argument: the start of the name of a file that is made and removed.
 */
#include "server.h"

static const char virtual_text[] = "this is in no file system\n";
static const char gzip_bytes[] = "not really gzip, but says so\n";

struct made_up {
	struct lws_fop_fd fd; /* first: the library sees only this */
	const char *text;
};

static lws_fop_fd_t on_open(const struct lws_plat_file_ops *fops, const char *path,
			    const char *rest, lws_fop_flags_t *flags)
{
	struct made_up *file = calloc(1, sizeof(*file));

	(void)rest;
	CHECK(file != NULL);
	say("open %s, accepts gzip %d", strrchr(path, '/'),
	    !!(*flags & LWS_FOP_FLAG_COMPR_ACCEPTABLE_GZIP));
	file->fd.fops = fops;
	file->text = virtual_text;
	if (strstr(path, "packed")) {
		if (!(*flags & LWS_FOP_FLAG_COMPR_ACCEPTABLE_GZIP)) {
			free(file);
			return NULL;
		}
		*flags |= LWS_FOP_FLAG_COMPR_IS_GZIP;
		file->text = gzip_bytes;
	}
	file->fd.flags = *flags | LWS_FOP_FLAG_VIRTUAL;
	file->fd.len = strlen(file->text);
	return &file->fd;
}

static int on_close(lws_fop_fd_t *fd)
{
	say("close");
	free(*fd);
	*fd = NULL;
	return 0;
}

static lws_fileofs_t on_seek(lws_fop_fd_t fd, lws_fileofs_t offset)
{
	fd->pos = (lws_filepos_t)((lws_fileofs_t)fd->pos + offset);
	return (lws_fileofs_t)fd->pos;
}

static int on_read(lws_fop_fd_t fd, lws_filepos_t *amount, uint8_t *buf, lws_filepos_t len)
{
	const struct made_up *file = (const struct made_up *)fd;
	lws_filepos_t left = fd->len - fd->pos;

	*amount = len < left ? len : left;
	memcpy(buf, file->text + fd->pos, (size_t)*amount);
	fd->pos += *amount;
	return 0;
}

static const struct lws_plat_file_ops made_up_files = {
	.open = on_open,
	.close = on_close,
	.seek_cur = on_seek,
	.read = on_read,
	.fi = { { ".made/", 6 } },
};

static char file_name[256];

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	const char *lines = "x-own: line\r\ncache-control: max-age=9\r\n", *path = file_name;
	int n, more = 0;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		if (!strcmp(in, "/missing"))
			path = "/no/such/file";
		if (!strcmp(in, "/made"))
			path = "/x.made/inside";
		if (!strcmp(in, "/packed"))
			path = "/x.made/packed";
		if (!strcmp(in, "/lines"))
			more = (int)strlen(lines);
		n = lws_serve_http_file(wsi, path, "text/plain", more ? lines : NULL, more);
		say("%s: %d", (const char *)in, n);
		if (n < 0 || (n > 0 && lws_http_transaction_completed(wsi)))
			return -1;
		return 0;
	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		say("HTTP_FILE_COMPLETION");
		break;
	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "files", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_context *context;
	int fd, status;

	CHECK(argc == 2);
	lws_snprintf(file_name, sizeof(file_name), "%s-XXXXXX", argv[1]);
	fd = mkstemp(file_name);
	CHECK(fd >= 0 && write(fd, "0123456789", 10) == 10);
	close(fd);
	server_info(&info, protocols);
	info.fops = &made_up_files;
	context = lws_create_context(&info);
	status = serve(context, port_of(context, "default"));
	unlink(file_name);
	return status;
}
