/*
 * A websocket server that refuses in every callback that can refuse, and accepts with
 * lines of its own. The path says where: /confirm, /filter, /headers, /established.
 */
#include "server.h"

static char path[64];

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct lws_process_html_args *args = in;
	const char *name = NULL;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI);
		say("HTTP_CONFIRM_UPGRADE %s for %s", (const char *)in, path);
		return strcmp(path, "/confirm") ? 0 : -1;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		say("FILTER_PROTOCOL_CONNECTION %s", in ? (const char *)in : "(none)");
		return !strcmp(path, "/filter");
	case LWS_CALLBACK_ADD_HEADERS:
		say("ADD_HEADERS");
		if (!strcmp(path, "/headers"))
			return -1;
		return lws_add_http_header_by_name(wsi, (const unsigned char *)"x-added:",
						   (const unsigned char *)"yes", 3,
						   (unsigned char **)&args->p,
						   (unsigned char *)args->p + args->max_len);
	case LWS_CALLBACK_ESTABLISHED:
		say("ESTABLISHED");
		return !strcmp(path, "/established") ? -1 : 0;
	case LWS_CALLBACK_RECEIVE:
		say("RECEIVE %.*s", (int)len, (const char *)in);
		return send_text(wsi, "heard") < 0 ? -1 : 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		name = "WS_PEER_INITIATED_CLOSE";
		break;
	case LWS_CALLBACK_CLOSED:
		name = "CLOSED";
		break;
	case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
		name = "WS_SERVER_DROP_PROTOCOL";
		break;
	case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
		name = "HTTP_BIND_PROTOCOL";
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		/* the listeners have one, too, at the end */
		if (!server_stops)
			name = "WSI_DESTROY";
		break;
	default:
		break;
	}
	if (name)
		say("%s", name);
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "test", on_event, 8, 0, 0, NULL, 0 },
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
