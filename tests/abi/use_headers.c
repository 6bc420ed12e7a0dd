/*
 * use_headers.c: the macros and inline functions of the headers do what they say.
 *
 * Compiled as C and as C++ with all warnings as errors, without the library: nothing here may need it. Exits with 0, or
 * says which line is wrong.
 */
#include <libwebsockets.h>

static int failures;

#define expect(condition) do { \
		if (!(condition)) { \
			printf("line %d: %s\n", __LINE__, #condition); \
			failures++; \
		} \
	} while (0)

struct thing {
	const char *name;
	struct thing *next;
	struct lws_dll2 list;
	uint32_t tail;
};

/* Lists are linked by hand here: the functions that do it are in the library. */
static void
loops_over_dll2_visit_each_node_once(void)
{
	struct thing a = { "a", NULL, { NULL, NULL, NULL }, 0 }, b = { "b", NULL, { NULL, NULL, NULL }, 0 };
	struct lws_dll2_owner owner = { NULL, NULL, 0 };
	int count = 0;

	a.list.next = &b.list;
	a.list.owner = b.list.owner = &owner;
	b.list.prev = &a.list;
	owner.head = &a.list;
	owner.tail = &b.list;
	owner.count = 2;

	lws_start_foreach_dll(struct lws_dll2 *, d, lws_dll2_get_head(&owner)) {
		struct thing *t = lws_container_of(d, struct thing, list);

		expect(t->name[0] == "ab"[count]);
		count++;
	} lws_end_foreach_dll(d);
	expect(count == 2);

	lws_start_foreach_dll_safe(struct lws_dll2 *, d, d1, lws_dll2_get_head(&owner)) {
		d->next = NULL;
		count++;
	} lws_end_foreach_dll_safe(d, d1);
	expect(count == 4);
	expect(lws_dll2_get_tail(&owner) == &b.list);
	expect(lws_dll2_owner(&a.list) == &owner);
}

static void
loops_over_single_links_visit_and_unlink(void)
{
	struct thing a = { "a", NULL, { NULL, NULL, NULL }, 0 }, b = { "b", NULL, { NULL, NULL, NULL }, 0 };
	struct thing c = { "c", NULL, { NULL, NULL, NULL }, 0 }, *head = NULL, *target;
	int count = 0;

	target = &c;
	lws_ll_fwd_insert(target, next, head);
	target = &b;
	lws_ll_fwd_insert(target, next, head);
	target = &a;
	lws_ll_fwd_insert(target, next, head);

	lws_start_foreach_ll(struct thing *, t, head) {
		expect(t->name[0] == "abc"[count]);
		count++;
	} lws_end_foreach_ll(t, next);
	expect(count == 3);

	lws_start_foreach_llp(struct thing **, p, head) {
		if ((*p)->name[0] == 'b') {
			*p = (*p)->next;
			break;
		}
	} lws_end_foreach_llp(p, next);
	expect(head == &a && a.next == &c);

	lws_start_foreach_llp_safe(struct thing **, p, head, next) {
		count += (*p)->name[0] - 'a';
	} lws_end_foreach_llp_safe(p);
	expect(count == 5);

	target = &c;
	lws_ll_fwd_remove(struct thing, next, target, head);
	expect(head == &a && !a.next);
	lws_ll_fwd_remove(struct thing, next, target, head);
	expect(head == &a);

	lws_start_foreach_ll_safe(struct thing *, t, head, next) {
		t->next = &c;
		count++;
	} lws_end_foreach_ll_safe(t);
	expect(count == 6);
}

static void
addresses_know_their_family(void)
{
	lws_sockaddr46 sa46, *ads = &sa46;

	memset(&sa46, 0, sizeof(sa46));
	sa46.sa4.sin_family = AF_INET;
	sa46_sockport(ads, htons(80));
	expect(sa46.sa4.sin_port == htons(80));
	expect(sa46_address_len(ads) == 4);
	expect(sa46_address(ads) == (uint8_t *)&sa46.sa4.sin_addr);
	expect(sa46_socklen(ads) == sizeof(struct sockaddr_in));

	sa46.sa6.sin6_family = AF_INET6;
	sa46_sockport(ads, htons(81));
	expect(sa46.sa6.sin6_port == htons(81));
	expect(sa46_address_len(ads) == 16);
	expect(sa46_address(ads) == (uint8_t *)&sa46.sa6.sin6_addr);
	expect(sa46_socklen(ads) == sizeof(struct sockaddr_in6));
	expect(sa46_sockaddr(ads)->sa_family == AF_INET6);
}

static lws_fileofs_t
seek_cur(lws_fop_fd_t fop_fd, lws_fileofs_t offset)
{
	fop_fd->pos = (lws_filepos_t)((lws_fileofs_t)fop_fd->pos + offset);

	return (lws_fileofs_t)fop_fd->pos;
}

static int
close_file(lws_fop_fd_t *fop_fd)
{
	*fop_fd = NULL;

	return 7;
}

static int
move(lws_fop_fd_t fop_fd, lws_filepos_t *amount, uint8_t *buf, lws_filepos_t len)
{
	*amount = len;
	buf[0] = (uint8_t)fop_fd->pos;

	return 3;
}

static void
file_inlines_call_the_operations_of_the_file(void)
{
	struct lws_plat_file_ops ops;
	struct lws_fop_fd file;
	lws_fop_fd_t fop_fd = &file;
	lws_filepos_t amount = 0;
	uint8_t byte = 0;

	memset(&ops, 0, sizeof(ops));
	memset(&file, 0, sizeof(file));
	ops.LWS_FOP_SEEK_CUR = seek_cur;
	ops.LWS_FOP_CLOSE = close_file;
	ops.LWS_FOP_READ = move;
	ops.LWS_FOP_WRITE = move;
	file.fops = &ops;

	expect(lws_vfs_file_seek_cur(fop_fd, 5) == 5);
	expect(lws_vfs_file_read(fop_fd, &amount, &byte, 1) == 3 && amount == 1 && byte == 5);
	expect(lws_vfs_file_write(fop_fd, &amount, &byte, 9) == 3 && amount == 9);
	expect(lws_vfs_file_close(&fop_fd) == 7 && !fop_fd);
	expect(lws_vfs_file_close(&fop_fd) == 0);
}

static void
numbers_and_pointers(void)
{
	char buf[64];
	size_t rest = sizeof(buf) - 10, size = 17;
	struct lws_http_mount mount;
	struct lws_map_info info;
	void *link[2], *node = link;

	memset(&mount, 0, sizeof(mount));
	memset(&info, 0, sizeof(info));
	mount.cache_revalidate = 1;
	expect(mount.cache_revalidate && !mount.cache_reusable);
	expect(lws_concat_temp(buf, rest) == buf + 10 && lws_concat_used(buf, rest) == 10);
	LWS_ALIGN_TO(size, 16);
	expect(size == 32);
	LWS_ALIGN_TO(size, 16);
	expect(size == 32);
	expect(LWS_US_TO_MS(1499) == 1 && LWS_US_TO_MS(1500) == 2);
	expect(LWS_PRE == 16 && _LWS_PAD(17) == 32);
	expect(LWS_ARRAY_SIZE(link) == 2);
	link[0] = buf;
	lws_list_ptr_advance(node);
	expect(node == (void *)buf);
	expect(lws_ptr_diff(buf + 3, buf) == 3 && lws_ptr_diff_size_t(buf + 3, buf) == 3);
	expect(lws_check_opt(LWS_SERVER_OPTION_SSL_ECDH, LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT));
	expect(!lws_check_opt(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT, LWS_SERVER_OPTION_SSL_ECDH));
	expect(lws_write_ws_flags(LWS_WRITE_TEXT, 1, 1) == LWS_WRITE_TEXT);
	expect(lws_write_ws_flags(LWS_WRITE_BINARY, 1, 0) == (LWS_WRITE_BINARY | LWS_WRITE_NO_FIN));
	expect(lws_write_ws_flags(LWS_WRITE_BINARY, 0, 1) == LWS_WRITE_CONTINUATION);
	expect(lws_http_client_http_resp_is_error(400) && !lws_http_client_http_resp_is_error(399));
	expect(lws_fi("name", context_that_need_not_exist) == 0);
	expect((lws_is_be() != 0) == (htons(1) == 1));
}

/* With NDEBUG only four levels are compiled in. */
static void
levels_that_are_off_evaluate_nothing(void)
{
#if !(_LWS_ENABLED_LOGS & LLL_PARSER)
	int evaluated = 0;

	lwsl_parser("%d", ++evaluated);
	lwsl_hexdump_info(&evaluated, ++evaluated);
	lwsl_wsi_parser(no_such_name, "%d", ++evaluated);
	expect(evaluated == 0);
#endif
	expect(_LWS_ENABLED_LOGS & LLL_ERR);
}

int
main(void)
{
	loops_over_dll2_visit_each_node_once();
	loops_over_single_links_visit_and_unlink();
	addresses_know_their_family();
	file_inlines_call_the_operations_of_the_file();
	numbers_and_pointers();
	levels_that_are_off_evaluate_nothing();

	return failures != 0;
}
