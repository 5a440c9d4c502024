// SPDX-License-Identifier: GPL-2.0
/*
 * report - tie what was recorded of an open to the source of the kernel that ran
 *
 * For those who want files instead of the whole: scripts/report/report calls this.
 */
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

static int usage(FILE *out)
{
	fputs("usage: report atlas VMLINUX TREE LOG [KEY=VALUE...]  what of a kernel the log needs\n"
	      "       report check LOG                             is it whole?\n"
	      "       report flow LOG ATLAS                        the control flow, no addresses\n"
	      "       report tree LOG ATLAS CASE                   the reverse tree of a case\n"
	      "       report steps LOG ATLAS CASE                  its lookup_open(), step by step\n", out);
	return out == stdout ? 0 : 2;
}

static const struct flow *flow_of(const struct run *run, const char *name)
{
	const struct flow *flow = run_flow(run, name);

	if (!flow)
		die("the log has no case %s", name);
	return flow;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "-h") || !strcmp(verb, "--help"))
		return usage(stdout);
	if (!strcmp(verb, "atlas") && argc >= 5) {
		struct atlas *atlas = atlas_from_dwarf(argv[2], argv[3], log_read(argv[4]));

		for (int i = 5; i < argc; i++) {
			char *value = strchr(argv[i], '=');

			if (!value)
				return usage(stderr);
			GROW(atlas->facts, atlas->fact_count) = (struct fact){
				copy_text(argv[i], value - argv[i]), value + 1,
			};
		}
		atlas_write(atlas, stdout);
	} else if (!strcmp(verb, "check") && argc == 3) {
		log_read(argv[2]);
	} else if (!strcmp(verb, "flow") && argc == 4) {
		const struct run *run = run_read(argv[2], argv[3]);

		for (size_t i = 0; i < run->count; i++)
			write_flow(stdout, run->flows[i]);
	} else if (!strcmp(verb, "tree") && argc == 5) {
		write_reverse_tree(stdout, flow_of(run_read(argv[2], argv[3]), argv[4]));
	} else if (!strcmp(verb, "steps") && argc == 5) {
		write_steps(stdout, flow_of(run_read(argv[2], argv[3]), argv[4]));
	} else {
		return usage(stderr);
	}
	if (fflush(stdout) || ferror(stdout))
		die("cannot write: is there space?");
	return 0;
}
