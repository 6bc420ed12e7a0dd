/*
 * Whether one certificate is named as the issuer of another: the results, and the line that tells
 * why not.
 *
 *   x509_verify CERTS
 *
 * Expected output: x509_verify.expected. The log's line is shown as far as the genuine library has
 * it.
 */
#include "harness.h"

static struct lws_x509_cert *own, *authority, *other, *selfsigned, *wrong_name;

static void log_line(int level, const char *line)
{
	static const char *const known[] = { "lws_x509_verify: common name mismatch",
					     "lws_x509_verify: unable to verify cert relationship",
					     "lws_x509_parse_from_pem: unable to parse PEM cert" };
	size_t n;

	CHECK(level == LLL_ERR);
	for (n = 0; n < LWS_ARRAY_SIZE(known); n++)
		if (strstr(line, known[n])) {
			say("  %s", known[n]);
			return;
		}
	say("  unexpected: %s", line);
}

static struct lws_x509_cert *loaded(const char *folder, const char *name)
{
	struct lws_x509_cert *made = NULL;
	char path[512], text[16384];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s.pem", folder, name);
	file = fopen(path, "r");
	CHECK(file != NULL);
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	CHECK(!lws_x509_create(&made) && made != NULL);
	/* with the NUL, and without */
	CHECK(!lws_x509_parse_from_pem(made, text, len + 1));
	lws_x509_destroy(&made);
	CHECK(made == NULL);
	CHECK(!lws_x509_create(&made) && !lws_x509_parse_from_pem(made, text, len));
	return made;
}

static void verify(const char *what, struct lws_x509_cert *x509, struct lws_x509_cert *trusted,
		   const char *common_name)
{
	say("%s", what);
	say("  %d", lws_x509_verify(x509, trusted, common_name));
}

int main(int argc, char **argv)
{
	struct lws_x509_cert *none = NULL;

	CHECK(argc == 2);
	lws_set_log_level(LLL_ERR, log_line);
	own = loaded(argv[1], "server");
	authority = loaded(argv[1], "ca");
	other = loaded(argv[1], "other-ca");
	selfsigned = loaded(argv[1], "selfsigned");
	wrong_name = loaded(argv[1], "wrongname");

	verify("its authority", own, authority, NULL);
	verify("its authority and its name", own, authority, "localhost");
	verify("its authority, another name", own, authority, "localhos");
	verify("its authority, no name", own, authority, "");
	verify("another authority", own, other, NULL);
	verify("another authority and another name", own, other, "other");
	verify("itself", own, own, NULL);
	verify("its authority by it", authority, own, NULL);
	verify("an authority by itself", authority, authority, NULL);
	verify("self-signed by itself", selfsigned, selfsigned, NULL);
	verify("self-signed by another", selfsigned, authority, NULL);
	verify("wrong name", wrong_name, authority, "localhost");

	say("no certificate");
	CHECK(!lws_x509_create(&none));
	say("  %d", lws_x509_parse_from_pem(none, "no certificate", 15));
	lws_x509_destroy(&none);
	CHECK(none == NULL);
	lws_x509_destroy(&own);
	lws_x509_destroy(&authority);
	lws_x509_destroy(&other);
	lws_x509_destroy(&selfsigned);
	lws_x509_destroy(&wrong_name);
	return 0;
}
