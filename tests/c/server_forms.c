/*
 * Forms by lws_spa: urlencoded and multipart, an upload in pieces, values that are
 * empty, unknown or repeated, and a storage that is too small.
 */
#include "server.h"

static const char *const names[] = { "text", "send", "file", "empty" };

struct session {
	struct lws_spa *spa;
	size_t uploaded;
};

static int on_upload(void *data, const char *name, const char *filename, char *buf, int len,
		     enum lws_spa_fileupload_states state)
{
	struct session *s = data;

	(void)buf;
	s->uploaded += (size_t)len;
	if (state == LWS_UFS_OPEN)
		say("upload of %s: %s", name, filename);
	if (state == LWS_UFS_CLOSE)
		say("upload closed after %u bytes", (unsigned int)s->uploaded);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct session *s = user;
	size_t n;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return 0;
	case LWS_CALLBACK_HTTP_BODY:
		if (!s->spa)
			s->spa = lws_spa_create(wsi, names, LWS_ARRAY_SIZE(names), 1024, on_upload, s);
		CHECK(s->spa != NULL);
		if (lws_spa_process(s->spa, in, (int)len)) {
			say("refused");
			return -1;
		}
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		say("finalize %d", lws_spa_finalize(s->spa));
		for (n = 0; n < LWS_ARRAY_SIZE(names); n++) {
			const char *value = lws_spa_get_string(s->spa, (int)n);

			say("%s: %s, %d", names[n], value ? value : "NULL",
			    lws_spa_get_length(s->spa, (int)n));
		}
		return answer_text(wsi, HTTP_STATUS_OK, "done\n");
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (s && s->spa) {
			lws_spa_destroy(s->spa);
			s->spa = NULL;
		}
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "forms", on_event, sizeof(struct session), 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_context *context;

	server_info(&info, protocols);
	context = lws_create_context(&info);
	return serve(context, port_of(context, "default"));
}
