#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Do the pages lead where they say?  In the source tree and in an SDK, each relative link reaches a file, and each anchor a
# heading. A page of the SDK names no file and no make target that only the source tree has. Part of make test-docs; alone:
#   test/docs_pages.py [SDK_FOLDER]

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*?)#*$", re.MULTILINE)
RUN_TOGETHER = re.compile(r"[a-z)][.,:;][A-Z][a-z]+ ")   # where a mark has left no space
MARK = re.compile(r"<!-- (?:/?tree -->|sdk:)")

# What is relative to share/granary of the SDK, and what to the SDK's own folder.
NAMED = re.compile(r"(?<![\w./$~>*-])((?:silos|kernel|ipc|hal|boot|test|tools|docs|examples|build|share|bin|lib)/[\w.*/{},-]*\w)")
OF_THE_SDK = ("share/", "bin/", "lib/")
BUILT_IN_THE_TREE = ("build/systems", "build/tools", "build/sdcard", "build/kernel", "build/sdk", "build/test")
MAKE = re.compile(r"(?:^|[`;&(]|\$) ?make ([a-z][\w-]*)|\b((?:SYSTEM|BOARD|ONCE|SMP|CORE|ROWS|TIMEOUT|QEMU_EXTRA|BOOT)=)", re.MULTILINE)

# Names in pages of the SDK that are right although the SDK does not have them: page, what, why.
ALLOWED = {
    ("docs/comparison.md", "docs/features/dom0less.pandoc"): "a file of Xen",
}


def without_code(text):
    return SPAN.sub("", FENCE.sub("", text))


def code_of(text):
    return "\n".join([found[0] for found in FENCE.finditer(text)] + SPAN.findall(FENCE.sub("", text)))


def anchors_of(text):
    """As GitHub makes them: small letters, no punctuation, - for a space; the second of a name is name-1."""
    anchors = set()
    for title in HEADING.findall(FENCE.sub("", text)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title.replace("`", "")).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
        number, name = 0, anchor
        while name in anchors:
            number += 1
            name = f"{anchor}-{number}"
        anchors.add(name)
    return anchors


def broken_links(page, root):
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        reached = (page.parent / path).resolve() if path else page.resolve()
        if root.resolve() not in (reached, *reached.parents) or not reached.exists():
            yield f"({target}) leads to nothing"
        elif anchor and (reached.suffix != ".md" or anchor not in anchors_of(reached.read_text(encoding="utf-8"))):
            yield f"({target}): there is no such heading"


def of_the_source_tree_only(page, sdk, targets):
    """What a page of the SDK names that the SDK does not have."""
    share, text = sdk / "share/granary", page.read_text(encoding="utf-8")
    for name in NAMED.findall(text):
        if name.startswith("build/"):
            if name.startswith(BUILT_IN_THE_TREE):
                yield name
        elif not any((sdk if name.startswith(OF_THE_SDK) else share).glob(name)):
            yield name
    for target, variable in MAKE.findall(code_of(text)):
        if variable or target not in targets:
            yield variable or f"make {target}"
    yield from MARK.findall(text)
    yield from RUN_TOGETHER.findall(without_code(text))


LISTING = re.compile(r"^(.*)\n```(?!sh\b)\w+ (\S+)( append)?\n", re.MULTILINE)


def listings_without_a_name(page):
    """The name of a listing's file is read by test/run_docs_tests.py, and is not shown: it has to stand above it."""
    for above, name, append in LISTING.findall(page.read_text(encoding="utf-8")):
        if above != f"**`{name}`**" + (", at its end:" if append else ":"):
            yield f"there is no line that names {name} above its listing"


# Variables that are read and are nobody's business: the makefiles and scripts pass them to one another.
INNER = {"BUILD", "CONSOLE", "HEAP", "BASH_SOURCE"}
READ = re.compile(r'(?:getenv|environment)\("([A-Z_]+)"\)|^([A-Z_]+) \?=|\$\{([A-Z_]+):-', re.MULTILINE)


def unnamed_variables():
    """Environment variables that the tool and its scripts read, and docs/environment.md does not name."""
    files = [*(ROOT / "tools/granary").glob("*.cpp"), *(ROOT / "silos/sdk").glob("*.mk"), *(ROOT / "tools/sdk").glob("*.mk"),
             *(ROOT / "tools" / name for name in ("setup.sh", "debug", "sdcard"))]
    page = (ROOT / "docs/environment.md").read_text(encoding="utf-8")
    for file in files:
        if file.stem.endswith("_test"):
            continue
        for names in READ.findall(file.read_text(encoding="utf-8")):
            name = next(filter(None, names))
            if name not in INNER and f"`{name}`" not in page:
                yield f"{file.relative_to(ROOT)} reads {name}"


def pages_of(folder):
    return sorted(page for page in folder.rglob("*.md") if "build" not in page.relative_to(folder).parts)


def check_tree(case):
    for page in [ROOT / "README.md", *(page for name in ("docs", "silos", "tools", "test") for page in pages_of(ROOT / name))]:
        wrong = [*broken_links(page, ROOT), *listings_without_a_name(page)]
        case(not wrong, f"links and listings of {page.relative_to(ROOT)}", "\n".join(wrong))
    wrong = list(unnamed_variables())
    case(not wrong, "docs/environment.md has every variable", "\n".join(wrong))


def check_sdk(sdk, case):
    share = sdk / "share/granary"
    targets = re.search(r"^\.PHONY: (.*)$", (share / "tools/sdk/granary.mk").read_text(), re.MULTILINE)[1].split()
    used = set()
    for page in pages_of(sdk):
        name = str(page.relative_to(share)) if share in page.parents else str(page.relative_to(sdk))
        wrong = list(broken_links(page, sdk))
        case(not wrong, f"links of the SDK's {name}", "\n".join(wrong))
        foreign = set(of_the_source_tree_only(page, sdk, targets))
        used |= {(name, word) for word in foreign}
        wrong = sorted(word for word in foreign if (name, word) not in ALLOWED)
        case(not wrong, f"the SDK has what its {name} names", "\n".join(f"not in the SDK: {word}" for word in wrong))
    for file in sorted((share / "examples").glob("*/*.toml")):
        text = file.read_text(encoding="utf-8")
        wrong = [name for name in NAMED.findall(text) if not any(share.glob(name))]
        wrong += re.findall(r"make [a-z]+ .*=.*", text)
        case(not wrong, f"the SDK has what its {file.relative_to(share)} names", "\n".join(f"not in the SDK: {word}" for word in wrong))
    listed = re.findall(r"^\| `(\w+)` \|", (share / "docs/README.md").read_text(encoding="utf-8"), re.MULTILINE)
    there = [folder.name for folder in (share / "examples").iterdir()]
    case(sorted(listed) == sorted(there), "the SDK's docs/README.md lists the examples", f"listed {sorted(listed)}, there {sorted(there)}")
    for name, word in ALLOWED.keys() - used:
        case(False, f"{name} names {word}, which is allowed", "it does not any more: take it from the list")


def main():
    failed = 0

    def case(holds, title, text=""):
        nonlocal failed
        if not holds:
            failed += 1
            print(f"FAILED  {title}\n" + "\n".join(f"        {line}" for line in text.splitlines()))

    check_tree(case)
    for folder in sys.argv[1:]:
        check_sdk(pathlib.Path(folder), case)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
