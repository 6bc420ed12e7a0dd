/*
 * Becoming a daemon: what the child has, what its lock file is for, and which start is refused.
 *
 *   daemonize FOLDER
 *
 * Expected output: daemonize.expected
 */
#include "harness.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What a daemon tells about itself. */
struct report {
	pid_t pid;
	int own_session, umask_0, in_tmp, no_terminal;
};

static char lock_path[PATH_MAX];

static int is_null_device(int descriptor)
{
	struct stat it, null;

	return !fstat(descriptor, &it) && !stat("/dev/null", &null) && it.st_rdev == null.st_rdev;
}

/* The process that the lock file names, 0 if it names none. */
static pid_t lock_owner(void)
{
	char text[32] = "";
	FILE *file = fopen(lock_path, "r");

	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		*text = '\0';
	fclose(file);
	return (pid_t)atol(text);
}

/* Runs in the daemon: tells what it is, and stays until it is told to end. */
static void live(int tell, int wait)
{
	struct report report;
	char folder[PATH_MAX];
	ssize_t done;

	memset(&report, 0, sizeof(report));
	report.pid = getpid();
	report.own_session = getsid(0) == getpid();
	report.umask_0 = umask(0) == 0;
	report.in_tmp = getcwd(folder, sizeof(folder)) && !strcmp(folder, "/tmp");
	report.no_terminal = is_null_device(0) && is_null_device(1) && is_null_device(2);
	done = write(tell, &report, sizeof(report));
	if (done > 0)
		done = read(wait, folder, 1);
	_exit(done < 0);
}

/*
 * One start: how its first process ends, and what the daemon says, if there is one; NULL for
 * `what`: not shown. Gives the pipe at whose end the daemon ends, and its process id in `daemon`.
 */
static int start(const char *what, const char *lock, pid_t *daemon)
{
	struct report report;
	int tell[2], wait[2], status;
	ssize_t got;
	pid_t pid;

	CHECK(!pipe(tell) && !pipe(wait));
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		close(tell[0]);
		close(wait[1]);
		if (lws_daemonize(lock))
			_exit(7);
		live(tell[1], wait[0]);
	}
	close(tell[1]);
	close(wait[0]);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	got = read(tell[0], &report, sizeof(report));
	close(tell[0]);
	*daemon = 0;
	if (got > 0) {
		CHECK(got == sizeof(report) && report.pid != pid);
		*daemon = report.pid;
	}
	if (what && !*daemon)
		say("%s: no daemon, the program says %s", what, WEXITSTATUS(status) ? "no" : "yes");
	else if (what)
		say("%s: a daemon, the program says %s; session %d, umask %d, folder %d, "
		    "descriptors %d, lock %s",
		    what, WEXITSTATUS(status) ? "no" : "yes", report.own_session, report.umask_0,
		    report.in_tmp, report.no_terminal,
		    lock_owner() == report.pid ? "names it"
		    : lock_owner()	       ? "names another"
					       : "names none");
	return wait[1];
}

static void end(int pipe, pid_t daemon)
{
	close(pipe);
	/* This process inherits what its children leave behind. */
	if (daemon)
		CHECK(waitpid(daemon, NULL, 0) == daemon);
}

int main(int argc, char **argv)
{
	pid_t daemon, other;
	int pipe, second;

	CHECK(argc == 2);
	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	mkdir(argv[1], 0700);
	CHECK(snprintf(lock_path, sizeof(lock_path), "%s/lock", argv[1]) > 0);
	unlink(lock_path);
	lws_set_log_level(0, NULL);
	umask(022);

	pipe = start("without a lock file", NULL, &daemon);
	end(pipe, daemon);
	pipe = start("with one", lock_path, &daemon);
	second = start("while that one lives", lock_path, &other);
	end(second, other);
	CHECK(lock_owner() == daemon);
	end(pipe, daemon);
	CHECK(lock_owner() == daemon);
	pipe = start("after its end", lock_path, &daemon);
	end(pipe, daemon);
	CHECK(!unlink(lock_path));

	/* A relative path is meant for the folder in which the program is started. */
	CHECK(!chdir(argv[1]));
	pipe = start("with a relative path", "lock", &daemon);
	end(pipe, daemon);
	CHECK(!unlink(lock_path));
	/* 4.1 becomes a daemon without a lock then. */
	pipe = start(NULL, "/nonexistent/folder/lock", &daemon);
	CHECK((daemon == 0) == (LWS_LIBRARY_VERSION_NUMBER >= 4002000));
	end(pipe, daemon);
	return 0;
}
