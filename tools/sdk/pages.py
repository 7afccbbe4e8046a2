#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# The pages of docs/ as the SDK has them:  pages.py DOCS TARGET  copies those that DOCS/README.md leads to as the SDK has it,
# and the pictures in them. Each page is written once. What holds in one of the two places only is marked:
#   <!-- tree -->...<!-- /tree -->   is left out of the SDK's page; if both marks are lines of their own, with these lines
#   <!-- sdk: ... -->                is text of the SDK's page, and invisible in the source tree's
# That what is left leads nowhere but into the SDK is a test (test/docs_pages.py).

import pathlib
import re
import sys

BLOCK = re.compile(r"^<!-- tree -->\n.*?^<!-- /tree -->\n\n?", re.MULTILINE | re.DOTALL)
WORDS = re.compile(r"((?<!\n)[ \n])?<!-- tree -->(.*?)<!-- /tree -->", re.DOTALL)
SDK = re.compile(r"<!-- sdk:[ \n](.*?)[ \n]-->", re.DOTALL)
FIGURE = re.compile(r"<!-- /?figure[^>]*-->")
PAGE = re.compile(r"\]\(([\w./-]+\.md)(?:#[\w-]*)?\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([\w./-]+)\)")


def assembled(text):
    """The text of a page as the SDK has it."""
    def gap(words):  # one of the two spaces around what is left out stays
        return words[1] or "" if words[2][-1:].isspace() else ""
    text = SDK.sub(r"\1", WORDS.sub(gap, BLOCK.sub("", FIGURE.sub("", text))))
    return text.rstrip("\n") + "\n"


def main():
    docs, target = (pathlib.Path(word) for word in sys.argv[1:])
    docs = docs.resolve()
    pages = {"README.md": assembled((docs / "README.md").read_text(encoding="utf-8"))}
    for name in PAGE.findall(pages["README.md"]):
        pages[name] = assembled((docs / name).read_text(encoding="utf-8"))
    files = {name: text.encode() for name, text in pages.items()}
    for name, text in pages.items():
        for picture in PICTURE.findall(text):
            path = (docs / name).parent.joinpath(picture).resolve()
            files[str(path.relative_to(docs))] = path.read_bytes()
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
