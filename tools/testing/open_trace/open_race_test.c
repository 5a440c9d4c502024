// SPDX-License-Identifier: GPL-2.0
/*
 * open(2) against those who change the tree meanwhile: what it returns is of the tree
 * before the change or of the tree after it.
 *
 * Two ways make the change fall into the call, on one processor too. Either the call
 * sleeps, in a FIFO or for a lease, until the test has made its change. Or its path leads
 * over symbolic links of some thousand dots, which keeps the walk busy for most of a
 * millisecond and lets others run at each link, and a worker's timer goes off in it. Each
 * test counts how often that came true: a race that never took place is no pass.
 *
 * OPEN_TRACE_SEED, a number that each test prints, decides order and delays.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "common.h"

#define USEC			1000ULL
#define MSEC			1000000ULL

/* How long one wait for another task may take, and one race */
#define WAIT_MSEC		10000
#define RACE_NSEC		(1000 * MSEC)
#define RACE_ROUNDS		2000
/* Changes inside a call that are enough */
#define ENOUGH			5
/* How long a walk should take: others' processors are late more than one's own */
#define WALK_NSEC		(4 * MSEC)
#define WALK_NSEC_ALONE		MSEC
/* How many links that may be (40 is the kernel's limit), and that tell how long one takes */
#define WALK_LINKS_MIN		4
#define WALK_LINKS		32
#define WALK_LINKS_TRIED	8
/* How long two loops run against each other, where tasks truly run side by side */
#define STORM_NSEC		(5 * MSEC)

static __u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * MSEC + ts.tv_nsec;
}

/* A thread or a process that does its job when told, at the time told. */
struct worker {
	void (*job)(struct worker *w);
	const char *a, *b;		/* names that the job works on */
	int flags, dir;
	mode_t mode;
	bool undo;			/* to do the opposite */
	__u64 at, began, ended;
	int err;			/* what the job's call said */
	struct stat st;			/* what it opened */
	char text[128];			/* or read */
	ssize_t len;
	bool leads;			/* to fire the others of its crew */
	struct worker *crew;
	__u64 offset;			/* when, after the leader */
	__u64 cost;			/* of firing them, kept with the first */

	bool process, stop;
	unsigned int priority;
	pid_t id;
	pthread_t thread;
	int go[2], done[2];
};

struct race {
	struct worker *crew;
	unsigned int members;
	__u32 state;			/* of the random numbers */
	__u64 end;
	unsigned int links;		/* in a path */
	__u64 walk;			/* how long they take */
	const char *dir;		/* where the links are: "", or "name/" */
	int proc;			/* /proc/self, for whoever may not go there */
	unsigned int rounds, inside;	/* of this row */
	unsigned int all_rounds, all_inside;
	bool alone;			/* one processor */
	const char *missed;		/* the row that did not come true */
};

/*
 * What the opener got, and when the change was: wholly before its call, not begun when the
 * call began, or wholly after it. Begun in the call is not enough to have met the walk: the
 * worker may get the processor when the call is done, and not returned. So a test counts
 * what began in time and shows in what the call returned.
 */
struct shot {
	int fd, err;
	bool before, ahead, after;
};

static __u32 draw(struct race *r, __u32 below)
{
	__u32 z = r->state += 0x9e3779b9;

	z = (z ^ (z >> 16)) * 0x85ebca6b;
	z = (z ^ (z >> 13)) * 0xc2b2ae35;
	return below ? (z ^ (z >> 16)) % below : 0;
}

static void *worker_main(void *data)
{
	struct sched_param param = { .sched_priority = 1 };
	struct worker *w = data;
	char c;

	__atomic_store_n(&w->id, syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	prctl(PR_SET_TIMERSLACK, 1);
	/* It preempts who is in the call; for others than root see race_open(). */
	sched_setscheduler(0, SCHED_FIFO, &param);
	while (read(w->go[0], &c, 1) == 1 && c == 'g') {
		struct timespec at = {
			.tv_sec = w->at / (1000 * MSEC),
			.tv_nsec = w->at % (1000 * MSEC),
		};

		if (w->priority) {
			param.sched_priority = w->priority;
			sched_setscheduler(0, SCHED_FIFO, &param);
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		__atomic_store_n(&w->began, now(), __ATOMIC_SEQ_CST);
		w->job(w);
		__atomic_store_n(&w->ended, now(), __ATOMIC_SEQ_CST);
		if (write(w->done[1], "d", 1) != 1)
			break;
	}
	return NULL;
}

static void worker_start(struct __test_metadata *const _metadata,
			 struct worker *w)
{
	pid_t parent = getpid();

	if (!w->process) {
		ASSERT_EQ(0, pthread_create(&w->thread, NULL, worker_main, w));
		return;
	}
	w->id = fork();
	ASSERT_LE(0, w->id);
	if (w->id == 0) {
		/*
		 * Nothing is left behind, however the test ends: should it be another
		 * user by then, it may not send the signal, and the pipe tells.
		 */
		close(w->go[1]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			worker_main(w);
		_exit(0);
	}
}

/* worker_fire - let it do its job at a time of CLOCK_MONOTONIC */
static void worker_fire(struct __test_metadata *const _metadata,
			struct worker *w, __u64 at)
{
	w->at = at;
	__atomic_store_n(&w->began, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&w->ended, 0, __ATOMIC_SEQ_CST);
	ASSERT_EQ(1, write(w->go[1], "g", 1));
}

static void worker_wait(struct __test_metadata *const _metadata,
			struct worker *w)
{
	struct pollfd pfd = { .fd = w->done[0], .events = POLLIN };
	char c;

	ASSERT_EQ(1, poll(&pfd, 1, WAIT_MSEC)) TH_LOG("a worker hangs");
	ASSERT_EQ(1, read(w->done[0], &c, 1));
}

/* worker_undo - let it take back what it did */
static void worker_undo(struct __test_metadata *const _metadata,
			struct worker *w)
{
	w->undo = true;
	worker_fire(_metadata, w, 0);
	worker_wait(_metadata, w);
	ASSERT_EQ(0, w->err) TH_LOG("undoing: %s", strerror(w->err));
	w->undo = false;
}

/* worker_wait_asleep - until it sleeps in the call that its job makes */
static void worker_wait_asleep(struct __test_metadata *const _metadata,
			       struct race *r)
{
	__u64 end = now() + WAIT_MSEC * MSEC;
	struct worker *w = &r->crew[0];
	char path[64], state = 0;

	do {
		char stat[256], *paren;
		ssize_t len;
		int fd;

		ASSERT_GT(end, now()) TH_LOG("the open does not sleep: %c", state);
		ASSERT_EQ(0, __atomic_load_n(&w->ended, __ATOMIC_SEQ_CST))
			TH_LOG("the open did not sleep: %s", strerror(w->err));
		sched_yield();
		if (!__atomic_load_n(&w->began, __ATOMIC_SEQ_CST))
			continue;
		snprintf(path, sizeof(path), "task/%d/stat", w->id);
		fd = openat(r->proc, path, O_RDONLY | O_CLOEXEC);
		ASSERT_LE(0, fd) TH_LOG("%s: %s", path, strerror(errno));
		len = read(fd, stat, sizeof(stat) - 1);
		ASSERT_LT(0, len);
		close(fd);
		stat[len] = 0;
		paren = strrchr(stat, ')');
		ASSERT_NE(NULL, paren);
		state = paren[2];
	} while (state != 'S');
}

/*
 * dots - links that lead, slowly, to where they are
 *
 * One for each step: a walk asks for the processor where it notes a link's time of access,
 * and that it does once.
 */
static void dots(struct __test_metadata *const _metadata, const char *dir)
{
	char body[4095], name[64];
	unsigned int i = 0;
	size_t len;

	for (len = 0; len < sizeof(body) - 1; len += 2)
		memcpy(body + len, "./", 2);
	body[len] = 0;
	while (i < WALK_LINKS) {
		snprintf(name, sizeof(name), "%s%c", dir, 'A' + i);
		if (symlink(body, name) == 0) {
			i++;
			continue;
		}
		/* some filesystems hold shorter ones only */
		ASSERT_EQ(ENAMETOOLONG, errno) TH_LOG("%s", strerror(errno));
		ASSERT_LT(64, len);
		len = len / 2 & ~1UL;
		body[len] = 0;
	}
}

/* dots_reset - the next walk over them is to note the time, for which it leaves RCU-walk */
static void dots_reset(struct __test_metadata *const _metadata, struct race *r)
{
	struct timespec times[2] = { { .tv_sec = 1 }, { .tv_nsec = UTIME_OMIT } };
	char name[64];
	unsigned int i;

	for (i = 0; i < r->links; i++) {
		snprintf(name, sizeof(name), "%s%c", r->dir, 'A' + i);
		ASSERT_EQ(0, utimensat(AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW));
	}
}

/* long_path - head, as many links as the race wants, and tail */
static void long_path(struct race *r, char *path, const char *head,
		      const char *tail)
{
	unsigned int i;

	path = stpcpy(path, head);
	for (i = 0; i < r->links; i++) {
		*path++ = 'A' + i;
		*path++ = '/';
	}
	stpcpy(path, tail);
}

/* ticks - do clock and timers go by the jiffy? */
static bool ticks(void)
{
	struct timespec res;

	clock_getres(CLOCK_MONOTONIC, &res);
	return res.tv_sec || res.tv_nsec >= MSEC;
}

/* race_init - the seed, how long a walk takes, and a crew that has not started */
static void race_init(struct __test_metadata *const _metadata, struct race *r,
		      unsigned int members)
{
	const char *given = getenv("OPEN_TRACE_SEED");
	__u32 seed = given ? strtoul(given, NULL, 0) : now() / USEC;
	/* to be met and measured by the jiffy a walk is to last some */
	unsigned int tried = ticks() ? WALK_LINKS : WALK_LINKS_TRIED;
	__u64 took = 0, wanted;
	char path[PATH_MAX];
	int i;

	TH_LOG("seed %u", seed);
	memset(r, 0, sizeof(*r));
	r->proc = open("/proc/self", O_PATH | O_CLOEXEC);
	ASSERT_LE(0, r->proc);
	r->state = seed;
	r->alone = sysconf(_SC_NPROCESSORS_ONLN) == 1;
	r->members = members;
	r->crew = mmap(NULL, members * sizeof(*r->crew), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, r->crew);

	r->dir = "";
	dots(_metadata, r->dir);
	r->links = tried;
	long_path(r, path, "", ".");
	for (i = 0; i < 3; i++) {
		__u64 start;

		dots_reset(_metadata, r);
		start = now();
		ASSERT_EQ(0, open_errno(path, O_PATH, 0));
		start = now() - start;
		if (!took || start < took)
			took = start;
	}
	wanted = r->alone ? WALK_NSEC_ALONE : WALK_NSEC;
	r->links = ticks() ? WALK_LINKS : WALK_LINKS_MIN;
	while (r->links < WALK_LINKS && took * r->links < wanted * tried)
		r->links++;
	r->walk = took * r->links / tried;
}

/*
 * race_time - how long a race may take
 *
 * Where timers tick as slowly as jiffies a change hits the walk by luck alone: on one
 * processor it is hardly worth trying.
 */
static __u64 race_time(const struct race *r)
{
	return r->alone && ticks() ? RACE_NSEC / 50 : RACE_NSEC;
}

/* race_start - the crew starts, the race's time begins */
static void race_start(struct __test_metadata *const _metadata, struct race *r)
{
	unsigned int i;

	for (i = 0; i < r->members; i++) {
		ASSERT_EQ(0, pipe2(r->crew[i].go, O_CLOEXEC));
		ASSERT_EQ(0, pipe2(r->crew[i].done, O_CLOEXEC));
	}
	for (i = 0; i < r->members; i++)
		worker_start(_metadata, &r->crew[i]);
	r->end = now() + race_time(r);
}

/* race_on - another round? @seen: all outcomes that the test wants were seen */
static bool race_on(struct race *r, bool seen)
{
	if (seen && r->inside >= ENOUGH)
		return false;
	if (r->missed || r->rounds >= RACE_ROUNDS || now() > r->end)
		return false;
	r->rounds++;
	return true;
}

/* race_open - the opener's call, while the first worker does its job some time in it */
static struct shot race_open(struct __test_metadata *const _metadata,
			     struct race *r, int dir, const char *path, int flags,
			     mode_t mode, __u64 resolve)
{
	struct ot_open_how how = {
		.flags = flags, .mode = mode, .resolve = resolve,
	};
	const struct sched_param param = { .sched_priority = 0 };
	struct worker *w = &r->crew[0];
	__u64 began, ended;
	struct shot s = {};

	dots_reset(_metadata, r);
	/* One that may not raise the worker lowers itself. */
	if (r->alone && !is_root())
		sched_setscheduler(0, SCHED_IDLE, &param);
	worker_fire(_metadata, w, now() + r->walk * draw(r, 1280) / 1024);
	began = now();
	if (resolve)
		s.fd = sys_openat2(dir, path, &how, sizeof(how));
	else
		s.fd = openat(dir, path, flags, mode);
	s.err = s.fd < 0 ? errno : 0;
	ended = now();
	worker_wait(_metadata, w);
	if (r->alone && !is_root())
		sched_setscheduler(0, SCHED_OTHER, &param);

	s.before = w->ended < began;
	s.ahead = w->began > began;
	s.after = w->began > ended;
	if (!s.before && ended - began < 2 * r->walk)
		r->walk = (3 * r->walk + ended - began) / 4;
	return s;
}

/*
 * race_row - these rounds are over; @seen: all outcomes that the test wants were seen
 *
 * With one processor a change may also come between the clock and the call: a walk that
 * nothing preempts is met in a few of a hundred rounds, and one that is, in half of them.
 */
static void race_row(struct race *r, const char *name, bool seen)
{
	if (!r->missed &&
	    (!seen || !r->inside || (r->alone && r->inside * 8 < r->rounds)))
		r->missed = name;
	r->all_rounds += r->rounds;
	r->all_inside += r->inside;
	r->rounds = 0;
	r->inside = 0;
	r->end = now() + race_time(r);
}

/*
 * race_held - the race took place, or say that it did not
 *
 * Last in a test. It may be that nothing preempts a walk on the one processor, or that a
 * busy machine was never in time.
 */
static void race_held(struct __test_metadata *const _metadata, struct race *r)
{
	TH_LOG("%u rounds, %u with the change in the call", r->all_rounds,
	       r->all_inside);
	if (!r->missed)
		return;
	SKIP(return, "the race never took place: %s", r->missed);
}

/* race_stop - the crew goes home */
static void race_stop(struct __test_metadata *const _metadata, struct race *r)
{
	unsigned int i;

	for (i = 0; i < r->members; i++) {
		struct worker *w = &r->crew[i];
		int status = 0;

		ASSERT_EQ(1, write(w->go[1], "q", 1));
		if (!w->process) {
			ASSERT_EQ(0, pthread_join(w->thread, NULL));
			continue;
		}
		ASSERT_EQ(w->id, waitpid(w->id, &status, 0));
		ASSERT_EQ(0, status);
	}
}

/* storm_start - the worker loops, and so may the test, until STORM_NSEC are over */
static void storm_start(struct __test_metadata *const _metadata, struct race *r)
{
	r->crew[0].stop = false;
	r->end = now() + STORM_NSEC;
	worker_fire(_metadata, &r->crew[0], 0);
}

static bool storm_on(struct race *r)
{
	sched_yield();
	return now() < r->end;
}

static void storm_stop(struct __test_metadata *const _metadata, struct race *r)
{
	__atomic_store_n(&r->crew[0].stop, true, __ATOMIC_SEQ_CST);
	worker_wait(_metadata, &r->crew[0]);
	ASSERT_EQ(0, r->crew[0].err) TH_LOG("%s", strerror(r->crew[0].err));
}

/* storming - for the worker's loop: it stands back after each turn */
static bool storming(struct worker *w)
{
	struct sched_param param = { .sched_priority = 0 };

	sched_setscheduler(0, SCHED_OTHER, &param);
	sched_yield();
	return !__atomic_load_n(&w->stop, __ATOMIC_SEQ_CST);
}

static int exchange(const char *a, const char *b)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

/* first_letter - of the file at a descriptor, which is closed; 0 for none */
static char first_letter(int fd)
{
	char c = 0;

	if (fd < 0 || read(fd, &c, 1) != 1)
		c = 0;
	if (fd >= 0)
		close(fd);
	return c;
}

FIXTURE_SCRATCH(race);

/*
 * Many that create the same name
 */

FIXTURE_SCRATCH(creators);

FIXTURE_VARIANT(creators)
{
	int flags;
	bool processes;
};

FIXTURE_VARIANT_ADD(creators, exclusive_threads)
{
	.flags = O_EXCL,
};

FIXTURE_VARIANT_ADD(creators, exclusive_processes)
{
	.flags = O_EXCL, .processes = true,
};

/* Without O_EXCL all get the file, which still one of them has made. */
FIXTURE_VARIANT_ADD(creators, sharing_threads)
{
};

FIXTURE_VARIANT_ADD(creators, sharing_processes)
{
	.processes = true,
};

#define CONTENDERS	4

static void job_open(struct worker *w)
{
	int fd = open(w->a, w->flags | O_CLOEXEC, w->mode);

	w->err = fd < 0 ? errno : 0;
	if (fd < 0)
		return;
	fstat(fd, &w->st);
	close(fd);
}

/* One sets out, and tells the others when to set out: before it arrives. */
static void job_create(struct worker *w)
{
	__u64 start = now();
	unsigned int i;

	for (i = 0; w->leads && i < CONTENDERS; i++) {
		struct worker *other = &w->crew[i];

		if (other == w)
			continue;
		other->at = start + w->crew->cost + other->offset;
		if (write(other->go[1], "g", 1) != 1)
			return;
	}
	__atomic_store_n(&w->began, now(), __ATOMIC_SEQ_CST);
	if (w->leads)
		w->crew->cost = w->began - start;
	job_open(w);
}

/* Each makes a file with a mode of its own: its last digit tells who made it. */
TEST_F(creators, one_makes_the_file_and_no_other)
{
	struct worker *w, *creator;
	char path[PATH_MAX];
	unsigned int i;
	struct race r;

	race_init(_metadata, &r, CONTENDERS);
	long_path(&r, path, "", "name");
	for (i = 0; i < CONTENDERS; i++) {
		w = &r.crew[i];
		w->job = job_create;
		w->crew = r.crew;
		w->a = path;
		w->flags = O_RDWR | O_CREAT | variant->flags;
		w->mode = 0600 + i;
		w->process = variant->processes;
	}
	race_start(_metadata, &r);
	while (race_on(&r, true)) {
		unsigned int rank = draw(&r, CONTENDERS), won = 0;
		__u64 offset = 0;
		struct stat st;

		dots_reset(_metadata, &r);
		for (i = 0; i < CONTENDERS; i++) {
			/* who comes later preempts who came earlier */
			w = &r.crew[(rank + i) % CONTENDERS];
			w->priority = i + 1;
			w->leads = i == 0;
			w->offset = offset;
			offset += draw(&r, r.walk / (CONTENDERS - 1)) + 1;
		}
		worker_fire(_metadata, &r.crew[rank], 0);
		for (i = 0; i < CONTENDERS; i++)
			worker_wait(_metadata, &r.crew[i]);

		ASSERT_EQ(0, lstat("name", &st));
		ASSERT_EQ(S_IFREG | 0600, st.st_mode & ~7);
		ASSERT_GT(CONTENDERS, st.st_mode & 7);
		creator = &r.crew[st.st_mode & 7];
		ASSERT_EQ(0, creator->err);
		for (i = 0; i < CONTENDERS; i++) {
			w = &r.crew[i];
			if (w->err) {
				ASSERT_EQ(EEXIST, w->err);
				continue;
			}
			won++;
			/* all of them the one file that there is */
			ASSERT_EQ(st.st_ino, w->st.st_ino);
			ASSERT_EQ(st.st_mode, w->st.st_mode);
			ASSERT_EQ(1, w->st.st_nlink);
		}
		ASSERT_EQ(variant->flags & O_EXCL ? 1 : CONTENDERS, won);
		for (i = 0; i < CONTENDERS; i++) {
			/* its call had begun, and another's made the file */
			if (r.crew[i].began < creator->began) {
				r.inside++;
				break;
			}
		}
		ASSERT_EQ(0, unlink("name"));
	}
	race_stop(_metadata, &r);
	race_row(&r, "creation", true);
	race_held(_metadata, &r);
}

/*
 * One that opens, one that changes the name
 */

#define PAGES_3		12288

/* make_big - three pages of one letter */
static void make_big(struct __test_metadata *const _metadata, const char *path,
		     char letter)
{
	char text[PAGES_3 + 1];

	memset(text, letter, PAGES_3);
	text[PAGES_3] = 0;
	make_file(_metadata, path, 0600, text);
}

/* whole_letter - the letter that the file at a descriptor consists of, which is closed */
static char whole_letter(struct __test_metadata *const _metadata, int fd)
{
	char text[PAGES_3 + 1];
	size_t i;

	ASSERT_EQ(PAGES_3, read(fd, text, sizeof(text)));
	close(fd);
	for (i = 1; i < PAGES_3; i++) {
		ASSERT_EQ(text[0], text[i]);
	}
	return text[0];
}

static void job_rename_over(struct worker *w)
{
	if (w->flags) {
		while (storming(w) && !w->err) {
			w->mode = !w->mode;
			w->err = errno_of(link(w->mode ? "new" : "old", "tmp")) ?:
				 errno_of(rename("tmp", "name"));
		}
		return;
	}
	if (w->undo)
		w->err = errno_of(link("old", "tmp")) ?:
			 errno_of(rename("tmp", "name")) ?:
			 errno_of(link("new", "tmp"));
	else
		w->err = errno_of(rename("tmp", "name"));
}

/* rename(2): "there is no point at which another process ... will find it missing" */
TEST_F(race, renamed_over_name_is_the_old_file_or_the_new)
{
	unsigned int old = 0, new = 0;
	char path[PATH_MAX];
	struct race r;
	char letter;

	make_big(_metadata, "old", 'o');
	make_big(_metadata, "new", 'n');
	ASSERT_EQ(0, link("old", "name"));
	ASSERT_EQ(0, link("new", "tmp"));
	race_init(_metadata, &r, 1);
	long_path(&r, path, "", "name");
	r.crew[0].job = job_rename_over;
	race_start(_metadata, &r);
	while (race_on(&r, old && new)) {
		struct shot s = race_open(_metadata, &r, AT_FDCWD, path, O_RDONLY,
					  0, 0);

		ASSERT_EQ(0, r.crew[0].err);
		ASSERT_EQ(0, s.err) TH_LOG("%s", strerror(s.err));
		letter = whole_letter(_metadata, s.fd);
		if (letter == 'o') {
			old++;
		} else {
			new++;
			r.inside += s.ahead;
		}
		if (s.before)
			ASSERT_EQ('n', letter);
		if (s.after)
			ASSERT_EQ('o', letter);
		worker_undo(_metadata, &r.crew[0]);
	}
	ASSERT_EQ(0, unlink("tmp"));
	r.crew[0].flags = 1;
	storm_start(_metadata, &r);
	do {
		int fd = open("name", O_RDONLY | O_CLOEXEC);

		ASSERT_LE(0, fd) TH_LOG("%s", strerror(errno));
		whole_letter(_metadata, fd);
	} while (storm_on(&r));
	storm_stop(_metadata, &r);
	race_stop(_metadata, &r);
	race_row(&r, "rename over", old && new);
	race_held(_metadata, &r);
}

static void job_unlink(struct worker *w)
{
	if (w->undo)
		w->err = errno_of(link(w->b, w->a));
	else
		w->err = errno_of(unlink(w->a));
}

TEST_F(race, unlinked_name_is_the_file_or_enoent)
{
	unsigned int there = 0, gone = 0;
	char path[PATH_MAX];
	struct race r;

	make_file(_metadata, "keep", 0600, "k");
	ASSERT_EQ(0, link("keep", "name"));
	race_init(_metadata, &r, 1);
	long_path(&r, path, "", "name");
	r.crew[0].job = job_unlink;
	r.crew[0].a = "name";
	r.crew[0].b = "keep";
	race_start(_metadata, &r);
	while (race_on(&r, there && gone)) {
		struct shot s = race_open(_metadata, &r, AT_FDCWD, path, O_RDONLY,
					  0, 0);

		ASSERT_EQ(0, r.crew[0].err);
		if (s.err) {
			ASSERT_EQ(ENOENT, s.err);
			ASSERT_FALSE(s.after);
			gone++;
			r.inside += s.ahead;
		} else {
			ASSERT_EQ('k', first_letter(s.fd));
			ASSERT_FALSE(s.before);
			there++;
		}
		worker_undo(_metadata, &r.crew[0]);
	}
	race_stop(_metadata, &r);
	race_row(&r, "unlink", there && gone);
	race_held(_metadata, &r);
}

static void job_chmod(struct worker *w)
{
	if (w->flags) {
		while (storming(w) && !w->err)
			w->err = errno_of(chmod("d/f", 0)) ?:
				 errno_of(chmod("d/f", 0644));
		return;
	}
	w->err = errno_of(chmod(w->dir ? "d" : "d/f",
				!w->undo ? 0 : w->dir ? 0755 : 0644));
}

/* The owner, root if there is one, takes the permission away from the opener. */
TEST_F(race, changed_mode_is_eacces_or_success)
{
	static const char *const what[] = { "chmod of the file", "of its directory" };
	unsigned int dir, yes, no;
	char path[PATH_MAX];
	struct race r;

	ASSERT_EQ(0, mkdir("d", 0755));
	make_file(_metadata, "d/f", 0644, "f");
	ASSERT_EQ(0, mkdir("mine", 0777));
	race_init(_metadata, &r, 1);
	r.crew[0].job = job_chmod;
	r.crew[0].process = true;
	race_start(_metadata, &r);
	become_other(_metadata);
	/* the opener's own links: it has to be able to change their times */
	r.dir = "mine/";
	dots(_metadata, r.dir);
	long_path(&r, path, "mine/", "../d/f");
	for (dir = 0; dir < 2; dir++) {
		yes = 0;
		no = 0;
		r.crew[0].dir = dir;
		while (race_on(&r, yes && no)) {
			struct shot s = race_open(_metadata, &r, AT_FDCWD, path,
						  O_RDONLY, 0, 0);

			ASSERT_EQ(0, r.crew[0].err);
			if (s.err) {
				ASSERT_EQ(EACCES, s.err) TH_LOG("%s", what[dir]);
				ASSERT_FALSE(s.after);
				no++;
				r.inside += s.ahead;
			} else {
				ASSERT_EQ('f', first_letter(s.fd));
				ASSERT_FALSE(s.before) TH_LOG("%s", what[dir]);
				yes++;
			}
			worker_undo(_metadata, &r.crew[0]);
		}
		race_row(&r, what[dir], yes && no);
	}
	r.crew[0].flags = 1;
	storm_start(_metadata, &r);
	do {
		int err = open_errno("d/f", O_RDONLY | O_CLOEXEC, 0);

		if (err)
			ASSERT_EQ(EACCES, err);
	} while (storm_on(&r));
	storm_stop(_metadata, &r);
	race_stop(_metadata, &r);
	race_held(_metadata, &r);
}

static void job_unlink_created(struct worker *w)
{
	if (!w->flags) {
		w->err = errno_of(unlink("name"));
		return;
	}
	while (storming(w)) {
		if (unlink("name") && errno != ENOENT)
			w->err = errno;
	}
}

/* O_CREAT finds the file or makes one: whichever, it is a whole one. */
TEST_F(race, create_against_unlink_opens_a_whole_file)
{
	unsigned int found = 0, made = 0;
	char path[PATH_MAX];
	struct race r;
	struct stat st;

	race_init(_metadata, &r, 1);
	long_path(&r, path, "", "name");
	r.crew[0].job = job_unlink_created;
	race_start(_metadata, &r);
	while (race_on(&r, found && made)) {
		struct shot s;

		make_file(_metadata, "name", 0600, "k");
		s = race_open(_metadata, &r, AT_FDCWD, path, O_RDWR | O_CREAT, 0640,
			      0);
		ASSERT_EQ(0, r.crew[0].err);
		ASSERT_EQ(0, s.err) TH_LOG("%s", strerror(s.err));
		ASSERT_EQ(0, fstat(s.fd, &st));
		if (st.st_size) {
			ASSERT_EQ(S_IFREG | 0600, st.st_mode);
			ASSERT_EQ(1, st.st_size);
			/* the unlink is over by now */
			ASSERT_EQ(0, st.st_nlink);
			ASSERT_FALSE(s.before);
			ASSERT_EQ(ENOENT, open_errno("name", O_PATH, 0));
			found++;
		} else {
			ASSERT_EQ(S_IFREG | 0640, st.st_mode);
			ASSERT_EQ(1, st.st_nlink);
			ASSERT_FALSE(s.after);
			ASSERT_EQ(0, unlink("name"));
			made++;
			r.inside += s.ahead;
		}
		close(s.fd);
	}
	r.crew[0].flags = 1;
	storm_start(_metadata, &r);
	do {
		int fd = open("name", O_RDWR | O_CREAT | O_CLOEXEC, 0640);

		ASSERT_LE(0, fd) TH_LOG("%s", strerror(errno));
		ASSERT_EQ(0, fstat(fd, &st));
		ASSERT_GE(1, st.st_nlink);
		ASSERT_EQ(S_IFREG | 0640, st.st_mode);
		ASSERT_EQ(0, st.st_size);
		close(fd);
	} while (storm_on(&r));
	storm_stop(_metadata, &r);
	race_stop(_metadata, &r);
	race_row(&r, "O_CREAT against unlink", found && made);
	race_held(_metadata, &r);
}

static void job_link_tmpfile(struct worker *w)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", w->dir);
	w->err = errno_of(linkat(AT_FDCWD, proc, AT_FDCWD, "name",
				 AT_SYMLINK_FOLLOW));
}

TEST_F(race, linked_tmpfile_or_exclusive_create_wins)
{
	unsigned int linked = 0, created = 0;
	char path[PATH_MAX];
	struct stat st, tmp;
	struct race r;

	race_init(_metadata, &r, 1);
	long_path(&r, path, "", "name");
	r.crew[0].job = job_link_tmpfile;
	race_start(_metadata, &r);
	while (race_on(&r, linked && created)) {
		int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		struct shot s;

		if (fd < 0 && errno == EOPNOTSUPP)
			SKIP(return, "O_TMPFILE is not supported here");
		ASSERT_LE(0, fd) TH_LOG("%s", strerror(errno));
		r.crew[0].dir = fd;
		s = race_open(_metadata, &r, AT_FDCWD, path,
			      O_RDWR | O_CREAT | O_EXCL, 0600, 0);
		ASSERT_EQ(0, fstat(fd, &tmp));
		ASSERT_EQ(0, lstat("name", &st));
		if (s.err) {
			ASSERT_EQ(EEXIST, s.err);
			ASSERT_EQ(0, r.crew[0].err);
			ASSERT_EQ(tmp.st_ino, st.st_ino);
			ASSERT_FALSE(s.after);
			linked++;
			r.inside += s.ahead;
		} else {
			ASSERT_EQ(EEXIST, r.crew[0].err);
			ASSERT_NE(tmp.st_ino, st.st_ino);
			ASSERT_EQ(0, tmp.st_nlink);
			ASSERT_FALSE(s.before);
			close(s.fd);
			created++;
		}
		close(fd);
		ASSERT_EQ(0, unlink("name"));
	}
	race_stop(_metadata, &r);
	race_row(&r, "linkat against O_EXCL", linked && created);
	race_held(_metadata, &r);
}

#define CONTENT		"some words, of which none may be missing"

static void job_read(struct worker *w)
{
	int fd = open("name", O_RDONLY | O_CLOEXEC);

	w->err = fd < 0 ? errno : 0;
	if (fd < 0)
		return;
	w->len = read(fd, w->text, sizeof(w->text));
	close(fd);
}

TEST_F(race, reader_of_a_truncated_file_has_all_or_nothing)
{
	unsigned int all = 0, nothing = 0;
	char path[PATH_MAX];
	struct race r;

	race_init(_metadata, &r, 1);
	long_path(&r, path, "", "name");
	r.crew[0].job = job_read;
	race_start(_metadata, &r);
	while (race_on(&r, all && nothing)) {
		struct shot s;

		make_file(_metadata, "name", 0600, CONTENT);
		s = race_open(_metadata, &r, AT_FDCWD, path, O_WRONLY | O_TRUNC, 0,
			      0);
		ASSERT_EQ(0, s.err);
		close(s.fd);
		ASSERT_EQ(0, r.crew[0].err);
		if (r.crew[0].len) {
			ASSERT_EQ(strlen(CONTENT), r.crew[0].len);
			ASSERT_EQ(0, memcmp(CONTENT, r.crew[0].text,
					    strlen(CONTENT)));
			ASSERT_FALSE(s.after);
			all++;
			r.inside += s.ahead;
		} else {
			ASSERT_FALSE(s.before);
			nothing++;
		}
		ASSERT_EQ(0, unlink("name"));
	}
	race_stop(_metadata, &r);
	race_row(&r, "O_TRUNC against a reader", all && nothing);
	race_held(_metadata, &r);
}

/*
 * An open that sleeps while the name changes
 */

static const struct {
	const char *name;
	int after;			/* what a new open of the name says */
	nlink_t links;			/* of what the sleeper opened */
} sleeper_rows[] = {
	{ "unlink",		ENOENT,	0 },
	{ "rename away",	ENOENT,	1 },
	{ "rename over",	0,	0 },
	{ "chmod",		EACCES,	1 },
};

/* The name was looked up, the permission checked: what happens later is too late. */
TEST_F(race, open_asleep_in_a_fifo_keeps_what_it_found)
{
	char proc[64];
	struct worker *w;
	struct race r;
	size_t i;

	race_init(_metadata, &r, 1);
	w = &r.crew[0];
	w->job = job_open;
	w->a = "name";
	w->flags = O_RDONLY;
	race_start(_metadata, &r);
	become_other(_metadata);
	for (i = 0; i < ARRAY_SIZE(sleeper_rows); i++) {
		struct stat st;
		int path, fd;

		ASSERT_EQ(0, mkfifo("name", 0600));
		make_file(_metadata, "other", 0600, "o");
		path = open("name", O_PATH | O_CLOEXEC);
		ASSERT_LE(0, path);
		ASSERT_EQ(0, fstat(path, &st));
		worker_fire(_metadata, w, 0);
		worker_wait_asleep(_metadata, &r);
		switch (i) {
		case 0:
			ASSERT_EQ(0, unlink("name"));
			break;
		case 1:
			ASSERT_EQ(0, rename("name", "away"));
			break;
		case 2:
			ASSERT_EQ(0, rename("other", "name"));
			break;
		case 3:
			ASSERT_EQ(0, chmod("name", 0200));
			break;
		}
		EXPECT_EQ(sleeper_rows[i].after,
			  open_errno("name", O_RDONLY | O_NONBLOCK, 0))
			TH_LOG("%s", sleeper_rows[i].name);
		/* the other end lets it go on */
		snprintf(proc, sizeof(proc), "fd/%d", path);
		fd = openat(r.proc, proc, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		ASSERT_LE(0, fd) TH_LOG("%s: %s", sleeper_rows[i].name,
					strerror(errno));
		worker_wait(_metadata, w);
		EXPECT_EQ(0, w->err) TH_LOG("%s", sleeper_rows[i].name);
		EXPECT_EQ(st.st_ino, w->st.st_ino)
			TH_LOG("%s", sleeper_rows[i].name);
		EXPECT_EQ(sleeper_rows[i].links, w->st.st_nlink)
			TH_LOG("%s", sleeper_rows[i].name);
		close(fd);
		close(path);
		unlink("name");
		unlink("away");
		unlink("other");
	}
	race_stop(_metadata, &r);
}

/* A reader's lease makes the writer wait after the lookup, and before O_TRUNC truncates. */
TEST_F(race, truncating_open_asleep_for_a_lease_truncates_what_it_found)
{
	char text[sizeof(CONTENT)];
	struct worker *w;
	struct stat st;
	struct race r;
	int fd;

	signal(SIGIO, SIG_IGN);
	race_init(_metadata, &r, 1);
	w = &r.crew[0];
	w->job = job_open;
	w->a = "name";
	w->flags = O_WRONLY | O_TRUNC;
	race_start(_metadata, &r);
	make_file(_metadata, "name", 0600, CONTENT);
	make_file(_metadata, "other", 0600, CONTENT);
	fd = open("name", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st));
	if (fcntl(fd, F_SETLEASE, F_RDLCK)) {
		ASSERT_EQ(EINVAL, errno);
		SKIP(return, "no leases on this filesystem");
	}
	worker_fire(_metadata, w, 0);
	worker_wait_asleep(_metadata, &r);
	ASSERT_EQ(0, rename("other", "name"));
	/* the holder of the lease still reads it whole */
	ASSERT_EQ(strlen(CONTENT), read(fd, text, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, CONTENT, strlen(CONTENT)));
	ASSERT_EQ(0, fcntl(fd, F_SETLEASE, F_UNLCK));
	worker_wait(_metadata, w);
	EXPECT_EQ(0, w->err);
	EXPECT_EQ(st.st_ino, w->st.st_ino);
	EXPECT_EQ(0, w->st.st_size);
	ASSERT_EQ(0, stat("name", &st));
	EXPECT_NE(st.st_ino, w->st.st_ino);
	EXPECT_EQ(strlen(CONTENT), st.st_size);
	close(fd);
	race_stop(_metadata, &r);
}

/*
 * Ways out of a root, tried while somebody moves the walls
 *
 * `in` is the root of the call. A file that begins with `i` is inside, with `o` outside.
 */

static void make_root(struct __test_metadata *const _metadata)
{
	ASSERT_EQ(0, mkdir("in", 0777));
	ASSERT_EQ(0, mkdir("out", 0777));
	make_file(_metadata, "in/f", 0600, "i");
	make_file(_metadata, "out/f", 0600, "o");
}

struct attack {
	const char *name;
	int (*leave)(void);		/* takes the directory of the walk away */
	int (*back)(void);
	int flags;
	const char *head, *tail;	/* the path, around the long walk */
};

static const struct attack *attack;

static void job_attack(struct worker *w)
{
	w->err = errno_of(w->undo ? attack->back() : attack->leave());
}

static int rename_out(void)
{
	return rename("in/d", "out/d");
}

static int rename_in(void)
{
	return rename("out/d", "in/d");
}

static int exchange_d(void)
{
	return exchange("in/d", "out/x");
}

static int move_out(void)
{
	return mount("in/m", "out/m", NULL, MS_MOVE, NULL);
}

static int move_in(void)
{
	return mount("out/m", "in/m", NULL, MS_MOVE, NULL);
}

/*
 * The directory where the walk is leaves the root, and the next ".." would be outside. The
 * kernel cannot know, and says EAGAIN. What O_CREAT makes is not looked at a second time.
 */
static const struct attack rename_rows[] = {
	{ "rename, open",	rename_out, rename_in, O_RDONLY, "d/", "../f" },
	{ "rename, create",	rename_out, rename_in, O_RDWR | O_CREAT, "d/",
	  "../made" },
	{ "exchange, open",	exchange_d, exchange_d, O_RDONLY, "d/", "../f" },
	{ "exchange, create",	exchange_d, exchange_d, O_RDWR | O_CREAT, "d/",
	  "../made" },
	{}
};

static const struct attack mount_rows[] = {
	{ "mount move, open",	move_out, move_in, O_RDONLY, "m/", "../f" },
	{ "mount move, create",	move_out, move_in, O_RDWR | O_CREAT, "m/",
	  "../made" },
	{}
};

FIXTURE_SCRATCH(leaving);

FIXTURE_VARIANT(leaving)
{
	__u64 resolve;
	bool mount;
};

FIXTURE_VARIANT_ADD(leaving, beneath_by_rename)
{
	.resolve = RESOLVE_BENEATH,
};

FIXTURE_VARIANT_ADD(leaving, beneath_by_mount)
{
	.resolve = RESOLVE_BENEATH, .mount = true,
};

FIXTURE_VARIANT_ADD(leaving, in_root_by_rename)
{
	.resolve = RESOLVE_IN_ROOT,
};

FIXTURE_VARIANT_ADD(leaving, in_root_by_mount)
{
	.resolve = RESOLVE_IN_ROOT, .mount = true,
};

TEST_F(leaving, directory_is_no_way_out_of_the_root)
{
	unsigned int again, in;
	char path[PATH_MAX];
	struct race r;
	int root;

	make_root(_metadata);
	if (variant->mount) {
		if (!is_root())
			SKIP(return, "needs root to mount");
		ASSERT_EQ(0, mkdir("in/m", 0777));
		ASSERT_EQ(0, mkdir("out/m", 0777));
		ASSERT_EQ(0, mkdir("d", 0777));
		ASSERT_EQ(0, mount("d", "in/m", NULL, MS_BIND, NULL));
		/*
		 * To make a directory a mount point takes rename_lock, and a move does
		 * so with where it goes and, for a while, with the root of the mount.
		 * Here both are mount points already, in other views of them, and the
		 * move has but mount_lock to be seen by.
		 */
		ASSERT_EQ(0, mkdir("view", 0777));
		ASSERT_EQ(0, mount("out", "view", NULL, MS_BIND, NULL));
		ASSERT_EQ(0, mount("d", "view/m", NULL, MS_BIND, NULL));
		ASSERT_EQ(0, mount("out", "d", NULL, MS_BIND, NULL));
	} else {
		ASSERT_EQ(0, mkdir("in/d", 0777));
		ASSERT_EQ(0, mkdir("out/x", 0777));
	}
	root = open("in", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, root);
	race_init(_metadata, &r, 1);
	r.dir = variant->mount ? "in/m/" : "in/d/";
	dots(_metadata, r.dir);
	r.crew[0].job = job_attack;
	race_start(_metadata, &r);
	attack = variant->mount ? mount_rows : rename_rows;
	for (; attack->name; attack++) {
		long_path(&r, path, attack->head, attack->tail);
		again = 0;
		in = 0;
		while (race_on(&r, again && in)) {
			struct shot s = race_open(_metadata, &r, root, path,
						  attack->flags,
						  attack->flags & O_CREAT ? 0600 : 0,
						  variant->resolve);
			struct stat st;

			ASSERT_EQ(0, r.crew[0].err) TH_LOG("%s: %s", attack->name,
							   strerror(r.crew[0].err));
			ASSERT_EQ(-1, stat("out/made", &st))
				TH_LOG("%s: made outside", attack->name);
			switch (s.err) {
			case 0:
				in++;
				ASSERT_FALSE(s.before);
				if (attack->flags & O_CREAT) {
					close(s.fd);
					ASSERT_EQ(0, unlink("in/made"));
				} else {
					ASSERT_EQ('i', first_letter(s.fd))
						TH_LOG("%s: outside", attack->name);
				}
				break;
			case ENOENT:
				/* gone before the walk was there */
				ASSERT_FALSE(s.after);
				break;
			default:
				ASSERT_EQ(EAGAIN, s.err)
					TH_LOG("%s", attack->name);
				again++;
				r.inside += s.ahead;
			}
			worker_undo(_metadata, &r.crew[0]);
		}
		race_row(&r, attack->name, again && in);
	}
	race_stop(_metadata, &r);
	race_held(_metadata, &r);
}

FIXTURE_SCRATCH(scope);

FIXTURE_VARIANT(scope)
{
	__u64 resolve;
};

FIXTURE_VARIANT_ADD(scope, beneath)
{
	.resolve = RESOLVE_BENEATH,
};

FIXTURE_VARIANT_ADD(scope, in_root)
{
	.resolve = RESOLVE_IN_ROOT,
};

static void job_swap(struct worker *w)
{
	if (!w->flags) {
		w->err = errno_of(exchange("in/s", w->a));
		return;
	}
	while (storming(w) && !w->err)
		w->err = errno_of(exchange("in/s", w->a));
}

struct swap {
	const char *name, *link;
	int beneath, in_root;		/* what the link gives under each */
};

/* Inside the root, too, is a directory `out`: that is where RESOLVE_IN_ROOT may end. */
static const struct swap swap_rows[] = {
	{ "above",	"in/above",	EXDEV,	0 },
	{ "winding",	"in/winding",	EXDEV,	0 },
	{ "absolute",	"in/absolute",	EXDEV,	ENOENT },
};

static int swap_errno(const struct swap *row, __u64 resolve)
{
	return resolve == RESOLVE_BENEATH ? row->beneath : row->in_root;
}

TEST_F(scope, directory_exchanged_with_a_link_is_no_way_out)
{
	unsigned int dir, link;
	char path[PATH_MAX], c;
	struct worker *w;
	struct race r;
	int root;
	size_t i;

	make_root(_metadata);
	ASSERT_EQ(0, mkdir("in/s", 0777));
	make_file(_metadata, "in/s/f", 0600, "i");
	ASSERT_EQ(0, mkdir("in/out", 0777));
	make_file(_metadata, "in/out/f", 0600, "I");
	ASSERT_EQ(0, symlink("../out", "in/above"));
	ASSERT_EQ(0, symlink("out/../../out", "in/winding"));
	ASSERT_GT(sizeof(path), snprintf(path, sizeof(path), "%s/out", self->path));
	ASSERT_EQ(0, symlink(path, "in/absolute"));
	root = open("in", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, root);

	race_init(_metadata, &r, 1);
	r.dir = "in/";
	dots(_metadata, r.dir);
	long_path(&r, path, "", "s/f");
	w = &r.crew[0];
	w->job = job_swap;
	race_start(_metadata, &r);
	for (i = 0; i < ARRAY_SIZE(swap_rows); i++) {
		const struct swap *row = &swap_rows[i];
		int want = swap_errno(row, variant->resolve);

		w->a = row->link;
		dir = 0;
		link = 0;
		while (race_on(&r, dir && link)) {
			struct shot s = race_open(_metadata, &r, root, path, O_RDONLY,
						  0, variant->resolve);
			char letter = first_letter(s.fd);

			ASSERT_EQ(0, w->err) TH_LOG("%s", strerror(w->err));
			ASSERT_NE('o', letter) TH_LOG("%s: outside", row->name);
			if (letter == 'i') {
				ASSERT_FALSE(s.before);
				dir++;
			} else {
				/* EAGAIN: ".." in the link, after a rename */
				if (s.err != EAGAIN) {
					ASSERT_EQ(want, s.err)
						TH_LOG("%s", row->name);
					ASSERT_FALSE(s.after);
				}
				link++;
				r.inside += s.ahead;
			}
			worker_undo(_metadata, w);
		}
		race_row(&r, row->name, dir && link);
	}
	w->flags = 1;
	for (i = 0; i < ARRAY_SIZE(swap_rows); i++) {
		w->a = swap_rows[i].link;
		storm_start(_metadata, &r);
		do {
			struct ot_open_how how = { .resolve = variant->resolve };
			int fd = sys_openat2(root, "s/f", &how, sizeof(how));
			int err = fd < 0 ? errno : 0;

			/* the directory, or what the link gives */
			if (err != EAGAIN && first_letter(fd) != 'i')
				ASSERT_EQ(swap_errno(&swap_rows[i], variant->resolve),
					  err)
					TH_LOG("%s", swap_rows[i].name);
		} while (storm_on(&r));
		storm_stop(_metadata, &r);
		/* an odd number of exchanges leaves the link there */
		if (readlink("in/s", &c, 1) == 1)
			ASSERT_EQ(0, exchange("in/s", swap_rows[i].link));
	}
	race_stop(_metadata, &r);
	race_held(_metadata, &r);
}

/*
 * Mounts that come and go
 */

static int bind_over(void)
{
	return mount("d", "m", NULL, MS_BIND, NULL);
}

static int bind_away(void)
{
	return umount2("m", MNT_DETACH);
}

static int move_here(void)
{
	return mount("n", "m", NULL, MS_MOVE, NULL);
}

static int move_there(void)
{
	return mount("m", "n", NULL, MS_MOVE, NULL);
}

static const struct attack cover_rows[] = {
	{ "bind mount", bind_over, bind_away },
	{ "mount move", move_here, move_there },
};

TEST_F(race, covered_name_is_the_file_below_or_the_file_above)
{
	unsigned int below, above;
	char path[PATH_MAX];
	struct race r;
	size_t i;

	if (!is_root())
		SKIP(return, "needs root to mount");
	ASSERT_EQ(0, mkdir("m", 0777));
	ASSERT_EQ(0, mkdir("n", 0777));
	ASSERT_EQ(0, mkdir("d", 0777));
	make_file(_metadata, "m/f", 0600, "b");
	make_file(_metadata, "d/f", 0600, "a");
	race_init(_metadata, &r, 1);
	long_path(&r, path, "", "m/f");
	r.crew[0].job = job_attack;
	race_start(_metadata, &r);
	for (i = 0; i < ARRAY_SIZE(cover_rows); i++) {
		attack = &cover_rows[i];
		if (i == 1)
			ASSERT_EQ(0, mount("d", "n", NULL, MS_BIND, NULL));
		below = 0;
		above = 0;
		while (race_on(&r, below && above)) {
			struct shot s = race_open(_metadata, &r, AT_FDCWD, path,
						  O_RDONLY, 0, 0);
			char letter = first_letter(s.fd);

			ASSERT_EQ(0, r.crew[0].err) TH_LOG("%s: %s", attack->name,
							   strerror(r.crew[0].err));
			ASSERT_EQ(0, s.err) TH_LOG("%s: %s", attack->name,
						   strerror(s.err));
			if (s.before)
				ASSERT_EQ('a', letter) TH_LOG("%s", attack->name);
			if (s.after)
				ASSERT_EQ('b', letter) TH_LOG("%s", attack->name);
			if (letter == 'a') {
				above++;
				r.inside += s.ahead;
			} else {
				below++;
			}
			worker_undo(_metadata, &r.crew[0]);
		}
		race_row(&r, attack->name, below && above);
	}
	race_stop(_metadata, &r);
	race_held(_metadata, &r);
}

TEST_HARNESS_MAIN
