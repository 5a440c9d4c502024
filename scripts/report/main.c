// SPDX-License-Identifier: GPL-2.0
/*
 * report - tie what was recorded of an open to the source of the kernel that ran
 *
 * scripts/report/report makes the log and calls this.
 */
#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "claims.h"
#include "flags.h"
#include "html.h"
#include "text.h"
#include "trace_event.h"
#include "util.h"
#include "worksheet.h"

static int usage(FILE *out)
{
	fputs("usage: report check LOG                             is it whole?\n"
	      "       report atlas VMLINUX TREE LOG [KEY=VALUE...]  what of its kernel the log needs\n"
	      "       report flow LOG ATLAS                        the control flow, no addresses\n"
	      "       report reports LOG ATLAS SUITE DIR [CASE]    its reports, in DIR\n"
	      "       report events LOG ATLAS                      Trace Event JSON\n"
	      "       report page LOG ATLAS [LOG ATLAS]...         the page, of several kernels\n",
	      out);
	return out == stdout ? 0 : 2;
}

/* Bytes of a file that are written at once */
#define BUFFER		(1 << 20)

static FILE *create(const char *dir, const char *name)
{
	char *path = format_text("%s/%s", dir, name);
	FILE *file = fopen(path, "we");

	if (!file)
		die("cannot write %s: %s", path, strerror(errno));
	/* there is one thread */
	__fsetlocking(file, FSETLOCKING_BYCALLER);
	setvbuf(file, NULL, _IOFBF, BUFFER);
	free(path);
	return file;
}

static void finish(FILE *file)
{
	if (ferror(file) || fclose(file))
		die("cannot write: %s", strerror(errno));
}

static const struct {
	const char *name;
	void (*write)(FILE *out, const struct run *run);
} of_run[] = {
	{ "trace.md", write_trace_report },
	{ "replay.log", write_replay },
	{ "worksheet.md", write_worksheet },
	{ "chain.svg", write_chain_curve },
	{ "flags.md", write_flags },
	{ "events.json", write_trace_events },
};

static const struct {
	const char *name;
	void (*write)(FILE *out, const struct flow *flow);
} of_case[] = {
	{ "reverse.md", write_reverse_tree },
	{ "steps.md", write_steps },
};

static void write_case(const struct run *run, const struct traced_case *one, const char *dir)
{
	const struct flow *flow = run_flow(run, one->name);

	for (size_t i = 0; flow && i < ARRAY_SIZE(of_case); i++) {
		char *name = format_text("%s.%s", one->name, of_case[i].name);
		FILE *file = create(dir, name);

		of_case[i].write(file, flow);
		finish(file);
		free(name);
	}
}

static void write_reports(const struct run *run, const struct suite *suite, const char *dir,
			  const char *only)
{
	const struct findings *findings = claims_judge(run, suite);
	FILE *file;

	if (only && !run_flow(run, only))
		die("the log has no case '%s'", only);
	if (mkdir(dir, 0777) && errno != EEXIST)
		die("cannot make %s: %s", dir, strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(of_run); i++) {
		file = create(dir, of_run[i].name);
		of_run[i].write(file, run);
		finish(file);
	}
	for (size_t i = 0; i < run->log->case_count; i++) {
		if (!only || !strcmp(only, run->log->cases[i].name))
			write_case(run, &run->log->cases[i], dir);
	}
	file = create(dir, "claims.md");
	write_claims(file, run, findings);
	finish(file);
	file = create(dir, "claims.json");
	write_claims_json(file, run, findings);
	finish(file);
}

static void make_atlas(int argc, char **argv)
{
	struct atlas *atlas = atlas_from_dwarf(argv[0], argv[1], log_read(argv[2]));

	for (int i = 3; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value)
			die("'%s' is no KEY=VALUE", argv[i]);
		GROW(atlas->facts, atlas->fact_count) = (struct fact){
			copy_text(argv[i], value - argv[i]), value + 1,
		};
	}
	atlas_write(atlas, stdout);
}

static void make_page(int argc, char **argv)
{
	struct run **runs = NULL;
	size_t count = 0;

	for (int i = 0; i < argc; i += 2)
		GROW(runs, count) = run_read(argv[i], argv[i + 1]);
	write_page(stdout, runs, count);
}

static void print_flow(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		write_flow(stdout, run->flows[i]);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "-h") || !strcmp(verb, "--help"))
		return usage(stdout);
	if (!strcmp(verb, "check") && argc == 3)
		log_read(argv[2]);
	else if (!strcmp(verb, "atlas") && argc >= 5)
		make_atlas(argc - 2, argv + 2);
	else if (!strcmp(verb, "flow") && argc == 4)
		print_flow(run_read(argv[2], argv[3]));
	else if (!strcmp(verb, "reports") && (argc == 6 || argc == 7))
		write_reports(run_read(argv[2], argv[3]), suite_read(argv[4]), argv[5], argv[6]);
	else if (!strcmp(verb, "events") && argc == 4)
		write_trace_events(stdout, run_read(argv[2], argv[3]));
	else if (!strcmp(verb, "page") && argc >= 4 && !(argc & 1))
		make_page(argc - 2, argv + 2);
	else
		return usage(stderr);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write: %s", strerror(errno));
	return 0;
}
