/*
 * The configuration files of the lwsws server: argv[1] is a folder to write them to. Prints what they make of the
 * creation info and serves the vhosts that they list.
 */
#include "server.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>

static char folder[256], memory[8192], vhost_memory[8192];

/* A file of the folder; in the text %P is the port and %F the folder. */
static void put(const char *name, const char *text, int port)
{
	char path[512];
	const char *at;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	CHECK(file != NULL);
	for (; (at = strchr(text, '%')) != NULL; text = at + 2) {
		fprintf(file, "%.*s", (int)(at - text), text);
		if (at[1] == 'P')
			fprintf(file, "%d", port);
		else
			fputs(folder, file);
	}
	fputs(text, file);
	CHECK(fclose(file) == 0);
}

static void drop(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	CHECK(unlink(path) == 0);
}

/* A port that nobody listens on. */
static int free_port(void)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	CHECK(bind(fd, (struct sockaddr *)&address, len) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void list(const char *what, const struct lws_protocol_vhost_options *option)
{
	for (; option; option = option->next) {
		say("  %s %s=%s", what, option->name, option->options ? "" : option->value);
		list("with", option->options);
	}
}

static void mounts(const struct lws_http_mount *m)
{
	for (; m; m = m->mount_next) {
		say("  mount %s (%d) -> %d %s, default %s, protocol %s", m->mountpoint, m->mountpoint_len, m->origin_protocol,
		    m->origin, m->def ? m->def : "-", m->protocol ? m->protocol : "-");
		say("  age %d %d%d%d, cgi %d, mask %u, logins %s", m->cache_max_age, m->cache_reusable, m->cache_revalidate,
		    m->cache_intermediaries, m->cgi_timeout, m->auth_mask,
		    m->basic_auth_login_file ? m->basic_auth_login_file : "-");
		list("option", m->cgienv);
		list("type", m->extra_mimetypes);
		list("interpret", m->interpret);
	}
}

static int globals(struct lws_context_creation_info *info)
{
	char *strings = memory;
	int len = sizeof(memory), result;

	result = lwsws_get_config_globals(info, folder, &strings, &len);
	CHECK(strings >= memory && strings <= memory + sizeof(memory));
	return result;
}

static void show_globals(void)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.uid = 7;
	info.gid = 8;
	info.server_string = "before";
	CHECK(globals(&info) == 1);
	put("conf", "# the server\n{ \"global\": { \"gid\": 49, \"username\": \"someone\", # comment\n"
		    "\"groupname\": \"some\", \"count-threads\": \"1\", \"init-ssl\": \"Yes\", \"timeout-secs\": \"7\",\n"
		    "\"default-alpn\": \"http/1.1\", \"rlimit-nofile\": \"555\", \"unknown\": \"x\", \"plugin-dir\": \"/p\",\n"
		    "\"ip-limit-ah\": \"3\", \"ws-pingpong-secs\": \"200\",\n"
		    "\"reject-service-keywords\": [{ \"scum\": \"404 Not Found\", \"bot\": \"500\" }] } }", 0);
	put("conf.d/10", "{\"global\": {\"username\": \"ten\", \"reject-service-keywords\": [{\"third\": \"405\"}]}}", 0);
	put("conf.d/2", "{\"global\": {\"username\": \"two\", \"server-string\": \"_lws_ddir_ \\u0041\"}}", 0);
	put("conf.d/3~", "{\"global\": {\"username\": \"backup\"}}", 0);
	CHECK(globals(&info) == 0);
	say("uid %d, gid %d, user %s, group %s, threads %u", (int)info.uid, (int)info.gid, info.username, info.groupname,
	    info.count_threads);
	say("tls %d, timeout %u, alpn %s, descriptors %d, server %s", !!(info.options & LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT),
	    info.timeout_secs, info.alpn, info.rlimit_nofile, info.server_string);
	list("refuse", info.reject_service_keywords);

	/* A mistake in conf.d ends the reading there, one in conf is the result. */
	put("conf.d/2", "{\"global\": {\"uid\": \"2\", x", 0);
	put("conf.d/3", "{\"global\": {\"uid\": \"3\"}}", 0);
	CHECK(globals(&info) == 0);
	say("uid %d", (int)info.uid);
	put("conf", "{\"global\": {\"uid\": \"4\" x", 0);
	CHECK(globals(&info) == 1);
	drop("conf.d/2");
	drop("conf.d/3");
	drop("conf.d/3~");
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		say("%s of %s", lws_get_protocol(wsi)->name, lws_get_vhost_name(lws_get_vhost(wsi)));
		list("option", in);
		return 0;
	case LWS_CALLBACK_HTTP_PMO:
		list("mount has", in);
		return 0;
	case LWS_CALLBACK_HTTP:
		return answer_text(wsi, 200, lws_get_protocol(wsi)->name);
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", callback, 0, 0, 0, NULL, 0 },
	{ "mine", callback, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static int vhosts(struct lws_context_creation_info *info, int len)
{
	char *strings = vhost_memory;

	memset(info, 0, sizeof(*info));
	info->protocols = protocols;
	info->timeout_secs = 9;
	info->iface = "is replaced";
	info->options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8;
	return lwsws_get_config_vhosts(server_context, info, folder, &strings, &len);
}

#ifndef ORACLE
/* Whatever the length, nothing is written behind it, and too little is a result of 1. */
static void too_small(void)
{
	struct lws_context_creation_info info;
	int length, enough = 0;

	for (length = 0; length < 1024; length++) {
		char *strings = memory;
		int len = length;

		memset(memory, 0x55, sizeof(memory));
		memset(&info, 0, sizeof(info));
		if (lwsws_get_config_globals(&info, folder, &strings, &len) == 0)
			enough = 1;
		else
			CHECK(!enough);
		CHECK(len >= 0 && strings == memory + length - len);
		CHECK(memory[length] == 0x55);
	}
	CHECK(enough);
	CHECK(vhosts(&info, 100) == 1);
	CHECK(lws_get_vhost_by_name(server_context, "a.example") == NULL);
}
#endif

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	char path[512];
	int port = free_port();

	CHECK(argc == 2);
	snprintf(folder, sizeof(folder), "%s", argv[1]);
	snprintf(path, sizeof(path), "%s/conf.d", folder);
	mkdir(folder, 0700);
	CHECK(mkdir(path, 0700) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/conf", folder);
	unlink(path);
	server_info(&info, protocols);
	show_globals();

	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	server_context = lws_create_context(&info);
	CHECK(server_context != NULL);
	put("conf", "{\"global\": {\"server-string\": \"x\"}}", 0);
	put("page.html", "<p>a page\n", 0);
	put("thing.odd", "a thing\n", 0);
	CHECK(vhosts(&info, sizeof(vhost_memory)) == 1); /* no vhost */
	put("conf.d/10", "{\"vhosts\": [{\"name\": \"a\"}]}", port);
	CHECK(vhosts(&info, sizeof(vhost_memory)) == 1); /* no port */
	put("conf.d/10", "{\"vhosts\": [{\"name\": \"a.example\", \"port\": \"%P\", \"sts\": \"1\", \"noipv6\": \"on\",\n"
			 " \"onlyraw\": \"0\", \"keepalive_timeout\": \"77\", \"bogus\": \"1\", \"access-log\": \"/l\",\n"
			 " \"headers\": [{\"x-one\": \"1\", \"x-two\": \"2\"}], \"error-document-404\": \"/404.html\",\n"
			 " \"alpn\": \"http/1.1\", \"ciphers\": \"c1\", \"tls13-ciphers\": \"c2\", \"ecdh-curve\": \"c3\",\n"
			 " \"client-ssl-ciphers\": \"c4\", \"ssl-option-set\": \"4\", \"ssl-option-set\": \"8\",\n"
			 " \"listen-accept-role\": \"raw-skt\", \"listen-accept-protocol\": \"mine\",\n"
			 " \"ws-protocols\": [{\"http\": {\"k\": \"v\"}}, {\"mine\": {\"status\": \"ok\", \"n\": \"1\"}, \"no\": {\"a\": \"b\"}}],\n"
			 " \"mounts\": [{\"mountpoint\": \"/\", \"origin\": \"file://%F\", \"default\": \"page.html\",\n"
			 "  \"cache-max-age\": \"60\", \"cache-reuse\": \"1\", \"cache-revalidate\": \"1\", \"cgi-timeout\": \"5\",\n"
			 "  \"extra-mimetypes\": {\".odd\": \"text/odd\", \".even\": \"text/even\"}},\n"
			 " {\"mountpoint\": \"/cb\", \"origin\": \"callback://mine\", \"pmo\": [{\"p\": \"q\", \"r\": \"s\"}], \"auth-mask\": \"3\"},\n"
			 " {\"mountpoint\": \"/to\", \"origin\": \">http://other.example\"},\n"
			 " {\"mountpoint\": \"/data\", \"origin\": \"file://_lws_ddir_/x\", \"interpret\": {\".h\": \"mine\"}}]}]}",
	    port);
	put("conf.d/11", "{\"vhosts\": [{\"name\": \"wrong\", \"port\": \"%P\",\n"
			 " \"mounts\": [{\"mountpoint\": \"/\", \"origin\": \"/tmp\"}]}]}", port);
	put("conf.d/12", "{\"vhosts\": [{\"name\": \"not.read\", \"port\": \"%P\"}]}", port);
#ifndef ORACLE
	too_small();
#endif
	/* The mistake in conf.d/11 ends the reading; a.example is there. */
	CHECK(vhosts(&info, sizeof(vhost_memory)) == 0);
	CHECK(lws_get_vhost_by_name(server_context, "a.example") != NULL);
	CHECK(lws_get_vhost_by_name(server_context, "wrong") == NULL);
	CHECK(lws_get_vhost_by_name(server_context, "not.read") == NULL);
	drop("conf.d/11");
	drop("conf.d/12");

	/* Once more without it, so that info is what a.example was made from. */
	lws_context_destroy(server_context);
	server_info(&info, protocols);
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	server_context = lws_create_context(&info);
	CHECK(server_context != NULL);
	CHECK(vhosts(&info, sizeof(vhost_memory)) == 0);
	CHECK(info.port == port && info.iface == NULL && info.protocols == protocols);
	say("%s, options %llx, keepalive %d, timeout %u, 404 %s, log %s", info.vhost_name, (unsigned long long)info.options,
	    info.keepalive_timeout, info.timeout_secs, info.error_document_404, info.log_filepath);
	say("alpn %s, ciphers %s %s %s, curve %s, set %ld, role %s, protocol %s", info.alpn, info.ssl_cipher_list,
	    info.tls1_3_plus_cipher_list, info.client_ssl_cipher_list, info.ecdh_curve, info.ssl_options_set,
	    info.listen_accept_role, info.listen_accept_protocol);
	{
		const struct lws_http_mount *first = info.mounts;

		CHECK(!strcmp(first->origin, folder));
		mounts(first->mount_next);
		list("type", first->extra_mimetypes);
		say("  default %s, age %d %d%d%d, cgi %d", first->def, first->cache_max_age, first->cache_reusable,
		    first->cache_revalidate, first->cache_intermediaries, first->cgi_timeout);
	}
	list("header", info.headers);
	return serve(server_context, port);
}
