/*
 * Another library's rustls_ functions are in front of those of liboxlws-rustls.so: a
 * configuration that the program has may be of its making, and is refused unseen.
 */
#include "harness.h"
#include <oxlws.h>

/* The other library, in short. */
void *rustls_client_connection_new(void);

void *rustls_client_connection_new(void)
{
	return NULL;
}

static void on_log(int level, const char *line)
{
	if (level == LLL_ERR && strstr(line, "in front"))
		say("refused: they are in front");
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ "client", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 },
	};
	struct lws_context *context = make_context(protocols, NULL);
	struct lws_vhost *vhost = lws_get_vhost_by_name(context, "default");
	int somebodys = 0;

	CHECK(vhost != NULL);
	lws_set_log_level(LLL_ERR, on_log);
	CHECK(oxlws_vhost_set_rustls_client_config(
		      vhost, oxlws_rustls_object(),
		      (const struct rustls_client_config *)(const void *)&somebodys) == -1);
	lws_context_destroy(context);
	return 0;
}
