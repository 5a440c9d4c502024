#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the report's page in a browser: page.py make DIR, page.py TEST PAGE"""
import json
import os
import re
import sys

from webdriver import Browser

# WebDriver's names of keys
ESCAPE, LEFT, UP, RIGHT, DOWN = "\ue00c\ue012\ue013\ue014\ue015"

# What is in no log of ours, and has to be harmless all the same
EVIL = "/<script>evil=1</script><img src=x onerror=evil=1>&lt;'\\".replace(" ", "\\x20")

ATLAS = r"""atlas open_trace 1
fact arch um
fact compiler <i>gcc</i> & "co"
file fs/open.c
text 1 long do_sys_openat2(const char *name)
text 2 {
text 3 	return path_openat("</script></noscript><b>&amp;");
text 4 }
text 6 static long path_openat(const char *name)
text 7 {
text 8 	if (name[0] == '/') /* a comment,
text 9 			     * of two lines */
text 10 		return lookup_open(name);
text 11 	return 0;
text 12 }
text 14 static inline long lookup_open(const char *name)
text 15 {
text 16 	return d_alloc_parallel(name) + never_run(name);
text 17 }
text 19 long d_alloc_parallel(const char *name) { return 0; }
text 21 int may_open(int flags)
text 22 {
text 23 	return flags & O_RDWR;
text 24 }
scope -1 0 1 -1 0 do_sys_openat2
scope -1 0 6 -1 0 path_openat
scope 1 0 14 0 10 lookup_open
scope -1 0 19 -1 0 d_alloc_parallel
scope -1 0 21 -1 0 may_open
block 10 1f 1 0 0 3
spot 0 0 3
site 0 0 3 path_openat
block 20 2f 1 1 0 8
spot 1 0 8
site 1 0 11 
block 30 3f 0 2 0 16
spot 2 0 16
spot 1 0 10
site 2 0 16 d_alloc_parallel
block 40 4f 1 3 0 19
spot 3 0 19
block 50 5f 1 4 0 23
spot 4 0 23
"""

CASES = (
    ("case17", "a missing name", [("/missing", (0x10, 0x20, 0x30, 0x40), -2)]),
    ("again", "the same name once more", [(EVIL, (0x10, 0x20, 0x30), -2)]),
    ("arg3", "O_RDWR of an existing file", [("/existing", (0x10, 0x20, 0x50), 4)]),
    ("libc", "a missing name, by a program", [("/etc/ld.so.cache", (0x10, 0x20), 3),
                                              ("/missing", (0x10, 0x20, 0x30), -2)]),
)

VALUES = (
    "probe path_openat ffffffff81000020",
    "enter do_sys_openat2 pid=7 tgid=7 comm=\"ot:case17\"",
    "enter path_openat pid=7 tgid=7 comm=\"ot:case17\" name=\"missing\" hash=0x1234 evil=\"'></p><img>",
    "leave path_openat pid=7 tgid=7 comm=\"ot:case17\" ret=fffffffffffffffe class=ERR_PTR(-ENOENT)",
    "leave do_sys_openat2 pid=7 tgid=7 comm=\"ot:case17\" ret=-2 class=-ENOENT",
    "lost 0",
)


def section(kind, release, lines):
    """numbered lines, and their checksum"""
    total = 0xcbf29ce484222325
    text = b""
    for number, line in enumerate((f"log open_trace 1 {kind}", f"kernel {release} x86_64", *lines), 1):
        text += f"{number} {line}\n".encode("latin-1")
    for byte in text:
        total = (total ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return text + f"{number + 1} end {total:016x}\n".encode()


def calls():
    """the lines of the cases"""
    for name, about, opens in CASES:
        yield f"case {name} {about}"
        for kind in ("blocks", "compare"):
            yield f"pass {kind}"
            for path, pcs, result in opens:
                yield f"call openat path=\"{path}\xff\" flags=0x2 mode=0 lowest=4"
                yield from (f"pc {pc:x}" for pc in pcs) if kind == "blocks" else ["cmp 5 2f 2f 21"]
                yield f"result {result}"


def make(folder):
    """a small log of three kernels, with their atlas"""
    for release in ("6.1.1", "6.12.2", "7.3.3"):
        # one kernel has a function less
        lines = [line for line in calls() if release != "7.3.3" or line != "pc 40"]
        with open(f"{folder}/log-{release}", "wb") as out:
            out.write(section("calls", release, lines) + section("values", release, VALUES))
    with open(f"{folder}/atlas", "w", encoding="ascii") as out:
        out.write(ATLAS)


def same(got, wanted):
    """an assertion that says both"""
    assert got == wanted, f"got {got!r}, not {wanted!r}"


class Page(Browser):
    """The page in a browser"""

    def __init__(self, path, scripts=True):
        super().__init__(scripts)
        self.url = "file://" + os.path.abspath(path)
        self.open(self.url)

    def names(self, column=0):
        """the rows that can be seen in a column: names of functions, and lines"""
        return self.run("""
            const shown = [...document.querySelectorAll("article:not([hidden])")]
                .sort((a, b) => a.style.order - b.style.order)[arguments[0]];
            return [...shown.querySelectorAll(".tree summary, .tree p")]
                .filter((row) => row.checkVisibility())
                .map((row) => (row.querySelector("code") ?? row.querySelector("a")).textContent);
            """, column)

    def columns(self):
        """release and case of each column"""
        return self.run("""
            return [...document.querySelectorAll("article:not([hidden])")]
                .sort((a, b) => a.style.order - b.style.order)
                .map((article) => [article.dataset.release, article.dataset.case]);""")

    def texts(self, selector):
        """of each element that can be seen"""
        return self.run("""
            return [...document.querySelectorAll(arguments[0])]
                .filter((element) => element.checkVisibility())
                .map((element) => element.textContent);""", selector)

    def row(self, text):
        """click on the row with a text"""
        self.run("""
            [...document.querySelectorAll("article:not([hidden]) :is(summary, .tree p)")]
                .find((row) => row.textContent.includes(arguments[0])).click();""", text)

    def press(self, key):
        """a key, wherever the focus is"""
        self.send("POST", "/actions", actions=[{"type": "key", "id": "keys", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}])

    def wait_for(self, script):
        """until a script returns true; within the driver's limit"""
        self.send("POST", "/execute/async", args=[], script="""
            const done = arguments[arguments.length - 1], that = () => { %s };
            const look = () => that() ? done(true) : setTimeout(look, 20);
            look();""" % script)


DIFFERING = "article:not([hidden]) [data-diff]"
ALL = ["do_sys_openat2", 'return path_openat("</script></noscript><b>&amp;");', "path_openat",
       "if (name[0] == '/') /* a comment,", "lookup_open",
       "return d_alloc_parallel(name) + never_run(name);", "d_alloc_parallel",
       "long d_alloc_parallel(const char *name) { return 0; }"]


def folds(page):
    """fold all, unfold all, to a depth, and a single function"""
    page.click("#unfold")
    same(page.names(), ALL)
    page.click("#fold")
    same(page.names(), ALL[:1])
    page.keys("#depth", "1")
    same(page.names(), ALL[:3])
    page.click("article:not([hidden]) details details > summary")
    same(page.names(), ALL[:5])
    page.click("#steps")
    same(page.names(), [name for name in ALL[:5] if " " not in name])


def filters(page):
    """what matches, and what it is in; then all as it was"""
    page.click("#fold")
    page.keys("#filter", "never_RUN")
    page.wait_for('return document.getElementById("hits").textContent;')
    same(page.texts("#hits"), ["1 found"])
    same(page.names(), [ALL[0], ALL[2], ALL[4], ALL[5]])
    page.keys("#filter", ESCAPE)
    same(page.names(), ALL[:1])


def compares(page):
    """the presets, and what differs"""
    page.click("#opens")
    same(page.columns(), [["6.1.1", "case17"], ["6.1.1", "again"], ["6.1.1", "arg3"]])
    page.click("#unfold")
    same(page.names(0), ALL)
    same(page.names(2)[-2:], ["may_open", "return flags & O_RDWR;"])
    same(page.texts(".diff > a:first-child:not(code ~ a, p:not(.f) > a)"),
         ["d_alloc_parallel", "lookup_open", "may_open"])
    same(page.run('return [...document.querySelectorAll(arguments[0])].map((e) => e.dataset.diff);', DIFFERING),
         ["not in again", "not in arg3", "not in again"])
    page.click("#kernels")
    same(page.columns(), [["6.1.1", "case17"], ["6.12.2", "case17"], ["7.3.3", "case17"]])
    same(page.texts("#kernels"), ["6.1, 6.12, 7.3"])
    same(page.run('return [...document.querySelectorAll(arguments[0])].map((e) => e.dataset.diff);', DIFFERING),
         ["not in 7.3"])
    page.click(".pick button")
    same(page.columns(), [["6.12.2", "case17"], ["7.3.3", "case17"]])
    page.click("#one")
    same(page.columns(), [["6.12.2", "case17"]])


def shows_source(page):
    """of the row that is chosen, with what ran, and the values"""
    page.click("#unfold")
    page.row("never_run")
    same(page.texts("#pane h3"), ["lookup_openfs/open.c:16"])
    same(page.texts("#pane .here"), ["    16  " + "\treturn d_alloc_parallel(name) + never_run(name);\n"])
    page.row("if (name[0]")
    same([text.split()[0] for text in page.texts("#pane .ran")], ["8", "10"])
    same(page.texts("#pane .tables caption")[0], "Compared (KCOV)")
    page.click("article:not([hidden]) details details > summary > a")
    assert "0x1234" in page.texts("#pane .values td"), page.texts("#pane .values td")
    assert "ERR_PTR(-ENOENT)" in page.texts("#pane .values td")
    page.click("#opens")
    page.row("may_open")
    same(page.texts("#pane .none"), ["may_open did not run in case17.", "may_open did not run in again."])


def has_keys(page):
    """rows by the arrows, the filter by a slash"""
    page.click("#fold")
    page.row("do_sys_openat2")
    for press, name in ((RIGHT, "path_openat(\""), (DOWN, "path_openat"), (RIGHT, "path_openat"), (RIGHT, "if (name"),
                        (DOWN, "lookup_open"), (UP, "if (name"), (LEFT, "path_openat"), (LEFT, "path_openat"),
                        (DOWN, "path_openat"), (LEFT, "do_sys_openat2")):
        page.press(press)
        got = page.run("return document.activeElement.textContent;")
        assert name in got, f"{name} after {press!r}: {got}"
    same(page.names(), ALL[:3])
    page.press("/")
    same(page.run("return document.activeElement.id + document.activeElement.value;"), "filter")


def is_text(page):
    """what a log says stays text; nothing is asked for; no error is logged"""
    for choice in page.run("return [...document.querySelector('.pick select').options].map((o) => o.value);"):
        page.run("const pick = document.querySelector('.pick select'); pick.value = arguments[0];"
                 "pick.dispatchEvent(new Event('change'));", choice)
        page.row("do_sys_openat2")
        page.click("#unfold")
        page.row("return path_openat")
    same(page.run("return [typeof evil, document.images.length, document.scripts.length];"),
         ["undefined", 0, 2])
    shown = page.run("return [...document.querySelectorAll('.call code')].map((e) => e.textContent);")
    same(shown[1], f'openat(AT_FDCWD, "{EVIL}\\xff", 0x2)')
    same(page.log("browser"), [])
    same([url for url in page.requests() if not url.startswith(("chrome:", "data:"))], [page.url])


def names_the_loader(page):
    """the program's own open is the tree; the loader's are a list"""
    page.open(page.url + "#c0.3")
    page.send("POST", "/refresh")
    same(page.columns(), [["6.1.1", "libc"]])
    same(page.texts("article .loader summary"), ["Before it, the loader tried to open 1 file"])
    assert "lookup_open" in page.names()


def needs_no_script(page):
    """all of it is there, and folds"""
    text = page.element_text("body")
    for words in ("Linux 6.1.1", "Linux 7.3.3", "O_RDWR of an existing file", "d_alloc_parallel",
                  "-ENOENT", "The source: Linux 6.12.2", ALL[1], "return flags & O_RDWR;"):
        assert words in text, f"{words} is not in the page"
    assert "Unfold all" not in text
    page.click("article .tree summary")
    assert "if (name[0] == '/')" not in page.element_text("article .tree")


def links_lead(path):
    """each link to a place in the page, and only one place of each name"""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    places = re.findall(r"<\w+ (?:[^<>]* )?id=([\w.]+)", text)
    same(len(places), len(set(places)))
    links = set(re.findall(r"<a href=#([\w.]+)", text))
    assert links
    same(links - set(places), set())


def nest(path):
    """events are JSON; each begins and ends within the one around it"""
    with open(path, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    tracks = {}
    for event in events:
        if event["ph"] == "X":
            begin = round(event["ts"] * 1000)
            tracks.setdefault((event["pid"], event["tid"]), []).append(
                (begin, begin + round(event["dur"] * 1000), event["name"]))
    same(sorted(tracks), [(1, 1), (2, 1), (3, 1), (4, 1), (4, 2)])
    for track in tracks.values():
        around = []
        for begin, end, name in sorted(track, key=lambda event: event[0]):
            while around and around[-1] <= begin:
                around.pop()
            assert not around or end <= around[-1], f"{name} at {begin} does not nest"
            around.append(end)
    assert any(EVIL + "\\xff" in event["args"].get("name", "") for event in events)


def main(test, path):
    """as the module's text says"""
    if test in ("make", "links_lead", "nest"):
        globals()[test](path)
        return
    page = Page(path, scripts=test != "needs_no_script")
    try:
        globals()[test](page)
    finally:
        page.close()


main(*sys.argv[1:])
