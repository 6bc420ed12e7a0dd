/*
 * http-server: files of a folder and a few other places of the URL space, all by mounts.
 *
 *   http-server [--port N] [--logins FILE] FOLDER
 *
 *   --port N       port to listen on (8000); 0 lets the system choose
 *   --logins FILE  lines "user:password"; with it FOLDER/private needs one of them
 *
 *   /              files of FOLDER, index.html for folders, cached for a minute
 *   /private       files of FOLDER/private, behind basic auth
 *   /old           redirected to https://example.com/new
 *   /status        made by the program: a line per header of the request
 *   anything else  404, as FOLDER/404.html if there is one
 *
 * Shown: file, redirect and callback mounts, an own 404 page, more content types,
 * basic auth, and an answer whose length is known before it is written.
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 8000
 *   stopped: 3 answers made here
 */
#include <libwebsockets.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t stopping;
static struct lws_context *context;
static unsigned int answers;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

/* The text of /status. Returns its length. */
static int describe(struct lws *wsi, char *text, size_t room)
{
	static const enum lws_token_indexes shown[] = { WSI_TOKEN_HOST, WSI_TOKEN_HTTP_USER_AGENT,
							WSI_TOKEN_HTTP_ACCEPT, WSI_TOKEN_HTTP_URI_ARGS };
	char value[256];
	int used = 0;
	size_t n;

	for (n = 0; n < LWS_ARRAY_SIZE(shown); n++)
		if (lws_hdr_copy(wsi, value, sizeof(value), shown[n]) > 0)
			used += lws_snprintf(text + used, room - (size_t)used, "%s %s\n",
					     shown[n] == WSI_TOKEN_HTTP_URI_ARGS ?
						     "arguments:" :
						     (const char *)lws_token_to_string(shown[n]),
					     value);
	return used;
}

static int answer_status(struct lws *wsi)
{
	unsigned char buffer[LWS_PRE + 2048], *start = buffer + LWS_PRE, *p = start;
	unsigned char *end = buffer + sizeof(buffer) - 1;
	char text[1200];
	int len = describe(wsi, text, sizeof(text));

	if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, "text/plain", (lws_filepos_t)len, &p,
					end) ||
	    lws_finalize_write_http_header(wsi, start, &p, end))
		return -1;
	/* A HEAD request gets the head of the answer alone. */
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0) {
		answers++;
		return lws_http_transaction_completed(wsi) ? -1 : 0;
	}
	/* The head is out; the buffer is free for the body. */
	memcpy(start, text, (size_t)len);
	if (lws_write(wsi, start, (size_t)len, LWS_WRITE_HTTP_FINAL) != len)
		return -1;
	answers++;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		/* Behind the mount: "" or "/..."; paths under no mount come whole. */
		if (!len || !strcmp(in, "/"))
			return answer_status(wsi);
		break; /* the default handler says 404 */
	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "http", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
	{ "status", on_event, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* Served beside the types that the library knows. */
static const struct lws_protocol_vhost_options more_types[] = {
	{ &more_types[1], NULL, ".wasm", "application/wasm" },
	{ NULL, NULL, ".md", "text/markdown" },
};

/* Mounts are a list; where several fit, the longest wins. */
static struct lws_http_mount files = {
	.mountpoint = "/",
	.mountpoint_len = 1,
	.origin_protocol = LWSMPRO_FILE,
	.def = "index.html",
	.extra_mimetypes = more_types,
	.cache_max_age = 60,
	.cache_reusable = 1,
};
static struct lws_http_mount old = {
	.mount_next = &files,
	.mountpoint = "/old",
	.mountpoint_len = 4,
	.origin = "example.com/new",
	.origin_protocol = LWSMPRO_REDIR_HTTPS,
};
static struct lws_http_mount status = {
	.mount_next = &old,
	.mountpoint = "/status",
	.mountpoint_len = 7,
	.origin = "status",
	.origin_protocol = LWSMPRO_CALLBACK,
	.protocol = "status",
};
static struct lws_http_mount secret = {
	.mount_next = &status,
	.mountpoint = "/private",
	.mountpoint_len = 8,
	.origin_protocol = LWSMPRO_FILE,
	.def = "index.html",
};

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "logins", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	struct lws_context_creation_info info;
	char private_folder[512];
	int c, n = 0;

	memset(&info, 0, sizeof(info));
	info.port = 8000;
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (c) {
		case 'p':
			info.port = atoi(optarg);
			break;
		case 'l':
			secret.basic_auth_login_file = optarg;
			break;
		default:
			optind = argc + 1;
		}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: http-server [--port N] [--logins FILE] FOLDER\n");
		return 2;
	}
	files.origin = argv[optind];
	lws_snprintf(private_folder, sizeof(private_folder), "%s/private", argv[optind]);
	secret.origin = private_folder;
	info.protocols = protocols;
	info.mounts = &secret;
	info.error_document_404 = "/404.html";
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);

	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "cannot listen on port %d\n", info.port);
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	printf("listening on port %d\n",
	       lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));

	while (n >= 0 && !stopping)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	printf("stopped: %u answers made here\n", answers);
	return 0;
}
