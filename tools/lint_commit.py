#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Checks commit messages: `layer: Imperative summary`, at most 72 columns, no period at the end, a blank line, and a
# body that says why, at most 100 columns. Not for merges.   lint_commit.py [RANGE | FILE]   default: the last
# commit; a FILE is a message (as for a commit-msg hook).

import pathlib
import re
import subprocess
import sys

SUMMARY = re.compile(r"^[a-z0-9_/+ ,]+: [A-Z0-9`][^\n]*[^.\s]$")


def defects(message):
    lines = [line for line in message.rstrip("\n").split("\n") if not line.startswith("#")]
    summary = lines[0] if lines else ""
    if summary.startswith("Merge "):
        return
    if not SUMMARY.match(summary):
        yield f"`{summary}`: the summary is `layer: Imperative summary`, without a period"
    if len(summary) > 72:
        yield f"`{summary}`: {len(summary)} columns, 72 is the limit of a summary"
    if len(lines) > 1 and lines[1]:
        yield f"`{summary}`: no blank line behind the summary"
    for line in lines[2:]:
        if len(line) > 100 and " " in line.strip():
            yield f"`{summary}`: a line of the body has {len(line)} columns, 100 is the limit"


def messages(arguments):
    if arguments and pathlib.Path(arguments[0]).is_file():
        return [pathlib.Path(arguments[0]).read_text()]
    what = arguments or ["-1"]
    log = subprocess.run(["git", "log", "--format=%B%x00", *what], check=True, capture_output=True, text=True).stdout
    return [message.strip("\n") for message in log.split("\0") if message.strip()]


def main():
    wrong = [defect for message in messages(sys.argv[1:]) for defect in defects(message)]
    for defect in wrong:
        print(f"lint_commit: {defect}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
