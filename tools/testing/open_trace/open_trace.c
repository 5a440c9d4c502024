// SPDX-License-Identifier: GPL-2.0
/*
 * Records what the kernel does in one open, by KCOV: the basic blocks in their order, and
 * in a second, identical call the operands of its comparisons. The log goes to standard
 * output; its format is described in Documentation/raw-log.md of open_trace.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <linux/kcov.h>
#include <linux/limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(arr)		(sizeof(arr) / sizeof((arr)[0]))

/* Words of KCOV's buffer; an open takes a few thousand. */
#define AREA_WORDS		(1UL << 18)

/* Where the guest's filesystems are, see scripts/report */
#define EXT4_DIR		"/ext4"
#define TMPFS_DIR		"/tmpfs"

/* What a traced task is called: the probes look for it. */
#define COMM_PREFIX		"ot:"

enum pass { BLOCKS, COMPARE, PLAIN };

static const char *const pass_names[] = { "blocks", "compare", "plain" };

/**
 * struct trace_case - one open to be recorded
 * @name: its id in logs and reports; short, as it becomes the task's comm
 * @about: in words
 * @top: the filesystem that it happens on
 * @file: the last component of its path
 * @flags: of openat(2)
 * @mode: of openat(2)
 * @prepare: what is done to the path before; NULL: nothing
 * @program: in place of all this, the program of that name in the ext4 image runs, and
 *	each open that it does is recorded
 */
struct trace_case {
	const char *name;
	const char *about;
	const char *top;
	const char *file;
	int flags;
	mode_t mode;
	bool (*prepare)(const char *path);
	const char *program;
};

static bool make_existing(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	/* once more, so that no lookup is left for the open that is recorded */
	return fd >= 0 && !close(fd) && !access(path, F_OK);
}

/* A neighbour, so that no bitmap is left to be read from the disk */
static bool make_neighbour(const char *path)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s.neighbour", path);
	return make_existing(name);
}

static bool make_directory(const char *path)
{
	return !mkdir(path, 0755) && !access(path, F_OK);
}

static bool miss_once(const char *path)
{
	return open(path, O_RDONLY) < 0 && errno == ENOENT;
}

#define MISSING		"missing_case17_filp.txt"
#define EXISTING	"existing_arg3_flags.txt"

static const struct trace_case cases[] = {
	{ "case17", "a missing name, met for the first time, on ext4",
	  EXT4_DIR, MISSING, O_RDONLY },
	{ "again", "the same missing name once more: its dentry is cached",
	  EXT4_DIR, MISSING, O_RDONLY, 0, miss_once },
	{ "arg3", "O_RDWR of an existing file",
	  EXT4_DIR, EXISTING, O_RDWR, 0, make_existing },
	{ "create", "O_CREAT of a new file",
	  EXT4_DIR, "new_file.txt", O_WRONLY | O_CREAT, 0644, make_neighbour },
	{ "excl", "O_CREAT | O_EXCL of an existing file",
	  EXT4_DIR, EXISTING, O_WRONLY | O_CREAT | O_EXCL, 0644, make_existing },
	{ "dir", "a directory, for writing",
	  EXT4_DIR, "directory", O_WRONLY, 0, make_directory },
	{ "tmpfs", "a missing name on tmpfs",
	  TMPFS_DIR, MISSING, O_RDONLY },
	{ "libc", "a missing name, by a dynamic program of the C library",
	  .program = "user_trigger" },
	{ "raw", "a missing name, by a program without a C library",
	  .program = "user_trigger_raw_openat" },
};

/* The log: numbered lines, and at its end a checksum (FNV-1a) of all before. */

static unsigned int lines;
static uint64_t sum = 0xcbf29ce484222325;

static void add_to_sum(const char *text)
{
	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 0x100000001b3;
}

static void __attribute__((format(printf, 1, 2))) put(const char *format, ...)
{
	char line[PATH_MAX + 128];
	va_list args;
	int len;

	len = snprintf(line, sizeof(line), "%u ", ++lines);
	va_start(args, format);
	vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	va_end(args);
	strcat(line, "\n");
	add_to_sum(line);
	fputs(line, stdout);
}

static void put_end(void)
{
	printf("%u end %016" PRIx64 "\n", ++lines, sum);
}

/* A path in quotes; bytes that are not plain are \xNN. */
static const char *quoted(const char *path)
{
	static char text[PATH_MAX];
	size_t n = 0;

	text[n++] = '"';
	for (; *path && n < sizeof(text) - 6; path++) {
		unsigned char c = *path;

		if (c > ' ' && c < 0x7f && c != '"' && c != '\\')
			text[n++] = c;
		else
			n += sprintf(text + n, "\\x%02x", c);
	}
	text[n++] = '"';
	text[n] = '\0';
	return text;
}

static void put_call(const char *path, int flags, mode_t mode, int lowest)
{
	put("call openat path=%s flags=%#x mode=%#o lowest=%d", quoted(path), flags,
	    mode, lowest);
}

static bool die(const char *what)
{
	fprintf(stderr, "open_trace: %s: %s\n", what, strerror(errno));
	return false;
}

/* KCOV's buffer: the number of records, and they */

static int kcov = -1;
static uint64_t *area;

static bool kcov_open(void)
{
	kcov = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (kcov < 0)
		return die("opening KCOV (CONFIG_KCOV, and debugfs mounted?)");
	if (ioctl(kcov, KCOV_INIT_TRACE, AREA_WORDS))
		return die("KCOV_INIT_TRACE");
	area = mmap(NULL, AREA_WORDS * sizeof(*area), PROT_READ | PROT_WRITE,
		    MAP_SHARED, kcov, 0);
	if (area == MAP_FAILED)
		return die("mapping KCOV's buffer");
	return true;
}

static bool kcov_enable(enum pass pass)
{
	return pass == PLAIN ||
	       !ioctl(kcov, KCOV_ENABLE, pass == COMPARE ? KCOV_TRACE_CMP : KCOV_TRACE_PC) ||
	       die(pass == COMPARE ? "KCOV_TRACE_CMP (CONFIG_KCOV_ENABLE_COMPARISONS?)" :
				     "KCOV_TRACE_PC");
}

static uint64_t records(void)
{
	return __atomic_load_n(&area[0], __ATOMIC_RELAXED);
}

/* Whatever a fault-in would add to the first record has been touched by now. */
static void put_records(enum pass pass, uint64_t from, uint64_t to)
{
	uint64_t i;

	for (i = from; pass == BLOCKS && i < to; i++)
		put("pc %" PRIx64, area[1 + i]);
	for (i = from; pass == COMPARE && i < to; i++) {
		const uint64_t *cmp = &area[1 + 4 * i];

		put("cmp %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64, cmp[0],
		    cmp[1], cmp[2], cmp[3]);
	}
}

static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* The call, and nothing else between the two counts */
static void record_call(enum pass pass, const char *path, int flags, mode_t mode)
{
	uint64_t from = 0, to = 0;
	int lowest = lowest_free();
	long ret;

	if (pass == PLAIN) {
		ret = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	} else {
		from = records();
		ret = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
		to = records();
		ioctl(kcov, KCOV_DISABLE, 0);
	}
	if (ret < 0)
		ret = -errno;
	else
		close(ret);
	put_call(path, flags, mode, lowest);
	put_records(pass, from, to);
	put("result %ld", ret);
}

/* Pages that the first call would fault in are touched by this one. */
static bool warm_up(enum pass pass, const char *top)
{
	if (!kcov_enable(pass))
		return false;
	if (pass != PLAIN)
		(void)records();
	close(syscall(SYS_openat, AT_FDCWD, top, O_RDONLY, 0));
	if (pass != PLAIN)
		ioctl(kcov, KCOV_DISABLE, 0);
	return true;
}

static bool record_path(enum pass pass, const char *comm, const char *top,
			const char *path, int flags, mode_t mode)
{
	bool enabled;

	if (!warm_up(pass, top))
		return false;
	if (comm)
		prctl(PR_SET_NAME, comm);
	enabled = kcov_enable(pass);
	if (enabled)
		record_call(pass, path, flags, mode);
	prctl(PR_SET_NAME, "open_trace");
	return enabled;
}

/* A directory of its own for each pass: what it meets, no earlier one has met. */
static bool record_case(const struct trace_case *row, enum pass pass)
{
	char comm[16], dir[64], path[128];

	snprintf(comm, sizeof(comm), COMM_PREFIX "%s", row->name);
	snprintf(dir, sizeof(dir), "%s/%s.%s", row->top, row->name, pass_names[pass]);
	snprintf(path, sizeof(path), "%s/%s", dir, row->file);
	if (mkdir(dir, 0755))
		return die(dir);
	if (row->prepare && !row->prepare(path))
		return die(path);
	return record_path(pass, comm, row->top, path, row->flags, row->mode);
}

/* A traced process, stopped at each system call */

#define NO_SYSCALL	(-1)

/**
 * struct stopped - a process that is about to do a system call, or has done it
 * @nr: which; NO_SYSCALL when the machine's registers are not known here
 * @args: its first four
 * @ret: what it returned
 */
struct stopped {
	long nr;
	unsigned long args[4];
	long ret;
};

static struct stopped read_registers(pid_t pid)
{
	struct stopped at = { .nr = NO_SYSCALL };
#if defined(__x86_64__)
	struct user_regs_struct regs;

	if (!ptrace(PTRACE_GETREGS, pid, NULL, &regs))
		at = (struct stopped){ .nr = regs.orig_rax,
			.args = { regs.rdi, regs.rsi, regs.rdx, regs.r10 },
			.ret = regs.rax,
		};
#elif defined(__aarch64__)
	struct user_regs_struct regs;
	struct iovec iov = { &regs, sizeof(regs) };

	if (!ptrace(PTRACE_GETREGSET, pid, 1 /* NT_PRSTATUS */, &iov))
		at = (struct stopped){ .nr = regs.regs[8],
			.args = { regs.regs[0], regs.regs[1], regs.regs[2], regs.regs[3] },
			.ret = regs.regs[0],
		};
#endif
	return at;
}

static void read_string(pid_t pid, unsigned long from, char *text, size_t size)
{
	size_t n;
	long word;

	for (n = 0; n + sizeof(word) < size; n += sizeof(word)) {
		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, pid, from + n, NULL);
		if (errno)
			break;
		memcpy(text + n, &word, sizeof(word));
		if (memchr(&word, 0, sizeof(word)))
			return;
	}
	text[n] = '\0';
}

/* The path, flags and mode of an open that @pid is about to do; false: it is another call */
static bool is_open(pid_t pid, const struct stopped *at, char *path, int *flags,
		    mode_t *mode)
{
	unsigned int first;

	if (at->nr == SYS_openat)
		first = 1;
#ifdef SYS_open
	else if (at->nr == SYS_open)
		first = 0;
#endif
	else
		return false;
	read_string(pid, at->args[first], path, PATH_MAX);
	*flags = at->args[first + 1];
	*mode = at->args[first + 2];
	return true;
}

/* From stop to stop; false when it has ended. */
static bool next_stop(pid_t pid, int *status)
{
	return !ptrace(PTRACE_SYSCALL, pid, NULL, NULL) &&
	       waitpid(pid, status, __WALL) == pid && WIFSTOPPED(*status);
}

/* What was recorded from the entry's stop to the exit's is about this call alone. */
static void record_opens(pid_t pid, enum pass pass)
{
	char path[PATH_MAX];
	struct stopped at;
	mode_t mode;
	int status, flags;

	while (next_stop(pid, &status)) {
		at = read_registers(pid);
		if (!is_open(pid, &at, path, &flags, &mode))
			continue;
		area[0] = 0;
		if (!next_stop(pid, &status))
			break;
		at = read_registers(pid);
		/* which descriptor was the lowest, another process cannot tell */
		put_call(path, flags, flags & O_CREAT ? mode : 0, -1);
		put_records(pass, 0, records());
		put("result %ld", at.ret);
	}
}

/* Each pass has a root of its own in the image, so none has met the names before. */
static void become(const struct trace_case *row, enum pass pass)
{
	char root[64], path[64];

	snprintf(root, sizeof(root), EXT4_DIR "/%s", pass_names[pass]);
	snprintf(path, sizeof(path), "/%s", row->program);
	if (chroot(root) || chdir("/"))
		_exit(1);
	if (pass != PLAIN) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		if (!kcov_enable(pass))
			_exit(1);
	}
	execl(path, row->program, NULL);
	die(path);
	_exit(1);
}

static int look_at(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return 0;
}

/*
 * What waits for the disk takes its way by the clock: whatever is on it is in memory
 * before. Missing names stay unknown.
 */
static void read_ahead(enum pass pass)
{
	char root[64];

	snprintf(root, sizeof(root), EXT4_DIR "/%s", pass_names[pass]);
	nftw(root, look_at, 16, FTW_PHYS);
}

static bool record_program(const struct trace_case *row, enum pass pass)
{
	int status;
	pid_t pid;

	read_ahead(pass);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return die("fork");
	if (!pid) {
		/* its TAP is not part of the log */
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		become(row, pass);
	}
	if (pass == PLAIN) {
		waitpid(pid, &status, 0);
	} else {
		waitpid(pid, &status, 0);
		record_opens(pid, pass);
		waitpid(pid, &status, 0);
	}
	return true;
}

static bool is_wanted(const struct trace_case *row, char *const *names)
{
	if (!*names)
		return true;
	for (; *names; names++) {
		if (!strcmp(*names, row->name))
			return true;
	}
	return false;
}

/* Why a case cannot be, or NULL */
static const char *cannot_be(const struct trace_case *row)
{
	struct stat top, parent;
	const char *dir = row->program ? EXT4_DIR : row->top;
	char path[64];

	if (stat(dir, &top) || stat("/", &parent) || top.st_dev == parent.st_dev)
		return "its filesystem is not mounted";
	snprintf(path, sizeof(path), EXT4_DIR "/%s/%s", pass_names[BLOCKS], row->program);
	if (row->program && access(path, X_OK))
		return "its program is not in the image";
	return NULL;
}

static bool are_cases(char *const *names)
{
	size_t i;

	for (; *names; names++) {
		for (i = 0; i < ARRAY_SIZE(cases) && strcmp(*names, cases[i].name); i++)
			;
		if (i == ARRAY_SIZE(cases)) {
			fprintf(stderr, "open_trace: there is no case '%s', see open_trace list\n",
				*names);
			return false;
		}
	}
	return true;
}

static bool record_cases(char *const *names, enum pass first, enum pass last)
{
	const struct trace_case *row;
	enum pass pass;
	const char *why;

	if (!are_cases(names))
		return false;
	for (row = cases; row < cases + ARRAY_SIZE(cases); row++) {
		if (!is_wanted(row, names))
			continue;
		put("case %s %s", row->name, row->about);
		why = cannot_be(row);
		if (why) {
			put("skip %s", why);
			continue;
		}
		for (pass = first; pass <= last; pass++) {
			put("pass %s", pass_names[pass]);
			if (row->program ? !record_program(row, pass) :
					   !record_case(row, pass))
				return false;
		}
	}
	return true;
}

static const struct {
	const char *name;
	int value;
} flag_names[] = {
	{ "O_RDONLY", O_RDONLY }, { "O_WRONLY", O_WRONLY }, { "O_RDWR", O_RDWR },
	{ "O_CREAT", O_CREAT }, { "O_EXCL", O_EXCL }, { "O_NOCTTY", O_NOCTTY },
	{ "O_TRUNC", O_TRUNC }, { "O_APPEND", O_APPEND }, { "O_NONBLOCK", O_NONBLOCK },
	{ "O_DSYNC", O_DSYNC }, { "O_SYNC", O_SYNC }, { "O_DIRECT", O_DIRECT },
	{ "O_DIRECTORY", O_DIRECTORY }, { "O_NOFOLLOW", O_NOFOLLOW },
	{ "O_NOATIME", O_NOATIME }, { "O_CLOEXEC", O_CLOEXEC }, { "O_PATH", O_PATH },
	{ "O_TMPFILE", O_TMPFILE },
};

/* "O_RDWR|O_CREAT", or a number */
static bool parse_flags(char *text, int *flags)
{
	char *word, *end;
	size_t i;

	*flags = strtol(text, &end, 0);
	if (end != text && !*end)
		return true;
	*flags = 0;
	while ((word = strsep(&text, "|"))) {
		for (i = 0; i < ARRAY_SIZE(flag_names); i++) {
			if (!strcmp(word, flag_names[i].name))
				break;
		}
		if (i == ARRAY_SIZE(flag_names)) {
			fprintf(stderr, "open_trace: there is no flag '%s'\n", word);
			return false;
		}
		*flags |= flag_names[i].value;
	}
	return true;
}

/* A user's own: PATH FLAGS [MODE] */
static bool record_own(char *const *args)
{
	mode_t mode = args[1] && args[2] ? strtol(args[2], NULL, 8) : 0;
	enum pass pass;
	int flags;

	if (!args[0] || !args[1] || !parse_flags(args[1], &flags))
		return false;
	put("case user %s", quoted(args[0]));
	for (pass = BLOCKS; pass <= COMPARE; pass++) {
		put("pass %s", pass_names[pass]);
		if (!record_path(pass, NULL, "/", args[0], flags, mode))
			return false;
	}
	return true;
}

static bool mount_at(const char *device, const char *dir, const char *type)
{
	mkdir(dir, 0755);
	return !mount(device, dir, type, 0, NULL);
}

/* The filesystems of the cases, and what KCOV needs, in a guest that has nothing */
static void mount_guest(void)
{
	static const char *const disks[] = { "/dev/ubda", "/dev/vda" };
	size_t i;

	umask(0);
	mount_at("devtmpfs", "/dev", "devtmpfs");
	mount_at("sysfs", "/sys", "sysfs");
	mount_at("debugfs", "/sys/kernel/debug", "debugfs");
	mount_at("tmpfs", TMPFS_DIR, "tmpfs");
	for (i = 0; i < ARRAY_SIZE(disks); i++) {
		if (mount_at(disks[i], EXT4_DIR, "ext4"))
			break;
	}
}

static int usage(FILE *out)
{
	fprintf(out,
		"usage: open_trace list              the cases\n"
		"       open_trace record [CASE...]  record them by KCOV, on " EXT4_DIR " and "
		TMPFS_DIR "\n"
		"       open_trace record -- PATH FLAGS [MODE]\n"
		"                                    record an open of your own\n"
		"       open_trace plain [CASE...]   do the cases, for others to watch\n"
		"In a guest that is made for it, \"guest\" before record and plain mounts those.\n");
	return out == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	char *const *args = argv + 1;
	struct utsname system;
	bool plain, done;
	size_t i;

	if (*args && !strcmp(*args, "guest")) {
		mount_guest();
		args++;
	}
	if (!*args)
		return usage(stderr);
	if (!strcmp(*args, "-h") || !strcmp(*args, "--help"))
		return usage(stdout);
	if (!strcmp(*args, "list")) {
		for (i = 0; i < ARRAY_SIZE(cases); i++)
			printf("%s\t%s\n", cases[i].name, cases[i].about);
		return 0;
	}
	plain = !strcmp(*args, "plain");
	if (!plain && strcmp(*args, "record"))
		return usage(stderr);
	args++;
	if (!plain && !kcov_open())
		return 1;
	uname(&system);
	put("log open_trace 1 calls");
	put("kernel %s %s", system.release, system.machine);
	if (plain)
		done = record_cases(args, PLAIN, PLAIN);
	else if (*args && !strcmp(*args, "--"))
		done = record_own(args + 1);
	else
		done = record_cases(args, BLOCKS, COMPARE);
	if (done)
		put_end();
	return !done;
}
