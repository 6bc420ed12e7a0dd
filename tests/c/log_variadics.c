/*
 * The functions that take `...` or a va_list, with arguments of every kind in registers and on the
 * stack, what they refuse, and log lines from several threads at once.
 *
 * Expected output: log_variadics.expected
 */
#define _GNU_SOURCE
#include "harness.h"
#include <fcntl.h>
#include <sys/stat.h>

#define PREFIX_BYTES 30
#define LINES_PER_THREAD 2000

static char last[1024];
static int last_level, lines;
static size_t last_len;
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

static void keep(int level, const char *line)
{
	last_level = level;
	lines++;
	lws_strncpy(last, line, sizeof(last));
}

static void keep_cx(struct lws_log_cx *cx, int level, const char *line, size_t len)
{
	(void)cx;
	last_len = len;
	CHECK(strlen(line) == len);
	keep(level, line);
}

/* logs from inside the emitter: the outer line must not suffer */
static void keep_and_log(int level, const char *line)
{
	static int depth;

	if (depth++ < 3)
		_lws_log(level, "inner %d of <%.40s>", depth, line + PREFIX_BYTES);
	keep(level, line);
}

static void show(const char *line)
{
	printf("%s", line);
	fflush(stdout);
}

static void tag(struct lws_log_cx *cx, void *obj, char **p, char *e)
{
	(void)cx;
	*p += lws_snprintf(*p, (size_t)(e - *p), "<%s> ", obj ? (char *)obj : "-");
}

static void fill(struct lws_log_cx *cx, void *obj, char **p, char *e)
{
	(void)cx;
	(void)obj;
	memset(*p, 'z', (size_t)(e - *p));
	*p = e;
}

static void my_log(int level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	_lws_logv(level, format, ap);
	va_end(ap);
}

static void count_whole(int level, const char *line)
{
	size_t len = strlen(line);

	(void)level;
	/* first and last character of the text are the letter of the thread */
	CHECK(line[len - 1] == '\n' && line[PREFIX_BYTES] == line[len - 2]);
	pthread_mutex_lock(&counting);
	lines++;
	pthread_mutex_unlock(&counting);
}

static void *log_much(void *letter)
{
	int c = *(char *)letter, n;

	for (n = 0; n < LINES_PER_THREAD; n++)
		_lws_log(LLL_ERR, "%c%c%c %d %c", c, c, c, n, c);
	return NULL;
}

static void log_lines(void)
{
	/* in a variable, as pedantic compilers do not know the format of glibc */
	char percent_m[] = "%m";
	int before;

	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, keep);
	_lws_log(LLL_ERR, "%d %s %.1f %lld %c %Lf", 5, "str", 1.5, 1LL << 40, 'x', 2.5L);
	show(last + PREFIX_BYTES);
	_lws_log(LLL_ERR,
		 "%d %d %d %d %d %d %d %d %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f", 1, 2,
		 3, 4, 5, 6, 7, 8, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.);
	show(last + PREFIX_BYTES);
	my_log(LLL_WARN, "%s-%d-%g", "va_list", 7, 2.5);
	show(last + PREFIX_BYTES);
	CHECK(last_level == LLL_WARN);

	before = lines;
	_lws_log(LLL_INFO, "not in the mask");
	CHECK(lines == before);

	errno = ENOENT;
	_lws_log(LLL_ERR, percent_m);
	CHECK(errno == ENOENT);
	show(last + PREFIX_BYTES);

	_lws_log(LLL_ERR, NULL);
	CHECK(strlen(last) == PREFIX_BYTES);

	lws_set_log_level(LLL_ERR, keep_and_log);
	_lws_log(LLL_ERR, "outer");
	show(last + PREFIX_BYTES);
	CHECK(lines == before + 6);

	lws_set_log_level(LLL_ERR, keep);
	lwsl_hexdump_level(LLL_ERR, NULL, 3);
	show(last + PREFIX_BYTES);
}

static void log_contexts(void)
{
	lws_log_cx_t cx;

	memset(&cx, 0, sizeof(cx));
	cx.u.emit_cx = keep_cx;
	cx.lll_flags = LLL_NOTICE | LLLF_LOG_CONTEXT_AWARE;
	_lws_log_cx(&cx, tag, "object", LLL_NOTICE, "function", "%d/%s", 3, "text");
	show(last + PREFIX_BYTES);
	_lws_log_cx(NULL, NULL, NULL, LLL_ERR, "function", "%d", 3);
	show(last + PREFIX_BYTES);
	_lws_log_cx(&cx, fill, NULL, LLL_NOTICE, "function", "lost");
	CHECK(last_len == 254 && !strcmp(last + 250, "...\n"));
	_lws_log_cx(&cx, NULL, NULL, LLL_NOTICE, "function", "%500d", 1);
	CHECK(last_len == 254 && !strcmp(last + 250, "...\n"));

	/* a context that is its own parent */
	cx.parent = &cx;
	cx.prepend = tag;
	_lws_log_cx(&cx, NULL, NULL, LLL_NOTICE, "function", "ring");
	CHECK(last_len == 254 || strstr(last, "ring\n"));
}

static void log_file(void)
{
	char path[] = "/tmp/oxlws-log-XXXXXX", text[512];
	lws_log_cx_t cx;
	struct stat st;
	ssize_t len;
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	memset(&cx, 0, sizeof(cx));
	cx.u.emit_cx = lws_log_emit_cx_file;
	cx.refcount_cb = lws_log_use_cx_file;
	cx.opaque = path;
	cx.lll_flags = LLL_ERR | LLLF_LOG_CONTEXT_AWARE;
	_lws_log_cx(&cx, NULL, NULL, LLL_ERR, NULL, "before the file is open");
	lwsl_refcount_cx(&cx, 1);
	lwsl_refcount_cx(&cx, 1);
	_lws_log_cx(&cx, NULL, NULL, LLL_ERR, "f", "first in file");
	lwsl_refcount_cx(&cx, -1);
	_lws_log_cx(&cx, NULL, NULL, LLL_ERR, "f", "second in file");
	lwsl_refcount_cx(&cx, -1);
	_lws_log_cx(&cx, NULL, NULL, LLL_ERR, "f", "after it was closed");
	CHECK(cx.stg == (void *)(intptr_t)-1);

	len = read(fd, text, sizeof(text) - 1);
	CHECK(len > PREFIX_BYTES);
	text[len] = '\0';
	CHECK(strstr(text, "] E: f: first in file\n") && strstr(text, "] E: f: second in file\n"));
	CHECK(!strstr(text, "before") && !strstr(text, "after"));
	CHECK(!fstat(fd, &st) && (st.st_mode & 0777) == 0600);
	close(fd);
	unlink(path);
	lwsl_refcount_cx(NULL, 1);
	say("file ok");
}

static void files_and_strings(void)
{
	char path[] = "/tmp/oxlws-open-XXXXXX", text[64];
	struct stat st;
	int fd;

	CHECK(lws_snprintf(text, sizeof(text), "%s %d %g", "a", 2, 3.5) == 7 &&
	      !strcmp(text, "a 2 3.5"));
	CHECK(lws_snprintf(text, 3, "hello") == 3 && !strcmp(text, "he"));
	CHECK(lws_snprintf(NULL, 0, "x") == 0 && lws_snprintf(NULL, 5, "x") == 0);

	fd = mkstemp(path);
	CHECK(fd >= 0);
	close(fd);
	unlink(path);
	umask(0);
	fd = lws_open(path, O_CREAT | O_WRONLY, 0640);
	CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(!fstat(fd, &st) && (st.st_mode & 0777) == 0640);
	close(fd);
	fd = lws_open(path, O_RDONLY);
	CHECK(fd >= 0);
	close(fd);
	unlink(path);
	CHECK(lws_open(NULL, O_RDONLY) == -1 && errno == EFAULT);
	CHECK(lws_open(path, O_RDONLY) == -1 && errno == ENOENT);

	/* without a context nobody listens */
	CHECK(lws_smd_msg_printf(NULL, LWSSMDCL_NETWORK, "%s", "x") == 0);
	say("files and strings ok");
}

static void log_from_threads(void)
{
	pthread_t threads[4];
	int n;

	lines = 0;
	lws_set_log_level(LLL_ERR, count_whole);
	for (n = 0; n < 4; n++)
		CHECK(!pthread_create(&threads[n], NULL, log_much, &"abcd"[n]));
	for (n = 0; n < 4; n++)
		pthread_join(threads[n], NULL);
	say("%d whole lines", lines);
}

int main(void)
{
	log_lines();
	log_contexts();
	log_file();
	files_and_strings();
	log_from_threads();
	lws_set_log_level(LLL_ERR, lwsl_emit_stderr);
	lwsl_emit_stderr(LLL_ERR, NULL);
	lwsl_emit_syslog(LLL_ERR, NULL);
	return 0;
}
