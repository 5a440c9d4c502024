// SPDX-License-Identifier: GPL-2.0
/* An atlas from vmlinux, by elfutils' libdw. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atlas.h"
#include "log.h"
#include "util.h"

/* Longer names are no functions. */
#define NAME_LIMIT	128

/**
 * struct range - addresses of code
 * @low: the first
 * @high: the first behind them
 */
struct range {
	uint64_t low;
	uint64_t high;
};

/**
 * struct inlined - an inlined copy in a function
 * @scope: its index in the atlas, NO_SCOPE until a block needs it
 * @parent: the copy around it, as index among the function's; NO_SCOPE: the function
 * @die: its debug information
 * @ranges: its code
 * @count: how many
 * @recorded: it has blocks of its own
 */
struct inlined {
	int scope;
	int parent;
	Dwarf_Die die;
	struct range *ranges;
	size_t count;
	bool recorded;
};

/**
 * struct call_at - a call in a function
 * @ret: the address behind it
 * @target: what is called, NULL: through a pointer
 */
struct call_at {
	uint64_t ret;
	char *target;
};

/**
 * struct unit - a compilation unit
 * @offset: of its debug information
 * @calls: all calls in it, by address
 * @count: how many
 */
struct unit {
	Dwarf_Off offset;
	struct call_at *calls;
	size_t count;
};

/**
 * struct function - a function that has code
 * @scope: its index in the atlas
 * @die: its debug information
 * @unit: the same of its compilation unit
 * @ranges: its code
 * @range_count: how many
 * @copies: the functions inlined in it
 * @copy_count: how many
 * @calls: the calls in it
 * @call_count: how many
 * @pcs: behind each call that records a block, by address
 * @pc_count: how many
 * @entry: the one of the first block
 */
struct function {
	int scope;
	Dwarf_Die die;
	Dwarf_Die unit;
	struct range *ranges;
	size_t range_count;
	struct inlined *copies;
	size_t copy_count;
	struct call_at *calls;
	size_t call_count;
	uint64_t *pcs;
	size_t pc_count;
	uint64_t entry;
};

/**
 * struct maker - an atlas in the making
 * @atlas: it
 * @elf: vmlinux
 * @dwarf: its debug information
 * @tree: the top of its source, with a slash at the end
 * @units: those met so far
 * @unit_count: how many
 * @functions: those met so far
 * @count: how many
 */
struct maker {
	struct atlas *atlas;
	Elf *elf;
	Dwarf *dwarf;
	char *tree;
	struct unit *units;
	size_t unit_count;
	struct function **functions;
	size_t count;
};

static bool within(const struct range *ranges, size_t count, uint64_t address)
{
	for (size_t i = 0; i < count; i++) {
		if (address >= ranges[i].low && address < ranges[i].high)
			return true;
	}
	return false;
}

static struct range *ranges_of(Dwarf_Die *die, size_t *count)
{
	struct range *ranges = NULL;
	Dwarf_Addr base, low, high;
	ptrdiff_t offset = 0;

	*count = 0;
	while ((offset = dwarf_ranges(die, offset, &base, &low, &high)) > 0) {
		if (low == high)
			continue;
		GROW(ranges, *count) = (struct range){ low, high };
	}
	return ranges;
}

/* A file of the atlas, by the name that the compiler knows it by */
static int file_index(struct maker *maker, const char *path)
{
	struct atlas *atlas = maker->atlas;
	size_t skip = strlen(maker->tree), i;
	char *real;

	if (!path)
		return -1;
	real = realpath(path, NULL);
	path = real ?: path;
	if (!strncmp(path, maker->tree, skip))
		path += skip;
	for (i = 0; i < atlas->file_count; i++) {
		if (!strcmp(atlas->files[i].path, path))
			break;
	}
	if (i == atlas->file_count) {
		struct source *file = &GROW(atlas->files, atlas->file_count);

		file->path = copy_text(path, strlen(path));
	}
	free(real);
	return i;
}

static struct place line_at(struct maker *maker, struct function *function, uint64_t address)
{
	Dwarf_Line *line = dwarf_getsrc_die(&function->unit, address);
	struct place at = { -1, 0 };

	if (line && !dwarf_lineno(line, &at.line))
		at.file = file_index(maker, dwarf_linesrc(line, NULL, NULL));
	return at;
}

static int new_scope(struct maker *maker, Dwarf_Die *die, int parent)
{
	struct scope *scope = &GROW(maker->atlas->scopes, maker->atlas->scope_count);
	const char *name = dwarf_diename(die);

	scope->name = name ? copy_text(name, strnlen(name, NAME_LIMIT)) : copy_text("?", 1);
	scope->parent = parent;
	scope->called.file = -1;
	scope->declared.file = file_index(maker, dwarf_decl_file(die));
	dwarf_decl_line(die, &scope->declared.line);
	return maker->atlas->scope_count - 1;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attribute) || dwarf_formudata(&attribute, &value))
		return 0;
	return value;
}

/* Where a copy is inlined: its unit's files are numbered */
static struct place called_from(struct maker *maker, struct function *function, Dwarf_Die *die)
{
	struct place at = { -1, number_of(die, DW_AT_call_line) };
	Dwarf_Word index = number_of(die, DW_AT_call_file);
	Dwarf_Files *files;
	size_t count;

	if (!dwarf_getsrcfiles(&function->unit, &files, &count) && index < count)
		at.file = file_index(maker, dwarf_filesrc(files, index, NULL, NULL));
	return at;
}

/* The copy that holds an address, the innermost; NO_SCOPE: the function itself */
static int copy_at(const struct function *function, uint64_t address)
{
	int found = NO_SCOPE;

	/* an outer copy comes before those in it */
	for (size_t i = 0; i < function->copy_count; i++) {
		const struct inlined *copy = &function->copies[i];

		if (within(copy->ranges, copy->count, address))
			found = i;
	}
	return found;
}

static int scope_of_copy(struct maker *maker, struct function *function, int index)
{
	struct inlined *copy;
	int parent;

	if (index == NO_SCOPE)
		return function->scope;
	parent = scope_of_copy(maker, function, function->copies[index].parent);
	copy = &function->copies[index];
	if (copy->scope == NO_SCOPE) {
		copy->scope = new_scope(maker, &copy->die, parent);
		maker->atlas->scopes[copy->scope].called =
			called_from(maker, function, &copy->die);
	}
	return copy->scope;
}

static struct spot spot_at(struct maker *maker, struct function *function, uint64_t address)
{
	struct spot spot = { .at = line_at(maker, function, address) };

	spot.scope = scope_of_copy(maker, function, copy_at(function, address));
	return spot;
}

static void add_call(struct unit *unit, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	Dwarf_Die origin;
	Dwarf_Addr ret;
	const char *name = NULL;
	struct call_at *call;
	bool tail;

	/* DWARF 5, what GCC had before it, and a tail call: that has the jump's address */
	tail = !dwarf_attr(die, DW_AT_call_return_pc, &attribute) &&
	       !dwarf_attr(die, DW_AT_low_pc, &attribute);
	if (tail && !dwarf_attr(die, DW_AT_call_pc, &attribute))
		return;
	if (dwarf_formaddr(&attribute, &ret))
		return;
	ret += tail;
	if ((dwarf_attr(die, DW_AT_call_origin, &attribute) ||
	     dwarf_attr(die, DW_AT_abstract_origin, &attribute)) &&
	    dwarf_formref_die(&attribute, &origin))
		name = dwarf_diename(&origin);
	call = &GROW(unit->calls, unit->count);
	call->ret = ret;
	call->target = name ? copy_text(name, strnlen(name, NAME_LIMIT)) : NULL;
}

static void add_calls(struct unit *unit, Dwarf_Die *die)
{
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return;
	do {
		int tag = dwarf_tag(&child);

		if (tag == DW_TAG_call_site || tag == DW_TAG_GNU_call_site)
			add_call(unit, &child);
		else if (dwarf_haschildren(&child))
			add_calls(unit, &child);
	} while (!dwarf_siblingof(&child, &child));
}

static int by_return(const void *a, const void *b)
{
	const struct call_at *x = a, *y = b;

	return x->ret < y->ret ? -1 : x->ret > y->ret;
}

/*
 * GCC 12 puts some of a function's calls where the function is described in the abstract,
 * for its inlined copies. So all of a unit are taken, and told apart by their addresses.
 */
static const struct unit *unit_of(struct maker *maker, Dwarf_Die *die)
{
	Dwarf_Off offset = dwarf_dieoffset(die);
	struct unit *unit;

	for (size_t i = 0; i < maker->unit_count; i++) {
		if (maker->units[i].offset == offset)
			return &maker->units[i];
	}
	unit = &GROW(maker->units, maker->unit_count);
	unit->offset = offset;
	add_calls(unit, die);
	qsort(unit->calls, unit->count, sizeof(*unit->calls), by_return);
	return unit;
}

/* The call whose return address is just behind a function's last byte is its own. */
static bool is_behind(const struct function *function, uint64_t ret)
{
	return within(function->ranges, function->range_count, ret - 1);
}

static void take_calls(struct function *function, const struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++) {
		if (is_behind(function, unit->calls[i].ret))
			GROW(function->calls, function->call_count) = unit->calls[i];
	}
}

static void add_children(struct function *function, Dwarf_Die *die, int parent)
{
	Dwarf_Die child;
	int inner;

	if (dwarf_child(die, &child))
		return;
	do {
		inner = parent;
		switch (dwarf_tag(&child)) {
		case DW_TAG_inlined_subroutine:
			inner = function->copy_count;
			GROW(function->copies, function->copy_count) =
				(struct inlined){ NO_SCOPE, parent, child };
			function->copies[inner].ranges =
				ranges_of(&child, &function->copies[inner].count);
			add_children(function, &child, inner);
			break;
		case DW_TAG_lexical_block:
			add_children(function, &child, inner);
			break;
		}
	} while (!dwarf_siblingof(&child, &child));
}

static int by_address(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* What a block begins with, as GCC and clang name it: a call of the recorder */
static bool is_recorder(const char *target)
{
	return target && (!strcmp(target, "__builtin___sanitizer_cov_trace_pc") ||
			  !strcmp(target, "__sanitizer_cov_trace_pc"));
}

static bool is_instrumentation(const char *target)
{
	return target && strstr(target, "__sanitizer_cov_trace_");
}

/* The function's first block is the one whose call comes first from its entry on. */
static void find_blocks(struct function *function)
{
	Dwarf_Addr entry;

	for (size_t i = 0; i < function->call_count; i++) {
		if (is_recorder(function->calls[i].target))
			GROW(function->pcs, function->pc_count) = function->calls[i].ret;
	}
	qsort(function->pcs, function->pc_count, sizeof(*function->pcs), by_address);
	if (dwarf_entrypc(&function->die, &entry))
		return;
	for (size_t i = 0; i < function->pc_count; i++) {
		if (function->pcs[i] > entry) {
			function->entry = function->pcs[i];
			break;
		}
	}
}

static void mark_recorded(struct function *function)
{
	for (size_t i = 0; i < function->copy_count; i++) {
		struct inlined *copy = &function->copies[i];

		for (size_t j = 0; j < function->pc_count; j++)
			copy->recorded |= within(copy->ranges, copy->count,
						 function->pcs[j] - 1);
	}
}

static bool find_function(Dwarf_Die *die, uint64_t address, Dwarf_Die *found)
{
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return false;
	do {
		if (dwarf_tag(&child) == DW_TAG_subprogram &&
		    dwarf_haspc(&child, address) == 1) {
			*found = child;
			return true;
		}
	} while (!dwarf_siblingof(&child, &child));
	return false;
}

/* The function that has an address, NULL: the debug information knows none */
static struct function *function_at(struct maker *maker, uint64_t address)
{
	struct function *function;
	Dwarf_Die unit, die;

	for (size_t i = 0; i < maker->count; i++) {
		function = maker->functions[i];
		if (within(function->ranges, function->range_count, address))
			return function;
	}
	if (!dwarf_addrdie(maker->dwarf, address, &unit) ||
	    !find_function(&unit, address, &die))
		return NULL;
	function = zalloc(1, sizeof(*function));
	GROW(maker->functions, maker->count) = function;
	function->die = die;
	function->unit = unit;
	function->scope = new_scope(maker, &die, NO_SCOPE);
	function->ranges = ranges_of(&die, &function->range_count);
	add_children(function, &die, NO_SCOPE);
	take_calls(function, unit_of(maker, &unit));
	find_blocks(function);
	mark_recorded(function);
	return function;
}

/* The last byte of the call by which the next block begins, or the end of the range */
static uint64_t end_of_block(const struct function *function, uint64_t pc)
{
	uint64_t end = pc;

	for (size_t i = 0; i < function->range_count; i++) {
		if (pc - 1 >= function->ranges[i].low && pc - 1 < function->ranges[i].high)
			end = function->ranges[i].high;
	}
	for (size_t i = 0; i < function->pc_count; i++) {
		uint64_t next = function->pcs[i] - 1;

		if (function->pcs[i] > pc && next < end)
			end = next;
	}
	return end;
}

/* The longest call there is, in bytes: that of the next block's begin is not this one's. */
#define CALL_LENGTH	5

static uint64_t end_of_code(const struct block *block)
{
	return block->end - block->pc > CALL_LENGTH ? block->end - CALL_LENGTH + 1 : block->pc;
}

static void add_spot(struct block *block, struct spot spot)
{
	if (spot.at.file < 0 || !spot.at.line)
		return;
	for (size_t i = 0; i < block->spot_count; i++) {
		const struct spot *old = &block->spots[i];

		if (old->scope == spot.scope && old->at.file == spot.at.file &&
		    old->at.line == spot.at.line)
			return;
	}
	GROW(block->spots, block->spot_count) = spot;
}

static void add_spots(struct maker *maker, struct function *function, struct block *block)
{
	Dwarf_Lines *lines;
	Dwarf_Addr address;
	size_t count;

	add_spot(block, block->spot);
	if (dwarf_getsrclines(&function->unit, &lines, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		Dwarf_Line *line = dwarf_onesrcline(lines, i);
		bool statement;

		if (dwarf_lineaddr(line, &address) || address < block->pc ||
		    address >= end_of_code(block) || dwarf_linebeginstatement(line, &statement) ||
		    !statement)
			continue;
		add_spot(block, spot_at(maker, function, address));
	}
}

static bool is_around(const struct atlas *atlas, int outer, int scope)
{
	while (scope != NO_SCOPE && scope != outer)
		scope = atlas->scopes[scope].parent;
	return scope != NO_SCOPE;
}

/* Does a copy run with a block of another scope: all of it, or its begin? */
static bool runs_in(struct inlined *copy, const struct block *block)
{
	Dwarf_Addr entry;

	if (copy->recorded)
		return !dwarf_entrypc(&copy->die, &entry) && entry >= block->pc &&
		       entry < end_of_code(block);
	for (size_t i = 0; i < copy->count; i++) {
		if (copy->ranges[i].low < end_of_code(block) &&
		    copy->ranges[i].high > block->pc)
			return true;
	}
	return false;
}

/* Inlined functions that record nothing of their own, and run when the block does */
static void add_helpers(struct maker *maker, struct function *function, struct block *block)
{
	for (size_t i = 0; i < function->copy_count; i++) {
		int scope;

		if (!runs_in(&function->copies[i], block))
			continue;
		scope = scope_of_copy(maker, function, i);
		if (!is_around(maker->atlas, scope, block->spot.scope))
			GROW(block->helpers, block->helper_count) = scope;
	}
}

static void add_sites(struct maker *maker, struct function *function, struct block *block)
{
	for (size_t i = 0; i < function->call_count; i++) {
		const struct call_at *call = &function->calls[i];
		struct spot spot;
		struct site *site;

		if (call->ret <= block->pc || call->ret > block->end ||
		    is_instrumentation(call->target))
			continue;
		spot = spot_at(maker, function, call->ret - 1);
		site = &GROW(block->sites, block->site_count);
		site->spot = spot;
		site->target = call->target;
	}
}

static void add_block(struct maker *maker, uint64_t pc)
{
	struct function *function = function_at(maker, pc - 1);
	struct block block = { .pc = pc, .end = pc + 1, .spot = { NO_SCOPE, { -1, 0 } } };

	if (function) {
		block.entry = pc == function->entry;
		block.end = end_of_block(function, pc);
		block.spot = spot_at(maker, function, pc - 1);
		add_spots(maker, function, &block);
		add_helpers(maker, function, &block);
		add_sites(maker, function, &block);
	}
	GROW(maker->atlas->blocks, maker->atlas->block_count) = block;
}

static void add_blocks(struct maker *maker, const struct log *log)
{
	uint64_t *pcs = NULL;
	size_t count = 0;

	for (size_t i = 0; i < log->case_count; i++) {
		const struct pass *pass = &log->cases[i].blocks;

		for (size_t j = 0; j < pass->count; j++) {
			for (size_t k = 0; k < pass->calls[j].pc_count; k++)
				GROW(pcs, count) = pass->calls[j].pcs[k];
		}
	}
	qsort(pcs, count, sizeof(*pcs), by_address);
	for (size_t i = 0; i < count; i++) {
		if (!i || pcs[i] != pcs[i - 1])
			add_block(maker, pcs[i]);
	}
	free(pcs);
}

/* The address of a function with a symbol of its own; 0: there is none */
static uint64_t symbol(struct maker *maker, const char *name)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf_Data *data;
	GElf_Sym sym;

	while ((section = elf_nextscn(maker->elf, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		data = elf_getdata(section, NULL);
		for (size_t i = 0; data && i < header.sh_size / header.sh_entsize; i++) {
			const char *own;

			if (!gelf_getsym(data, i, &sym) || GELF_ST_TYPE(sym.st_info) != STT_FUNC)
				continue;
			own = elf_strptr(maker->elf, header.sh_link, sym.st_name);
			if (own && !strcmp(own, name))
				return sym.st_value;
		}
	}
	return 0;
}

/* The text of a function, from where it is defined to the brace in the first column */
static void keep_text(struct source *file, char **lines, size_t count, int from)
{
	for (size_t i = from; i > 0 && i < count; i++) {
		if (!file->lines[i])
			file->lines[i] = copy_text(lines[i], strlen(lines[i]));
		if (*lines[i] == '}')
			return;
	}
}

static void read_source(struct maker *maker, int index)
{
	struct atlas *atlas = maker->atlas;
	struct source *file = &atlas->files[index];
	char *path = *file->path == '/' ? format_text("%s", file->path) :
					  format_text("%s%s", maker->tree, file->path);
	char **lines = NULL, *text, *line;
	size_t count = 0;

	if (access(path, R_OK)) {
		free(path);
		return;
	}
	text = read_file(path, NULL);
	GROW(lines, count) = NULL;
	for (char *rest = text; (line = strsep(&rest, "\n"));)
		GROW(lines, count) = line;
	file->lines = zalloc(count, sizeof(*file->lines));
	file->count = count;
	for (size_t i = 0; i < atlas->scope_count; i++) {
		if (atlas->scopes[i].declared.file == index)
			keep_text(file, lines, count, atlas->scopes[i].declared.line);
	}
	for (size_t i = 0; i < atlas->block_count; i++) {
		for (size_t j = 0; j < atlas->blocks[i].spot_count; j++) {
			struct place at = atlas->blocks[i].spots[j].at;

			if (at.file == index && at.line > 0 && (size_t)at.line < count &&
			    !file->lines[at.line])
				file->lines[at.line] = copy_text(lines[at.line],
								 strlen(lines[at.line]));
		}
	}
	free(lines);
	free(text);
	free(path);
}

static void add_fact(struct atlas *atlas, const char *key, const char *value)
{
	GROW(atlas->facts, atlas->fact_count) = (struct fact){
		copy_text(key, strlen(key)), copy_text(value, strlen(value)),
	};
}

/* The value of a constant in a header of the tree, as it is written there */
static void add_constant(struct maker *maker, const char *header, const char *name)
{
	char *path = format_text("%s%s", maker->tree, header);
	char *text = read_file(path, NULL);
	char *wanted = format_text("#define %s", name);
	unsigned int value;

	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		size_t len = strlen(wanted);

		if (strncmp(line, wanted, len) || !strchr(" \t", line[len]))
			continue;
		line += len + strspn(line + len, " \t");
		if (sscanf(line, "BIT(%u)", &value) == 1)
			value = 1U << (value & 31);
		else
			value = strtoul(line, NULL, 0);
		add_fact(maker->atlas, name, format_text("%#x", value));
		break;
	}
	free(wanted);
	free(text);
	free(path);
}

/* The intents of an open; their values differ by release. */
static const char *const intents[] = { "LOOKUP_OPEN", "LOOKUP_CREATE", "LOOKUP_EXCL" };

/* The functions of claim C2: has each a symbol of its own? */
static const char *const claimed[] = {
	"do_sys_openat2", "do_filp_open", "do_file_open", "path_openat", "lookup_open",
	"atomic_open", "d_lookup", "__d_lookup", "d_alloc_parallel", "__d_alloc",
	"d_splice_alias", "__d_add", "__d_rehash", "__d_lookup_unhash", "fput_close",
	"fd_install",
};

/**
 * atlas_from_dwarf() - what a log needs, from the kernel that made it
 * @vmlinux: that kernel, with debug information
 * @tree: its source
 * @log: the log
 *
 * Exits when @vmlinux cannot be read, or has not the blocks of the log.
 *
 * Return: it; it lives as long as the program.
 */
struct atlas *atlas_from_dwarf(const char *vmlinux, const char *tree, const struct log *log)
{
	struct maker maker = { .atlas = zalloc(1, sizeof(struct atlas)) };
	int fd = open(vmlinux, O_RDONLY | O_CLOEXEC);
	char *real = realpath(tree, NULL);

	if (fd < 0)
		die("cannot read %s; give the kernel that made the log", vmlinux);
	if (!real)
		die("there is no tree at %s", tree);
	maker.tree = format_text("%s/", real);
	maker.dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (!maker.dwarf)
		die("%s has no debug information: %s", vmlinux, dwarf_errmsg(-1));
	maker.elf = dwarf_getelf(maker.dwarf);
	if (!symbol(&maker, "__sanitizer_cov_trace_pc"))
		die("%s is built without CONFIG_KCOV", vmlinux);
	add_blocks(&maker, log);
	for (size_t i = 0; i < maker.atlas->file_count; i++)
		read_source(&maker, i);
	for (size_t i = 0; i < ARRAY_SIZE(claimed); i++)
		add_fact(maker.atlas, claimed[i],
			 symbol(&maker, claimed[i]) ? "symbol" : "none");
	for (size_t i = 0; i < ARRAY_SIZE(intents); i++)
		add_constant(&maker, "include/linux/namei.h", intents[i]);
	free(real);
	return maker.atlas;
}
