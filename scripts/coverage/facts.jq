# SPDX-License-Identifier: GPL-2.0
# gcov --json-format of one object as lines of tab separated fields: $run, $file, function,
# line, arc (- for the line itself), arcs on that line, count. Only what stands in $file
# inside the function's own braces: what it inlines from elsewhere is not its own.

.files[] | select(.file == $file or (.file | endswith("/" + $file))) |
(.functions | map({key: .name, value: .}) | from_entries) as $functions |
[.lines[] | select(.function_name) |
	select($functions[.function_name] as $f |
		.line_number >= $f.start_line and .line_number <= $f.end_line)] |
group_by([.function_name, .line_number])[] |
.[0] as $at | (map(.branches[].count)) as $arcs | ($arcs | length) as $n |
([$run, $file, $at.function_name, $at.line_number, "-", $n, (map(.count) | max)],
	(range($n) | [$run, $file, $at.function_name, $at.line_number, ., $n, $arcs[.]])) | @tsv
