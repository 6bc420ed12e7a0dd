/*
 * The file operations of contexts: each context has a table of its own, with the program's behind
 * it, and a context that ends leaves its table to the next one, so that nothing is lost however
 * many there are.
 *
 * Expected output: fops_of_contexts.expected
 */
#include "harness.h"

static struct lws_plat_file_ops ours;

static struct lws_context *make(const struct lws_plat_file_ops *fops)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.fops = fops;
	return lws_create_context(&info);
}

int main(void)
{
	struct lws_plat_file_ops *first, *second, *seen;
	struct lws_context *one, *two;

	setlinebuf(stdout);
	lws_set_log_level(LLL_ERR, NULL);

	one = make(NULL);
	two = make(&ours);
	first = lws_get_fops(one);
	second = lws_get_fops(two);
	CHECK(first && second && first != second);
	CHECK(!first->next && second->next == &ours && first->LWS_FOP_OPEN && second->LWS_FOP_OPEN);
	say("one table each");

	lws_set_fops(two, &ours);
	CHECK(lws_get_fops(two) == &ours);
	lws_set_fops(two, NULL);
	seen = lws_get_fops(two);
	CHECK(seen == second && !seen->next);
	say("back to the platform's");

	lws_context_destroy(one);
	lws_context_destroy(two);
	for (int i = 0; i < 100; i++) {
		one = make(i & 1 ? &ours : NULL);
		seen = lws_get_fops(one);
		CHECK(seen == first || seen == second);
		CHECK(seen->next == (i & 1 ? &ours : NULL));
		lws_context_destroy(one);
	}
	say("100 contexts, the same tables");
	return 0;
}
