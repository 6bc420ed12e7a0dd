/*
 * The functions of the API that take `...` or a va_list.
 *
 * Stable Rust cannot define these. Each one here formats its text with
 * vsnprintf and hands the finished bytes to a Rust function (oxlws_hook_*).
 * The public names are jumps to the oxlws_impl_* functions below; both are
 * made in variadic.rs, because a C function linked into a Rust shared library
 * is not exported from it. Nothing in this file is visible outside the library.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* One log line, prefix included, has this much room; a longer text is cut. */
#define LOG_LINE_BYTES 256
/* LWS_SMD_MAX_PAYLOAD */
#define SMD_TEXT_BYTES 384

typedef void (*prepend_fn)(void *cx, void *obj, char **p, char *end);

/* the Rust side, see variadic.rs */
extern int oxlws_hook_log_wanted(void *cx, int level);
extern void oxlws_hook_log_text(void *cx, prepend_fn prepend, void *obj, int level,
				const char *function, const char *text, size_t text_len);
extern int oxlws_hook_smd_wanted(void *context, uint32_t message_class);
extern int oxlws_hook_smd_text(void *context, uint32_t message_class, const char *text,
			       size_t text_len);

/* definitions below; declared for the sake of -Wmissing-prototypes */
void oxlws_impl_logv(int level, const char *format, va_list ap);
void oxlws_impl_log(int level, const char *format, ...);
void oxlws_impl_log_cx(void *cx, prepend_fn prepend, void *obj, int level, const char *function,
		       const char *format, ...);
int oxlws_impl_snprintf(char *str, size_t size, const char *format, ...);
int oxlws_impl_open(const char *path, int flags, ...);
int oxlws_impl_smd_printf(void *context, uint32_t message_class, const char *format, ...);

/*
 * Formats into `buf` and returns the length the whole text would have had; a
 * format that cannot be converted counts as empty.
 */
static size_t format_text(char *buf, size_t size, const char *format, va_list ap)
{
	int n = format ? vsnprintf(buf, size, format, ap) : 0;

	if (!format || n < 0) {
		buf[0] = '\0';
		return 0;
	}

	return (size_t)n;
}

static void log_text(void *cx, prepend_fn prepend, void *obj, int level, const char *function,
		     const char *format, va_list ap)
{
	char text[LOG_LINE_BYTES];
	int saved = errno;
	size_t len;

	if (!oxlws_hook_log_wanted(cx, level))
		return;

	/* first of all, so that %m still means what the caller saw */
	len = format_text(text, sizeof(text), format, ap);
	oxlws_hook_log_text(cx, prepend, obj, level, function, text, len);
	errno = saved;
}

void oxlws_impl_logv(int level, const char *format, va_list ap)
{
	log_text(NULL, NULL, NULL, level, NULL, format, ap);
}

void oxlws_impl_log(int level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_text(NULL, NULL, NULL, level, NULL, format, ap);
	va_end(ap);
}

void oxlws_impl_log_cx(void *cx, prepend_fn prepend, void *obj, int level, const char *function,
		       const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_text(cx, prepend, obj, level, function, format, ap);
	va_end(ap);
}

/*
 * Unlike snprintf, the answer never exceeds `size`: callers add it to a
 * pointer and compare that with the end of their buffer.
 */
int oxlws_impl_snprintf(char *str, size_t size, const char *format, ...)
{
	size_t len;
	va_list ap;

	if (!str || !size)
		return 0;

	va_start(ap, format);
	len = format_text(str, size, format, ap);
	va_end(ap);

	return (int)(len < size ? len : size);
}

/* As open(), and the descriptor is not inherited by programs started later. */
int oxlws_impl_open(const char *path, int flags, ...)
{
	mode_t mode = 0;

	if (!path) {
		errno = EFAULT;
		return -1;
	}

	if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
		va_list ap;

		va_start(ap, flags);
		mode = (mode_t)va_arg(ap, unsigned int);
		va_end(ap);
	}

	return open(path, flags | O_CLOEXEC, mode);
}

int oxlws_impl_smd_printf(void *context, uint32_t message_class, const char *format, ...)
{
	char text[SMD_TEXT_BYTES + 1];
	size_t len;
	va_list ap;

	if (!oxlws_hook_smd_wanted(context, message_class))
		return 0;

	va_start(ap, format);
	len = format_text(text, sizeof(text), format, ap);
	va_end(ap);
	if (len > SMD_TEXT_BYTES)
		return 1;

	return oxlws_hook_smd_text(context, message_class, text, len);
}
