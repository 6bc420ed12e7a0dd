/*
 * Mounts of every kind: files with default document, own types, cache lines, etag, a
 * protocol that adds headers, PROCESS_HTML; callbacks with and without a protocol of
 * their own; redirects; basic auth by file and by callback; options for HTTP_PMO;
 * CHECK_ACCESS_RIGHTS; a 404 page; a mount of another server's kind that is not there.
 *
 * Argument: the start of the name of a folder that is made, filled, and removed.
 */
#include "server.h"
#include <sys/stat.h>

static const char *const words[] = { "$name", "$place" };

static const char *replace(void *data, int index)
{
	(void)data;
	return index ? "here" : "visitor";
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct lws_process_html_args *args = in;
	struct lws_process_html_state state;
	const struct lws_protocols *protocol = lws_get_protocol(wsi);
	const char *name = protocol ? protocol->name : "-";
	char text[256];

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		say("%s: HTTP %s", name, (const char *)in);
		if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI))
			return 0;
		lws_snprintf(text, sizeof(text), "%s made %s\n", name, (const char *)in);
		return answer_text(wsi, HTTP_STATUS_OK, text);
	case LWS_CALLBACK_HTTP_BODY:
		say("%s: HTTP_BODY %.*s", name, (int)len, (const char *)in);
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		say("%s: HTTP_BODY_COMPLETION", name);
		return answer_text(wsi, HTTP_STATUS_OK, "posted\n");
	case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
		say("%s: HTTP_BIND_PROTOCOL", name);
		return 0;
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		say("%s: HTTP_DROP_PROTOCOL", name);
		return 0;
	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		say("%s: HTTP_FILE_COMPLETION", name);
		break;
	case LWS_CALLBACK_HTTP_PMO:
		say("%s: HTTP_PMO %s", name, ((const struct lws_protocol_vhost_options *)in)->name);
		return 0;
	case LWS_CALLBACK_CHECK_ACCESS_RIGHTS:
		say("%s: CHECK_ACCESS_RIGHTS %.*s mask %d", name, args->len, args->p, args->max_len);
		return args->max_len == 7;
	case LWS_CALLBACK_ADD_HEADERS:
		say("%s: ADD_HEADERS", name);
		return lws_add_http_header_by_name(wsi, (const unsigned char *)"x-added:",
						   (const unsigned char *)"yes", 3,
						   (unsigned char **)&args->p,
						   (unsigned char *)args->p + args->max_len);
	case LWS_CALLBACK_PROCESS_HTML:
		memset(&state, 0, sizeof(state));
		state.vars = words;
		state.count_vars = LWS_ARRAY_SIZE(words);
		state.replace = replace;
		if (args->final)
			say("%s: PROCESS_HTML, the last", name);
		return lws_chunked_html_process(args, &state);
	case LWS_CALLBACK_VERIFY_BASIC_AUTHORIZATION:
		say("%s: VERIFY_BASIC_AUTHORIZATION %.*s", name, (int)len, (const char *)in);
		return !strcmp(in, "me:right");
	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "first", on_event, 8, 0, 0, NULL, 0 },
	{ "second", on_event, 8, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static char made[16][256];
static size_t made_count;

static void make_file(const char *folder, const char *name, const char *text)
{
	char *path = made[made_count++];
	FILE *file;

	lws_snprintf(path, sizeof(made[0]), "%s/%s", folder, name);
	file = fopen(path, "w");
	CHECK(file != NULL);
	fputs(text, file);
	fclose(file);
}

static struct lws_http_mount mounts[16];
static size_t count;

static struct lws_http_mount *mount(const char *point, unsigned char kind, const char *origin)
{
	struct lws_http_mount *m = &mounts[count++];

	m->mountpoint = point;
	m->mountpoint_len = (unsigned char)strlen(point);
	m->origin_protocol = kind;
	m->origin = origin;
	m->def = "index.html";
	m->mount_next = m + 1;
	return m;
}

int main(int argc, char **argv)
{
	static const struct lws_protocol_vhost_options types = { NULL, NULL, ".odd", "text/x-odd" },
						       every = { NULL, NULL, "*", "text/x-any" },
						       shtml = { NULL, NULL, ".shtml", "second" },
						       shtml_type = { NULL, NULL, ".shtml", "text/html" },
						       option = { NULL, NULL, "an-option", "v" };
	struct lws_context_creation_info info;
	struct lws_context *context;
	struct lws_http_mount *m;
	char folder[128], logins[256], sub[256];
	int status;

	CHECK(argc == 2);
	lws_snprintf(folder, sizeof(folder), "%s-XXXXXX", argv[1]);
	CHECK(mkdtemp(folder) != NULL);
	lws_snprintf(sub, sizeof(sub), "%s/sub", folder);
	mkdir(sub, 0700);
	make_file(folder, "index.html", "front\n");
	make_file(folder, "plain.txt", "0123456789\n");
	make_file(folder, "a.odd", "odd\n");
	make_file(folder, "b.unknown", "unknown\n");
	make_file(folder, "c.shtml", "hello $name, you are $place, $unknown\n");
	make_file(folder, "404.html", "own page\n");
	make_file(sub, "index.html", "sub\n");
	lws_snprintf(logins, sizeof(logins), "%s/logins", folder);
	make_file(folder, "logins", "other:one\nme:secret\n");

	server_info(&info, protocols);
	m = mount("/cached", LWSMPRO_FILE, folder);
	m->cache_max_age = 60;
	m->cache_reusable = 1;
	m->cache_revalidate = 1;
	m->cache_intermediaries = 1;
	m = mount("/types", LWSMPRO_FILE, folder);
	m->extra_mimetypes = &types;
	m = mount("/any", LWSMPRO_FILE, folder);
	m->extra_mimetypes = &every;
	m = mount("/with", LWSMPRO_FILE, folder);
	m->protocol = "second";
	m = mount("/html", LWSMPRO_FILE, folder);
	m->interpret = &shtml;
	m->extra_mimetypes = &shtml_type;
	mount("/call", LWSMPRO_CALLBACK, "second");
	m = mount("/call/named", LWSMPRO_CALLBACK, "second");
	m->protocol = "second";
	m = mount("/options", LWSMPRO_CALLBACK, "second");
	m->cgienv = &option;
	m = mount("/denied", LWSMPRO_CALLBACK, "second");
	m->auth_mask = 7;
	mount("/unknown", LWSMPRO_CALLBACK, "no such protocol");
	mount("/to", LWSMPRO_REDIR_HTTP, "example.com/there");
	mount("/tos", LWSMPRO_REDIR_HTTPS, "example.com/");
	m = mount("/private", LWSMPRO_FILE, folder);
	m->basic_auth_login_file = logins;
	m = mount("/asked", LWSMPRO_CALLBACK, "second");
	m->auth_mask = LWSAUTHM_BASIC_AUTH_CALLBACK;
	m = mount("/", LWSMPRO_FILE, folder);
	m->mount_next = NULL;
	info.mounts = mounts;
	info.error_document_404 = "/404.html";
	context = lws_create_context(&info);
	status = serve(context, port_of(context, "default"));
	while (made_count)
		unlink(made[--made_count]);
	rmdir(sub);
	rmdir(folder);
	return status;
}
