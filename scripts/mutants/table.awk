# SPDX-License-Identifier: GPL-2.0
# The table of scripts/mutants: from the ids of equivalent mutants, the results, the mutants
# that were to be run, and the list of all; the variable from tells which file it is. Exits
# 1 when less than bar of 100 are caught, or what is listed as equivalent is not.

function row(name, f) {
	printf "%-24s %6d %6d %6d %9d %6d %6d %6d %6d %8d %10d %6d %7s\n", name,
		mutants[f], got[f, "caught"], got[f, "failed"], got[f, "imbalance"],
		got[f, "report"], got[f, "panic"], got[f, "died"], got[f, "hang"],
		got[f, "survived"], got[f, "equivalent"], got[f, "unbuildable"], share(f)
}

# of 100 that are not equivalent, those that were caught
function share(f,	all) {
	all = got[f, "caught"] + got[f, "survived"]
	return all ? sprintf("%.1f %%", 100 * got[f, "caught"] / all) : "-"
}

function count(f, what) {
	got[f, what]++
	got["all", what]++
}

from == "known" { equivalent[$1]; next }
from == "results" { result[$1] = $2; next }
from == "wanted" { wanted[$1]; next }
{ is_mutant[$2] }
$1 == 0 && sampled == "" { count($3, "unbuildable") }
$1 == 0 || !($2 in wanted) || !($2 in result) { next }
{
	if (!($3 in mutants))
		order[++functions] = $3
	mutants[$3]++
	mutants["all"]++
	if (result[$2] != "survived") {
		count($3, "caught")
		count($3, result[$2])
	} else if ($2 in equivalent) {
		count($3, "equivalent")
	} else {
		count($3, "survived")
	}
}

END {
	printf "%-24s %6s %6s %6s %9s %6s %6s %6s %6s %8s %10s %6s %7s\n", "function", "all",
		"caught", "test", "imbalance", "report", "panic", "died", "hang", "survived",
		"equivalent", "no C", "caught"
	for (i = 1; i <= functions; i++)
		row(order[i], order[i])
	row("all", "all")
	for (id in equivalent) {
		if (!(id in is_mutant))
			wrong = wrong id ", listed as equivalent, is no mutant: take it out\n"
		else if (id in result && result[id] != "survived")
			wrong = wrong id ", listed as equivalent, is caught: take it out\n"
	}
	printf "%s", wrong
	if (100 * got["all", "caught"] < bar * (got["all", "caught"] + got["all", "survived"])) {
		print "below the bar of " bar " of 100"
		exit 1
	}
	exit wrong != ""
}
