/*
 * A rustls configuration, made with the functions of liboxlws-rustls.so, for a vhost: do the two
 * packaged objects take each other? Exit status 0 if so.
 */
#include <libwebsockets.h>
#include <oxlws.h>
#include <rustls.h>
#include <stdio.h>
#include <string.h>

static uint32_t accept_all(void *user, const struct rustls_verify_server_cert_params *params)
{
	(void)user;
	(void)params;
	return RUSTLS_RESULT_OK;
}

int main(void)
{
	struct rustls_client_config_builder *builder = rustls_client_config_builder_new();
	const struct rustls_client_config *config = NULL;
	struct lws_context_creation_info info;
	struct lws_context *context;
	int result = 1;

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	context = lws_create_context(&info);
	if (builder && context &&
	    rustls_client_config_builder_dangerous_set_certificate_verifier(builder, accept_all) ==
		    RUSTLS_RESULT_OK &&
	    rustls_client_config_builder_build(builder, &config) == RUSTLS_RESULT_OK)
		result = oxlws_vhost_set_rustls_client_config(
				 lws_get_vhost_by_name(context, "default"), oxlws_rustls_object(),
				 config) != 0;
	if (config)
		rustls_client_config_free(config);
	lws_context_destroy(context);
	return result;
}
