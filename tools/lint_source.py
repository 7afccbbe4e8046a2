#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# The mechanical half of the source rules, one case for each rule, and the checks that are other programs' business.
# A rule is a function over one file that yields what is wrong, by line; RULES at the end names them. Files are
# those that git knows or would add.

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results

CODE = (".cpp", ".hpp", ".h", ".c", ".S", ".def")
COMMENTED = CODE + (".py", ".sh", ".mk", ".ld")
PERMITTED_HEADERS = set("""algorithm array atomic bit compare concepts cstddef cstdint iterator limits new numeric optional span
    string_view type_traits utility variant stdint.h stddef.h libfdt.h""".split())
# Macros beside the guards and the numbers of headers that assembly shares (.h).
PERMITTED_MACROS = {"TRY", "ERROR", "SYSTEM_CALL", "RIGHT", "QUOTA", "PLEDGE", "PLEDGED_CALL",
                    "GRANARY_READ_REGISTER", "GRANARY_WRITE_REGISTER",
                    "GRANARY_READ_WRITE_REGISTER", "GRANARY_READ_ONLY_REGISTER", "GRANARY_WRITE_ONLY_REGISTER"}
LAYERS = "boot hal kernel ipc".split()
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|not implemented|for now)\b", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.\-}])/(work|farm|root)/")


class Source:
    """One text file with its lines; what the rules ask about it."""

    def __init__(self, name):
        self.name, self.path = name, ROOT / name
        self.suffix, self.layer = self.path.suffix, name.split("/")[0]
        self.lines = self.path.read_text(encoding="utf-8").splitlines()
        self.is_test = name.endswith("_test.cpp") or self.layer == "test"
        self.is_cpp = self.suffix in (".cpp", ".hpp")
        self.is_script = bool(self.lines) and self.lines[0].startswith("#!")
        self.is_policy = self.layer in ("kernel", "ipc")

    def code(self):
        """(number, line without its // comment), block comments left out."""
        inside = False
        for number, line in enumerate(self.lines, 1):
            if inside or line.lstrip().startswith("/*"):
                inside = "*/" not in line
                continue
            yield number, re.sub(r'"(\\.|[^"\\])*"', '""', line).split("//")[0]


def first_comment(source):
    if source.name.startswith("silos/sdk/template/"):  # becomes the user's own
        return
    if source.suffix not in COMMENTED and not source.is_script and source.path.name != "Makefile":
        return
    head = source.lines[1:] if source.is_script else source.lines
    if not head or "SPDX-License-Identifier: Apache-2.0" not in head[0]:
        yield 1, "the first line is `SPDX-License-Identifier: Apache-2.0` in a comment"
    elif not any(re.match(r"\s*(//|#|\*|/\*)\s*\w", line) for line in head[1:4]):
        yield 2, "behind the licence a comment says what this is, what it owns and its invariants"


def file_length(source):
    exempt = source.is_test or source.name.startswith("hal/regs/") or source.name.endswith("granary/system_calls.h")
    if source.suffix in CODE + (".py", ".sh", ".mk") and not exempt and len(source.lines) > 400:
        yield 400, f"{len(source.lines)} lines; 400 is the ceiling, one idea is one file"


def line_length(source):
    limit = 120 if source.suffix in CODE and source.suffix != ".def" else 140  # .def: one entry, one line
    if source.suffix in COMMENTED or source.is_script:
        for number, line in enumerate(source.lines, 1):
            if len(line) > limit:
                yield number, f"{len(line)} characters, {limit} is the limit"


def white_space(source):
    for number, line in enumerate(source.lines, 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line"
        elif "\t" in line and not source.name.endswith((".mk", ".md", "Makefile", ".mk.txt")):
            yield number, "a tab"


def includes(source):
    for number, line in enumerate(source.lines, 1):
        found = re.match(r'\s*#\s*include\s+(["<])([^">]+)', line)
        if not found or not source.suffix in CODE:
            continue
        if ".." in found.group(2):
            yield number, "an include names a layer, it does not climb with `..`"
        elif source.layer in LAYERS and not source.is_test:
            if found.group(1) == '"' and found.group(2).split("/")[0] not in LAYERS:
                yield number, 'own headers are included as "layer/file.hpp"'
            if found.group(1) == "<" and found.group(2) not in PERMITTED_HEADERS:
                yield number, f"<{found.group(2)}> is not on the list of permitted headers"


def header_guard(source):
    if source.suffix == ".hpp" and not any(line == "#pragma once" for line in source.lines):
        yield 1, "a header says #pragma once"


def policy_words(source):
    if not source.is_policy or source.is_test or not source.is_cpp:
        return
    for number, line in source.code():
        if re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b", line):
            yield number, "no conditional compilation in kernel/ and ipc/"
        for word in ("volatile", "asm", "__asm__", "virtual", "throw", "dynamic_cast", "thread_local"):
            if re.search(rf"\b{word}\b", line) and source.path.name != "poison.hpp":
                yield number, f"no `{word}` in kernel/ and ipc/"


def safety(source):
    if source.layer not in LAYERS or source.is_test:
        return
    for number, line in source.code():
        if "reinterpret_cast" in line or re.search(r"\bconst_cast\b", line):
            nearby = source.lines[max(0, number - 7):number]
            if not any("SAFETY:" in text for text in nearby):
                yield number, "a cast that the compiler cannot check has a `// SAFETY:` comment above it"


def macros(source):
    if source.layer not in LAYERS or source.is_test or not source.is_cpp:
        return
    for number, line in enumerate(source.lines, 1):
        found = re.match(r"\s*#\s*define\s+(\w+)(\()?", line)
        if found and found.group(1) not in PERMITTED_MACROS:
            shared = source.name.endswith(".hpp") and not found.group(2) and source.layer in ("hal", "boot")
            if not shared:
                yield number, f"{found.group(1)}: macros only for what the language cannot say (list in tools/lint_source.py)"


def assembly_files(source):
    if source.suffix == ".S" and not re.match(r"(boot/|hal/aarch64/|silos/|test/)", source.name):
        yield 1, "assembly lives in boot/, hal/aarch64/, silos/ and test/ only"


def unfinished(source):
    if source.suffix in COMMENTED or source.is_script:
        for number, line in enumerate(source.lines, 1):
            if UNFINISHED.search(line) and source.name != "tools/lint_source.py":
                yield number, "a promise left in the code"


def machine_paths(source):
    for number, line in enumerate(source.lines, 1):
        if MACHINE_PATH.search(line) and source.name not in ("tools/lint_source.py", "LICENSE"):
            yield number, "a path of one machine"


def tested(source):
    if source.is_policy and source.suffix == ".cpp" and not source.is_test:
        if not source.path.with_name(source.path.stem + "_test.cpp").exists():
            yield 1, f"no {source.path.stem}_test.cpp beside it"


def links(source):
    if source.suffix != ".md":
        return
    for number, line in enumerate(source.lines, 1):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
            if "://" not in target and not (source.path.parent / target).exists():
                yield number, f"the link {target} leads nowhere"


RULES = {
    "each file opens with its licence and what it is": first_comment,
    "no file has more than 400 lines": file_length,
    "no line is too long": line_length,
    "no stray white space": white_space,
    "includes name a layer or a permitted header": includes,
    "headers say #pragma once": header_guard,
    "kernel/ and ipc/ hold no #if, volatile, asm, virtual": policy_words,
    "unchecked casts say why they are safe": safety,
    "macros are on the list": macros,
    "assembly is where it may be": assembly_files,
    "no promises are left in the code": unfinished,
    "no path of one machine": machine_paths,
    "each file of kernel/ and ipc/ has a test": tested,
    "links in the documentation lead somewhere": links,
}


def external_checks(sources, results):
    """What other programs check: (title, command, the status that means it is not here and why)."""
    scripts = [source.name for source in sources if source.is_script and "bash" in source.lines[0]]
    checks = [
        ("C and C++ are formatted (make format)", ["tools/format", "check"], (3, "no clang-format 14")),
        ("what is generated out of ipc/abi is up to date", ["tools/gen_abi.py", "--check"], (None, "")),
        ("shell scripts are clean", ["shellcheck", *scripts], (127, "no shellcheck")),
    ]
    for title, command, (missing, why) in checks:
        try:
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            status, output = done.returncode, done.stdout
        except FileNotFoundError:
            status, output = 127, f"{command[0]}: not found"
        if status == missing:
            results.skip(title, why)
        else:
            results.case(status == 0, title, "\n".join(output.splitlines()[:60]))


def all_sources():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            try:
                yield Source(name)
            except UnicodeDecodeError:
                pass  # a picture or the like


def main():
    parser = argparse.ArgumentParser(description="Checks the rules that a script can check.")
    parser.add_argument("--results")
    options = parser.parse_args()
    sources = list(all_sources())
    results = Results("lint", options.results)
    for title, rule in RULES.items():
        wrong = [f"{source.name}:{number}: {what}" for source in sources for number, what in rule(source)]
        results.case(not wrong, title, "\n".join(wrong))
    external_checks(sources, results)
    results.finish()


if __name__ == "__main__":
    main()
