/*
 * What a server may ask for and does not get says so, in one line each.
 */
#include "harness.h"

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "http", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* The lines of the log without time and tag, which soname 17 has elsewhere. */
static void emit(int level, const char *line)
{
	const char *p;

	/* "[time] W: [tag]: text" */
	if (*line == '[' && (p = strstr(line, "] ")))
		line = p + 2;
	if (line[0] && line[1] == ':' && line[2] == ' ')
		line += 3;
	if (*line == '[' && (p = strstr(line, "]: ")))
		line = p + 3;
	printf("%c: %s", level == LLL_ERR ? 'E' : 'W', line);
}

static struct lws_context *context;

static struct lws_vhost *vhost(const char *what, struct lws_context_creation_info *info)
{
	struct lws_vhost *vh;

	info->vhost_name = what;
	info->protocols = protocols;
	info->options |= LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	say("%s", what);
	vh = lws_create_vhost(context, info);
	say("vhost: %d", vh != NULL);
	memset(info, 0, sizeof(*info));
	return vh;
}

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_http_mount mount;
	lws_sock_file_fd_type fd;
	struct lws_vhost *vh;

	lws_set_log_level(LLL_ERR | LLL_WARN, emit);
	memset(&info, 0, sizeof(info));
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	context = lws_create_context(&info);
	CHECK(context != NULL);
	memset(&mount, 0, sizeof(mount));
	mount.mountpoint = "/cgi";
	mount.mountpoint_len = 4;
	mount.origin = "/bin/true";
	mount.origin_protocol = LWSMPRO_CGI;
	info.mounts = &mount;
	vh = vhost("CGI", &info);
	CHECK(vh != NULL);
	info.log_filepath = "/dev/null";
	vhost("access-log", &info);
	info.ssl_info_event_mask = 0x30;
	vhost("ssl-info", &info);
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
	vhost("ssl-ctx", &info);
	say("raw proxy");
	fd.sockfd = dup(0);
	vh = lws_get_vhost_by_name(context, "CGI");
	say("connection: %d", lws_adopt_descriptor_vhost(vh, LWS_ADOPT_SOCKET | LWS_ADOPT_FLAG_RAW_PROXY, fd,
							 "http", NULL) != NULL);
	lws_context_destroy(context);
	return 0;
}
