#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Generates docs/features.md: the rows of docs/features.def and the defects of docs/defects.def, each with the tests that
# bear its id in their own names. `--check` writes nothing, prints the difference and fails if there is one.
# Invariants: a row that is claimed (Yes) has a test; a test bears no id that is in neither table; a file that a defect's
# sentence names is there.
# Where an id stands in a name:   ROW   or   defect ROW   before the rest, several in a row
#   *_test.cpp         TEST(Suite, S4_B4_the_last_peer...), TEST(Suite, A6_defect_A5_after_close...), C1a_: C1, its case a
#   silos/conformance  "S4 what was queued..." or "S4: ...", "defect A5 no send succeeds..."
#   silos/hostile      the promises of warden.cpp, in the same way
#   test/model         // mutation B2_DEADLINE: ...: the defect that the mutation brings back
#   test/qemu/rows.py  Row("N14 soak: ...")
#   test/compile_fail  // catches: D7
# `defect` is needed only for the ids that both tables have: A1 to A8 and F1 to F4.

import argparse
import collections
import difflib
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from gen_abi import Refused, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "docs" / "features.md"
NAMES_PER_FILE = 3
# What a row that is not claimed waits for.
LATER = {
    "FastPath": "not as such: call and reply are in assembly, other calls have a short way in C++ (decision 0024)",
}
GROUPS = {
    "T": "The typed channel inside the kernel", "S": "SyncChan", "P": "Ports", "A": "AsyncChan",
    "Y": "Synchronous calls", "F": "The way through registers", "N": "Around them", "Q": "Drivers",
}
DEFECTS = {
    "A": "Asynchronous channels", "B": "Channels", "C": "Ports and replies", "D": "Synchronous calls",
    "E": "The fast path and capabilities", "F": "Silos",
}
IN_TEST = re.compile(r"(defect_)?([A-Z]\d+)[a-e]?(?:_to_([A-Z]\d+))?_")
IN_TEXT = re.compile(r"(defect )?([A-Z]\d+)(?:, |:? )")


class Tests:
    """Of each id, what bears it: host tests by name, the others as file and number of cases."""

    def __init__(self, rows, defects):
        self.rows, self.defects = rows, defects
        self.named = collections.defaultdict(list)
        self.counted = collections.defaultdict(collections.Counter)
        self.unknown = []

    def key(self, is_defect, name, where):
        if is_defect or name not in self.rows:
            if name in self.defects:
                return "defect " + name
            if is_defect or name[0] in GROUPS | DEFECTS:
                self.unknown.append(f"{where}: {'defect ' if is_defect else ''}{name} is in neither table")
            return None
        return name

    def keys(self, pattern, text, where):
        keys, rest = [], text
        while match := pattern.match(rest):
            last = match.group(3) if pattern is IN_TEST and match.group(3) else match.group(2)
            for number in range(int(match.group(2)[1:]), int(last[1:]) + 1):
                keys.append(self.key(match.group(1), f"{match.group(2)[0]}{number}", where))
            rest = rest[match.end():]
        return [key for key in dict.fromkeys(keys) if key]

    def read_host_test(self, path, text):
        for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", text, re.MULTILINE):
            for key in self.keys(IN_TEST, name, f"{path}: {suite}.{name}"):
                self.named[key].append((str(path), f"{suite}.{name}"))

    def count(self, path, names, pattern=IN_TEXT):
        for name in names:
            for key in self.keys(pattern, name, f"{path}: \"{name}\""):
                self.counted[key][str(path)] += 1

    def read_all(self):
        for top in ("boot", "hal", "ipc", "kernel", "test", "tools"):
            for path in sorted((ROOT / top).rglob("*_test.cpp")):
                self.read_host_test(path.relative_to(ROOT), path.read_text())
        strings = re.compile(r'"((?:defect )?[A-Z]\d+:? (?:\\.|[^"\\])*)"')
        silos = [path for path in sorted((ROOT / "silos" / "conformance").iterdir()) if path.suffix in (".cpp", ".hpp", ".c")]
        for path in [*silos, ROOT / "silos" / "hostile" / "warden.cpp"]:
            self.count(path.relative_to(ROOT), strings.findall(path.read_text()))
        for path in sorted((ROOT / "test" / "model").glob("*.pml")):
            mutations = re.findall(r"^// mutation ([A-Z]\d+)(?:_\w+)?:", path.read_text(), re.MULTILINE)
            self.count(path.relative_to(ROOT), [f"defect {name} " for name in mutations])
        for path in sorted((ROOT / "test" / "compile_fail").glob("*.cpp")):
            caught = re.findall(r"^// catches: (.+)$", path.read_text(), re.MULTILINE)
            self.count(path.relative_to(ROOT), [f"defect {name} " for name in caught])
        path = ROOT / "test" / "qemu" / "rows.py"
        self.count(path.relative_to(ROOT), re.findall(r'\b(?:Row|stop)\(f?"((?:defect )?[A-Z]\d+:? [^"]*)"', path.read_text()))

    def of(self, key):
        """A cell of the table; empty if there is no test. Of a file with many, the first ones by name."""
        cell, by_file = [], collections.defaultdict(list)
        for path, name in self.named.get(key, []):
            by_file[path].append(name)
        for path, names in by_file.items():
            cell += [f"`{name}`" for name in names[:NAMES_PER_FILE]]
            if len(names) > NAMES_PER_FILE:
                cell.append(f"{len(names) - NAMES_PER_FILE} more in {path}")
        for path, number in sorted(self.counted.get(key, {}).items()):
            what = {"model": "mutation", "qemu": "row"}.get(path.split("/")[1], "case")
            cell.append(f"{'/'.join(path.split('/')[-2:])}: {number} {what}{'s' if number > 1 else ''}")
        return "; ".join(cell)


def cell(text):
    return text.replace("|", "\\|")


def document(rows, defects, tests):
    claimed = sum(state == "Yes" for _, state, _ in rows)
    tested = sum(bool(tests.of("defect " + name)) for name, _, _ in defects)
    yield "# Features and defects"
    yield ""
    yield "Generated by `tools/gen_features.py` from [features.def](features.def), [defects.def](defects.def) and the names of"
    yield "the tests, which bear the ids of what they show; how is said there. A row is claimed only if a test bears its id."
    yield ""
    yield f"{claimed} of {len(rows)} rows are there; {tested} of {len(defects)} defects have a test that bears their id."
    yield ""
    yield "## Features"
    for family, title in GROUPS.items():
        yield from ("", f"### {title}", "", "| | feature | state | shown by |", "|---|---|---|---|")
        for name, state, text in rows:
            if name[0] == family:
                yield f"| {name} | {cell(text)} | {LATER.get(state, 'yes')} | {cell(tests.of(name))} |"
    yield from ("", "## Defects", "")
    yield "What is wrong in the systems that the features are taken from, and why it is not here. In names of tests the ids that"
    yield "are also a row's (A1 to A8, F1 to F4) are written `defect A1`."
    for family, title in DEFECTS.items():
        yield from ("", f"### {title}", "", "| | there | here | would be caught by |", "|---|---|---|---|")
        for name, wrong, here in defects:
            if name[0] == family:
                yield f"| {name} | {cell(wrong)} | {cell(here)} | {cell(tests.of('defect ' + name))} |"


def complaints(rows, defects, tests):
    yield from tests.unknown
    for what, entries in (("row", rows), ("defect", defects)):
        for name, count in collections.Counter(entry[0] for entry in entries).items():
            if count > 1:
                yield f"{what} {name} is there {count} times"
    for name, state, _ in rows:
        if state != "Yes" and state not in LATER:
            yield f"docs/features.def: {name}: the state is Yes or one of {', '.join(LATER)}"
        if state == "Yes" and not tests.of(name):
            yield f"docs/features.def: {name} is claimed, and no test bears its id"
    for name, _, here in defects:
        if not here:
            yield f"docs/defects.def: {name}: it is not said why it is not here"
        for path in re.findall(r"`([\w./]+/[\w./]+)`", here):
            if not (ROOT / path).exists():
                yield f"docs/defects.def: {name}: there is no {path}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if docs/features.md is not what this gives")
    arguments = parser.parse_args()
    try:
        rows = [[text.replace('\\"', '"') for text in row] for row in table(ROOT / "docs" / "features.def", "ROW", 3)]
        defects = [[text.replace('\\"', '"') for text in row] for row in table(ROOT / "docs" / "defects.def", "DEFECT", 3)]
    except Refused as error:
        sys.exit(f"gen_features: {error}")
    tests = Tests({row[0] for row in rows}, {defect[0] for defect in defects})
    tests.read_all()
    wrong = list(complaints(rows, defects, tests))
    if wrong:
        sys.exit("\n".join(f"gen_features: {line}" for line in wrong))
    new = "".join(line + "\n" for line in document(rows, defects, tests))
    old = OUTPUT.read_text() if OUTPUT.exists() else ""
    if not arguments.check:
        OUTPUT.write_text(new)
    elif old != new:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), str(OUTPUT.relative_to(ROOT)),
                                                   "what tools/gen_features.py gives"))
        sys.exit("gen_features: docs/features.md is not what the tables and the tests give; run tools/gen_features.py")


if __name__ == "__main__":
    main()
