// SPDX-License-Identifier: GPL-2.0
// What the page does beyond folding: trees side by side, their source, the filter.
"use strict";
(() => {
const MOST = 3;
const FIRST = "case17";
const OPENS = [FIRST, "again", "arg3"];
const $ = (id) => document.getElementById(id);
const articles = [...document.querySelectorAll("article")];
const trees = new Map();	// by article, see treeOf()
const listings = new Map();	// by the id of a line, the <noscript> that has it
const rowOf = new WeakMap();	// by the element that is a row's line
let shown = [];
let selected = null;

function make(tag, className, ...children)
{
	const element = document.createElement(tag);

	if (className)
		element.className = className;
	element.append(...children);
	return element;
}

function button(text, action)
{
	const element = make("button", "", text);

	element.type = "button";
	element.addEventListener("click", action);
	return element;
}

// A release as one says it: 6.12.117 is 6.12
const release = (article) => article.dataset.release.split(/[.-]/, 2).join(".");
const isOneOf = (key) => new Set(shown.map((article) => article.dataset[key])).size === 1;
const isFolder = (row) => row.box !== row.line;

// What tells an article from those beside it
function nameOf(article)
{
	if (isOneOf("case"))
		return release(article);
	return isOneOf("run") ? article.dataset.case : `${article.dataset.case}, ${release(article)}`;
}

// What is in a <noscript> is a text until it is looked at.
function unpack(box)
{
	const packed = box.querySelector("noscript");

	if (packed)
		box.innerHTML = packed.textContent;
	return box;
}

// A row is a function or a step. Its key is what says that two rows are about the same.
function addRow(tree, box, line, parent)
{
	const step = line.tagName === "P" && !line.classList.contains("f");
	const name = step ? parent?.name : line.firstElementChild.textContent;
	const key = step ? `${name}\n${line.querySelector("code").textContent}` : name;
	const row = { tree, box, line, parent, step, name, key, text: line.textContent.toLowerCase(),
		index: tree.rows.length, depth: parent ? parent.depth + 1 : 0 };

	tree.rows.push(row);
	if (!tree.keys.has(key))
		tree.keys.set(key, []);
	tree.keys.get(key).push(row);
	rowOf.set(line, row);
	line.tabIndex = -1;
	for (const link of line.querySelectorAll("a"))
		link.tabIndex = -1;
	return row;
}

function addRows(tree, box, parent)
{
	for (const child of box.children) {
		if (child.tagName === "DETAILS")
			addRows(tree, child, addRow(tree, child, child.firstElementChild, parent));
		else if (child.tagName === "P")
			addRow(tree, child, child, parent);
	}
	if (parent)
		parent.end = tree.rows.length;
}

function treeOf(article)
{
	let tree = trees.get(article);

	if (tree)
		return tree;
	tree = { article, rows: [], keys: new Map(), folds: null };
	addRows(tree, unpack(article.querySelector(".tree")), null);
	if (tree.rows.length)
		tree.rows[0].line.tabIndex = 0;
	trees.set(article, tree);
	return tree;
}

function setFolds(isOpen)
{
	for (const article of shown) {
		for (const row of treeOf(article).rows) {
			if (isFolder(row))
				row.box.open = isOpen(row);
		}
	}
}

function reveal(row, block)
{
	for (let outer = row.parent; outer; outer = outer.parent)
		outer.box.open = true;
	row.line.scrollIntoView({ block, inline: "nearest" });
}

// The same function or line in another tree, the same time that it ran
function twinOf(row, article)
{
	const tree = treeOf(article);
	const nth = row.tree.keys.get(row.key).indexOf(row);
	const rows = tree.keys.get(row.key) ?? tree.keys.get(row.name);

	return row.tree === tree ? row : rows?.[Math.min(nth, rows.length - 1)];
}

// A tooltip as tables: a line that ends in a colon is the heading of one
function tablesOf(title)
{
	const tables = make("div", "tables");
	let table;

	for (const line of title.trim().split("\n")) {
		const at = line.indexOf("=");

		if (line.endsWith(":") && at < 0) {
			table = make("table", "values", make("caption", "", line.slice(0, -1)));
			tables.append(table);
		} else {
			const cells = at < 0 ? [line] : [line.slice(0, at), line.slice(at + 1)];

			table.insertRow().append(...cells.map((text) => make("td", "", text)));
		}
	}
	return tables;
}

function crumbsOf(row)
{
	const crumbs = make("div", "crumbs");
	const outer = [];

	for (let up = row.parent; up; up = up.parent)
		outer.unshift(up);
	if (outer.length > 4)
		crumbs.append("… ");
	for (const up of outer.slice(-4)) {
		if (crumbs.childNodes.length)
			crumbs.append(" › ");
		crumbs.append(button(up.name, () => { reveal(up, "center"); select(up); }));
	}
	return crumbs;
}

// Where a line is, when there is source for it
function lineOf(id)
{
	if (!listings.size) {
		for (const packed of document.querySelectorAll(".listing noscript")) {
			for (const [, each] of packed.textContent.matchAll(/<b id=([\d.]+)/g))
				listings.set(each, packed.parentNode);
		}
	}
	if (listings.has(id))
		unpack(listings.get(id));
	return $(id);
}

// The listing of a line, with what ran in this call marked
function listingOf(link, article)
{
	const id = link?.getAttribute("href")?.slice(1);
	const line = id && lineOf(id);

	if (!line)
		return make("p", "none", "The source of this line is not known.");
	const pre = line.closest("pre").cloneNode(true);
	for (const copy of pre.querySelectorAll("b")) {
		copy.classList.toggle("here", copy.id === id);
		copy.classList.toggle("ran", (copy.dataset.ran ?? "").split(" ").includes(article.dataset.shown));
		copy.removeAttribute("id");
	}
	return pre;
}

function cardOf(row, article, link)
{
	const header = make("header");
	const own = link && row.line.contains(link) ? link : row.line.querySelector("a");
	const heading = make("h3", "", row.name ?? "?", make("small", "", own.textContent === row.name ?
		row.line.lastElementChild.textContent : own.textContent));
	const values = row.step ? row.parent?.line.title : row.line.title;
	const compared = row.line.querySelector("small")?.title;

	header.append(crumbsOf(row), heading);
	for (const title of [compared, values]) {
		if (title)
			header.append(tablesOf(title));
	}
	return make("section", "card", header, listingOf(own, article));
}

const TOKENS = new RegExp(["\\/\\*", "\"(?:\\\\.|[^\"\\\\])*\"", "'(?:\\\\.|[^'\\\\])+'", "\\/\\/.*", "^\\s*#\\s*\\w+",
	"\\b(?:if|else|for|while|do|switch|case|default|break|continue|return|goto|sizeof|struct|union|enum|static|" +
	"inline|const|volatile|extern|unsigned|signed|void|bool|char|short|int|long|typedef)\\b"].join("|"), "gm");

// Words, strings and comments of a text node; true: a comment is open at its end
function paintText(node, within, found)
{
	const text = node.data;
	const add = (kind, from, to) => found[kind].push(new StaticRange({
		startContainer: node, startOffset: from, endContainer: node, endOffset: to }));
	const commentEnd = (from) => {
		const end = text.indexOf("*/", from);

		return end < 0 ? text.length : end + 2;
	};
	let at = 0;

	if (within) {
		at = commentEnd(0);
		add("comment", 0, at);
		if (!text.slice(0, at).endsWith("*/"))
			return true;
	}
	TOKENS.lastIndex = at;
	for (let token; (token = TOKENS.exec(text));) {
		const word = token[0];
		let end = token.index + word.length;

		if (word === "/*") {
			end = commentEnd(end);
			add("comment", token.index, end);
			if (!text.slice(0, end).endsWith("*/"))
				return true;
		} else {
			add(word.startsWith("//") ? "comment" : /^["']/.test(word) ? "string" : "word",
				token.index, end);
		}
		TOKENS.lastIndex = end;
	}
	return false;
}

function paint()
{
	const found = { comment: [], word: [], string: [] };

	if (!CSS.highlights)
		return;
	for (const pre of $("pane").querySelectorAll("pre")) {
		const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
		let within = false;

		while (walker.nextNode()) {
			if (walker.currentNode.parentNode.tagName !== "I")
				within = paintText(walker.currentNode, within, found);
		}
	}
	for (const kind of Object.keys(found))
		CSS.highlights.set(kind, new Highlight(...found[kind]));
}

function scrollToHere(pre)
{
	const here = pre.querySelector(".here");

	if (here)
		pre.scrollTop = here.offsetTop - pre.offsetTop - pre.clientHeight / 3;
}

function clearMarks()
{
	for (const line of document.querySelectorAll(".sel, .twin"))
		line.classList.remove("sel", "twin");
}

// Show a row's source, and that of the same row in the other columns.
function select(row, link)
{
	clearMarks();
	if (selected)
		selected.line.tabIndex = -1;
	selected = row;
	row.line.tabIndex = 0;
	row.line.classList.add("sel");
	$("pane").replaceChildren(...shown.map((article) => {
		const twin = twinOf(row, article);

		if (!twin)
			return make("section", "card", make("p", "none", `${row.name} did not run in ${nameOf(article)}.`));
		if (twin !== row) {
			twin.line.classList.add("twin");
			reveal(twin, "center");
		}
		return cardOf(twin, article, link);
	}));
	$("pane").querySelectorAll("pre").forEach(scrollToHere);
	paint();
}

const KEYS = [["↑ ↓", "to the next row"], ["← →", "fold, unfold"], ["Enter", "fold or unfold"], ["/", "filter"],
	["n N", "next and previous difference"], ["?", "this"]];

function help()
{
	const keys = make("dl", "keys");
	const help = make("section", "help");

	for (const [key, words] of KEYS)
		keys.append(make("dt", "", make("kbd", "", key)), make("dd", "", words));
	help.append(make("h3", "", "What this is"), make("p", "", $("intro").textContent), make("h3", "", "Keys"), keys);
	for (const section of new Set(shown.map((article) => article.closest("section")))) {
		help.append(make("h3", "", section.querySelector("h2").textContent),
			section.querySelector(".facts").cloneNode(true));
	}
	$("pane").replaceChildren(help);
}

function markDifferences(article, beside)
{
	const names = new Set();

	for (const row of treeOf(article).rows) {
		const lacking = beside.filter((other) => !treeOf(other).keys.has(row.key));

		row.line.classList.remove("has");
		row.line.classList.toggle("diff", lacking.length > 0);
		delete row.line.dataset.diff;
		if (!lacking.length)
			continue;
		if (!row.step)
			names.add(row.name);
		if (!row.step && !row.parent?.line.classList.contains("diff"))
			row.line.dataset.diff = `not in ${lacking.map(nameOf).join(" and ")}`;
		for (let up = row.parent; up && !up.line.classList.contains("has"); up = up.parent)
			up.line.classList.add("has");
	}
	return names;
}

function differences()
{
	const names = new Set();

	shown.forEach((article, i) => {
		const beside = [shown[i - 1], shown[i + 1]].filter(Boolean);

		for (const name of markDifferences(article, beside))
			names.add(name);
	});
	$("differing").textContent = `${names.size} differ`;
	$("differing").title = [...names].join("\n");
}

function toDifference(by)
{
	const tree = treeOf(selected?.tree.article ?? shown[0]);
	const from = selected ? selected.index : by > 0 ? -1 : tree.rows.length;

	for (let i = from + by; tree.rows[i]; i += by) {
		if (tree.rows[i].line.dataset.diff && !tree.rows[i].box.hidden) {
			go(tree.rows[i]);
			return;
		}
	}
}

function keepFolds(tree)
{
	if (!tree.folds)
		tree.folds = new Map(tree.rows.filter(isFolder).map((row) => [row, row.box.open]));
}

function unfilter(tree)
{
	for (const row of tree.rows)
		row.box.hidden = false;
	for (const [row, open] of tree.folds ?? [])
		row.box.open = open;
	tree.folds = null;
}

// Only rows that match, and what they are in
function filterTree(tree, wanted)
{
	const kept = new Set();
	const hits = tree.rows.filter((row) => row.text.includes(wanted));

	keepFolds(tree);
	for (const hit of hits) {
		for (let row = hit; row && !kept.has(row); row = row.parent) {
			kept.add(row);
			if (row.parent)
				row.parent.box.open = true;
		}
	}
	for (const row of tree.rows)
		row.box.hidden = !kept.has(row);
	return hits;
}

function markMatches(hits, wanted)
{
	const ranges = [];

	if (!CSS.highlights)
		return;
	for (const hit of hits.slice(0, 3000)) {
		const walker = document.createTreeWalker(hit.line, NodeFilter.SHOW_TEXT);

		while (walker.nextNode()) {
			const at = walker.currentNode.data.toLowerCase().indexOf(wanted);

			if (at >= 0)
				ranges.push(new StaticRange({ startContainer: walker.currentNode, startOffset: at,
					endContainer: walker.currentNode, endOffset: at + wanted.length }));
		}
	}
	CSS.highlights.set("match", new Highlight(...ranges));
}

function filter()
{
	const wanted = $("filter").value.trim().toLowerCase();
	const hits = [];

	for (const article of shown) {
		const tree = treeOf(article);

		if (wanted)
			hits.push(...filterTree(tree, wanted));
		else if (tree.folds)
			unfilter(tree);
	}
	$("hits").textContent = wanted ? `${hits.length} found` : "";
	markMatches(wanted ? hits : [], wanted);
}

const picks = Array.from({ length: MOST }, (unused, column) => {
	const choice = make("select");
	const close = button("×", () => show(shown.filter((article, i) => i !== column)));

	for (const section of document.querySelectorAll(".kernel")) {
		const group = make("optgroup");

		group.label = section.querySelector("h2").textContent;
		for (const article of section.querySelectorAll("article"))
			group.append(new Option(`${article.dataset.case}  ·  ${group.label}`, article.id));
		choice.append(group);
	}
	choice.ariaLabel = `Column ${column + 1}`;
	close.ariaLabel = "Close this column";
	choice.addEventListener("change", () => {
		const chosen = $(choice.value);

		// one that is there already changes places with this one
		show(shown.map((article, i) => i === column ? chosen : article === chosen ? shown[column] : article));
	});
	return { choice, close, box: make("div", "pick", choice, close) };
});

const caseOf = (run, name) => articles.find((article) => article.dataset.run === run && article.dataset.case === name);
const opens = () => OPENS.map((name) => caseOf(shown[0].dataset.run, name)).filter(Boolean);
const kernels = () => articles.filter((article) => article.dataset.case === FIRST).slice(0, MOST);
const isShown = (list) => list.length === shown.length && list.every((article, i) => article === shown[i]);

function updateTools()
{
	for (const [id, list] of [["one", [shown[0]]], ["opens", opens()], ["kernels", kernels()]]) {
		$(id).ariaPressed = String(isShown(list) && (id === "one" || list.length > 1));
		$(id).disabled = id !== "one" && list.length < 2;
	}
	$("add").disabled = shown.length === Math.min(MOST, articles.length);
}

function show(list)
{
	for (const article of articles)
		article.hidden = !list.includes(article);
	shown = list;
	shown.forEach((article, i) => {
		article.style.order = i;
		article.querySelector("header").prepend(picks[i].box);
		picks[i].choice.value = article.id;
		picks[i].close.hidden = shown.length === 1;
	});
	document.body.dataset.columns = shown.length;
	differences();
	filter();
	updateTools();
	if (selected && shown.includes(selected.tree.article)) {
		select(selected);
	} else {
		clearMarks();
		selected = null;
		help();
	}
}

function go(row)
{
	reveal(row, "nearest");
	row.line.focus({ preventScroll: true });
	select(row);
}

// The next row that can be seen, down or up
function beside(row, by)
{
	const rows = row.tree.rows;
	let i = by > 0 && isFolder(row) && !row.box.open ? row.end : row.index + by;

	for (; rows[i]; i += by) {
		let next = rows[i];

		for (let up = next.parent; up; up = up.parent)
			next = up.box.open ? next : up;
		if (next !== row && next.line.checkVisibility())
			return next;
	}
	return null;
}

function leftOf(row)
{
	if (!isFolder(row) || !row.box.open)
		return row.parent;
	row.box.open = false;
	return row;
}

function rightOf(row)
{
	if (!isFolder(row) || row.box.open)
		return beside(row, 1);
	row.box.open = true;
	return row;
}

const MOVES = {
	ArrowDown: (row) => beside(row, 1),
	ArrowUp: (row) => beside(row, -1),
	ArrowLeft: leftOf,
	ArrowRight: rightOf,
};

function onKey(event)
{
	const row = rowOf.get(document.activeElement);

	if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select"))
		return;
	if (row && MOVES[event.key]) {
		const next = MOVES[event.key](row);

		if (next)
			go(next);
	} else if (event.key === "?") {
		help();
	} else if (event.key === "/") {
		$("filter").select();
	} else if (event.key === "n" || event.key === "N") {
		toDifference(event.key === "n" ? 1 : -1);
	} else {
		return;
	}
	event.preventDefault();
}

function onClick(event)
{
	const line = event.target.closest(".tree p, .tree summary");
	const link = event.target.closest("a");

	if (!line || event.ctrlKey || event.metaKey || event.shiftKey)
		return;
	if (link)
		event.preventDefault();
	line.focus({ preventScroll: true });
	select(rowOf.get(line), link);
}

let waiting;

function onFilter()
{
	clearTimeout(waiting);
	waiting = setTimeout(filter, 120);
}

function listen()
{
	const actions = {
		about: help,
		one: () => show([selected && shown.includes(selected.tree.article) ? selected.tree.article : shown[0]]),
		opens: () => show(opens()),
		kernels: () => show(kernels()),
		add: () => show([...shown, articles.find((article) => !shown.includes(article))]),
		previous: () => toDifference(-1),
		next: () => toDifference(1),
		unfold: () => setFolds(() => true),
		fold: () => setFolds(() => false),
	};

	for (const id of Object.keys(actions))
		$(id).addEventListener("click", actions[id]);
	$("depth").addEventListener("input", () => setFolds((row) => row.depth < Number($("depth").value)));
	$("steps").addEventListener("change", () => $("trees").classList.toggle("nosteps", !$("steps").checked));
	$("helpers").addEventListener("change", () => $("trees").classList.toggle("nohelpers", !$("helpers").checked));
	$("filter").addEventListener("input", onFilter);
	$("filter").addEventListener("keydown", (event) => {
		if (event.key === "Escape")
			$("filter").value = "";
		if (event.key === "Escape" || event.key === "Enter")
			filter();
	});
	$("trees").addEventListener("click", onClick);
	document.addEventListener("keydown", onKey);
}

if (articles.length) {
	const linked = articles.find((article) => `#${article.id}` === location.hash);

	$("kernels").textContent = kernels().map(release).join(", ") || "Kernels";
	listen();
	show([linked ?? kernels()[0] ?? articles[0]]);
}
})();
