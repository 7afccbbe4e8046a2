#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# A page of docs/ as a manual page on standard output:  man_page.py PAGE.md NAME SECTION VERSION
# Knows what those pages use: headings, paragraphs, tables, code blocks, `code`, **bold** and links.

import re
import sys


def words(text):
    text = text.replace("\\|", "|").replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fP", text)
    text = re.sub(r"\*\*([^*]*)\*\*", r"\\fB\1\\fP", text)
    return re.sub(r"^([.'])", r"\\&\1", text)


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def table(rows, out):
    """A row is a paragraph: its first cell, and the others with what the head calls them."""
    head = cells(rows[0])
    for row in rows[2:]:
        first, *rest = cells(row)
        out.append(".TP")
        out.append(words(first) or "\\&")
        named = [f"{words(name)}: {words(text)}" if name and len(head) > 2 else words(text)
                 for name, text in zip(head[1:], rest) if text]
        out.append(". ".join(named) or "\\&")


def page(text, name, section, version):
    title, _, body = text.partition("\n")
    out = [f'.TH {name.upper()} {section} "" "Granary {version}" "Granary"', ".SH NAME",
           f"{name} \\- {title.lstrip('# ').lower()}", ".SH DESCRIPTION"]
    rows, code = [], False
    for line in body.splitlines() + [""]:
        if line.startswith("<!--"):
            continue
        if line.startswith("```"):
            out.append(".fi" if code else ".PP\n.nf")
            code = not code
        elif code:
            out.append(re.sub(r"^([.'])", r"\\&\1", line.replace("\\", "\\e").replace("-", "\\-")))
        elif line.startswith("|"):
            rows.append(line)
        else:
            if rows:
                table(rows, out)
                rows = []
            heading = re.match(r"(#+) (.*)", line)
            if heading:
                out.append((".SH " if len(heading.group(1)) == 2 else ".SS ") + words(heading.group(2)))
            elif line.strip():
                out.append(words(line))
            else:
                out.append(".PP")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    source, *rest = sys.argv[1:]
    sys.stdout.write(page(open(source, encoding="utf-8").read(), *rest))
