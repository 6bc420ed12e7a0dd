/*
 * victim_server: what the hostile clients of hostile.py are let loose on.
 *
 *   victim_server FILES CERT KEY
 *
 * A ws echo (text up to 4096 bytes comes back, of longer messages the length), pages,
 * files of the directory FILES, on a plain port and on one with TLS. "READY port tls-port" tells
 * that it listens; SIGTERM ends it in order.
 *
 * On the path /strict a message may inflate to 100 times its size.
 *
 *   /            "home"             /big       1 MiB
 *   /post        "posted N"         /files/    the directory
 *   /form        lengths of the fields "text" and "file" of a form, or "broken"
 *   /private/    the directory for those whom its file "logins" lists
 *
 * An upload of a form whose name is "spool" is written to FILES/spool/; "full" when that could not be done. The
 * environment's OXLWS_TEST_LOG is the log level, OXLWS_TEST_PASSPHRASE opens the key.
 */
#include <libwebsockets.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEEP = 4096, BIG = 1 << 20 };

struct session {
	size_t len;		/* of the message, or of the body, so far */
	size_t queued, big_left;
	int is_answer, is_binary, form_is_broken, spool, disk_is_full, is_idle, is_late, is_whole;
	struct lws_spa *form;
	size_t file_len;
	unsigned char kept[LWS_PRE + KEEP];
};

static struct lws_context *context;
static unsigned char whole[LWS_PRE + BIG];
static const char *files;
static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

/* Only interrupts whatever call is under way. */
static void on_interruption(int sig)
{
	(void)sig;
}

static int reply(struct lws *wsi, struct session *s, unsigned int status, lws_filepos_t len)
{
	unsigned char room[LWS_PRE + 1024], *start = room + LWS_PRE, *p = start, *end = room + sizeof(room) - 1;

	(void)s;
	if (lws_add_http_common_headers(wsi, status, "text/plain", len, &p, end) ||
	    lws_finalize_write_http_header(wsi, start, &p, end))
		return 1;
	lws_callback_on_writable(wsi);
	return 0;
}

static int on_upload(void *data, const char *name, const char *filename, char *buf, int len,
		     enum lws_spa_fileupload_states state)
{
	struct session *s = data;
	char path[256];

	(void)filename;
	s->file_len += (size_t)len;
	if (strcmp(name, "spool"))
		return 0;
	if (state == LWS_UFS_OPEN) {
		snprintf(path, sizeof(path), "%s/spool/%p", files, data);
		s->spool = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		unlink(path);
	}
	if (s->spool >= 0 && len && write(s->spool, buf, (size_t)len) != len) {
		s->disk_is_full = 1;
		return -1;
	}
	if (state == LWS_UFS_CLOSE && s->spool >= 0) {
		close(s->spool);
		s->spool = -1;
	}
	return 0;
}

/* A piece of a body; where it is a form's, into the parser. */
static int on_body(struct lws *wsi, struct session *s, const char *in, size_t len)
{
	static const char *const names[] = { "text", "file" };
	char path[16];

	s->len += len;
	if (!s->form && !s->form_is_broken && lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_POST_URI) > 0 &&
	    !strcmp(path, "/form")) {
		s->file_len = 0;
		s->spool = -1;
		s->disk_is_full = 0;
		s->form = lws_spa_create(wsi, names, 2, 1024, on_upload, s);
		s->form_is_broken = !s->form;
	}
	if (s->form && !s->form_is_broken)
		s->form_is_broken = lws_spa_process(s->form, in, (int)len) != 0;
	return 0;
}

/* What there is to say about a body. */
static int on_body_completion(struct lws *wsi, struct session *s)
{
	char *to = (char *)s->kept + LWS_PRE;

	if (s->form && !s->form_is_broken)
		s->form_is_broken = lws_spa_finalize(s->form) != 0;
	if (s->form_is_broken)
		s->queued = (size_t)sprintf(to, s->disk_is_full ? "full" : "broken");
	else if (s->form)
		s->queued = (size_t)sprintf(to, "text %d file %zu", lws_spa_get_length(s->form, 0), s->file_len);
	else
		s->queued = (size_t)sprintf(to, "posted %zu", s->len);
	return reply(wsi, s, 200, s->queued);
}

static int on_http(struct lws *wsi, struct session *s, const char *path)
{
	s->len = 0;
	s->is_idle = !strcmp(path, "/idle"); /* asks to write for ever, and writes nothing */
	if (s->is_idle) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	s->is_late = !strcmp(path, "/late"); /* all of the answer when it may write */
	if (s->is_late) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI))
		return 0;
	s->is_whole = !strcmp(path, "/whole"); /* in one piece */
	if (s->is_whole || !strcmp(path, "/big")) {
		s->big_left = BIG;
		return reply(wsi, s, 200, BIG);
	}
	if (strcmp(path, "/")) {
		if (lws_return_http_status(wsi, 404, NULL))
			return -1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	s->queued = 4;
	memcpy(s->kept + LWS_PRE, "home", 4);
	return reply(wsi, s, 200, 4);
}

static int on_http_writeable(struct lws *wsi, struct session *s)
{
	size_t n = s->queued;

	if (s->is_idle) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	if (s->is_late) {
		s->is_late = 0;
		s->queued = 4;
		memcpy(s->kept + LWS_PRE, "late", 4);
		return reply(wsi, s, 200, 4);
	}
	if (s->is_whole) {
		s->is_whole = 0;
		s->big_left = 0;
		if (lws_write(wsi, whole + LWS_PRE, BIG, LWS_WRITE_HTTP_FINAL) != BIG)
			return -1;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	if (s->big_left) {
		n = s->big_left < KEEP ? s->big_left : KEEP;
		memset(s->kept + LWS_PRE, 'b', n);
		s->big_left -= n;
	} else
		s->queued = 0;
	if (!n && !s->big_left)
		return 0;
	if (lws_write(wsi, s->kept + LWS_PRE, n, s->big_left ? LWS_WRITE_HTTP : LWS_WRITE_HTTP_FINAL) != (int)n)
		return -1;
	if (s->big_left) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_receive(struct lws *wsi, struct session *s, void *in, size_t len)
{
	if (lws_is_first_fragment(wsi))
		s->len = 0;
	if (s->len + len <= KEEP)
		memcpy(s->kept + LWS_PRE + s->len, in, len);
	s->len += len;
	if (!lws_is_final_fragment(wsi))
		return 0;
	s->is_binary = lws_frame_is_binary(wsi);
	s->queued = s->len;
	if (s->len > KEEP)
		s->queued = (size_t)sprintf((char *)s->kept + LWS_PRE, "len %zu", s->len);
	s->is_answer = 1;
	lws_callback_on_writable(wsi);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = user;

	char path[16];

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		if (lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI) > 0 && !strcmp(path, "/strict"))
			return lws_set_extension_option(wsi, "permessage-deflate", "max_inflate_ratio", "100");
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return on_receive(wsi, s, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (!s->is_answer)
			return 0;
		s->is_answer = 0;
		return lws_write(wsi, s->kept + LWS_PRE, s->queued, s->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < 0;
	case LWS_CALLBACK_HTTP:
		return on_http(wsi, s, in);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(wsi, s, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return on_body_completion(wsi, s);
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (s) {
			lws_spa_destroy(s->form);
			if (s->form && s->spool >= 0)
				close(s->spool);
			s->form = NULL;
			s->form_is_broken = 0;
		}
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return on_http_writeable(wsi, s);
	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "echo", on_event, sizeof(struct session), 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	static const struct lws_extension extensions[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate" },
		{ NULL, NULL, NULL },
	};
	static const lws_retry_bo_t patience = { .secs_since_valid_ping = 3, .secs_since_valid_hangup = 5 };
	struct lws_http_mount mount, private;
	char logins[256];
	struct lws_context_creation_info info;
	struct lws_vhost *plain, *tls;
	struct sigaction interruption;

	if (argc != 4)
		return 2;
	files = argv[1];
	signal(SIGTERM, on_signal);
	memset(&interruption, 0, sizeof(interruption));
	interruption.sa_handler = on_interruption; /* without SA_RESTART */
	sigaction(SIGUSR1, &interruption, NULL);
	lws_set_log_level(getenv("OXLWS_TEST_LOG") ? atoi(getenv("OXLWS_TEST_LOG")) : 0, NULL);
	memset(&mount, 0, sizeof(mount));
	mount.mountpoint = "/files";
	mount.mountpoint_len = 6;
	mount.origin = argv[1];
	mount.origin_protocol = LWSMPRO_FILE;
	snprintf(logins, sizeof(logins), "%s/logins", files);
	private = mount;
	private.mountpoint = "/private";
	private.mountpoint_len = 8;
	private.basic_auth_login_file = logins;
	mount.mount_next = &private;
	memset(&info, 0, sizeof(info));
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8 |
		       LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.timeout_secs = 2;
	info.timeout_secs_ah_idle = 2; /* a whole request head */
	context = lws_create_context(&info);
	if (!context)
		return 1;
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.extensions = extensions;
	info.mounts = &mount;
	info.keepalive_timeout = 2;
	info.retry_and_idle_policy = &patience;
	info.vhost_name = "plain";
	plain = lws_create_vhost(context, &info);
	info.vhost_name = "tls";
	info.ssl_cert_filepath = argv[2];
	info.ssl_private_key_filepath = argv[3];
	info.ssl_private_key_password = getenv("OXLWS_TEST_PASSPHRASE");
	tls = lws_create_vhost(context, &info);
	if (!plain || !tls)
		return 1;
	printf("READY %d %d\n", lws_get_vhost_listen_port(plain), lws_get_vhost_listen_port(tls));
	fflush(stdout);
	while (!stopping && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	puts("stopped");
	return 0;
}
