# SPDX-License-Identifier: Apache-2.0
#
# What tools/console_view.py shows of a console, whatever pieces it comes in, and that nothing of it gets lost. Cases of
# test/run_sdk_tests.py.

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from console_view import ERASED, Explainer, FaultReports, View

HEADLINE = b"granary: silo rogue stopped: thread main: 8-byte read at 0x0\n"
REPORT = (b"granary:   0x0 is page 0\n"
          b"granary: silo rogue: #0 0x102a4, 0x2a4 bytes into region text\n"
          b"granary: silo rogue: end of the report\n")
FAKED = b"".join(b"[rogue] " + line for line in (HEADLINE + REPORT).splitlines(keepends=True))
# Each with what is seen of it.
CONSOLES = {
    "a report has its first line only": (b"[a] 1\n" + HEADLINE + REPORT + b"[a] 2\n", b"[a] 1\n" + HEADLINE + b"[a] 2\n"),
    "lines of others are shown between": (HEADLINE + REPORT[:-9] + b"ort\n[a] 2\n[b] 3", HEADLINE + b"[a] 2\n[b] 3"),
    "what is about no open report is shown": (REPORT + b"granary:   x\n", REPORT + b"granary:   x\n"),
    "and behind its end": (HEADLINE + REPORT + REPORT, HEADLINE + REPORT),
    "a silo's own lines are shown, whatever they say": (HEADLINE + FAKED + b"[r", HEADLINE + FAKED + b"[r"),
    "a report that comes while a line is edited erases the line": (
        HEADLINE + b"granary> ech" + ERASED + REPORT + b"granary> ech", HEADLINE + (b"granary> ech" + ERASED) + b"granary> ech"),
    "the beginning of a line of the kernel's is shown in the end": (HEADLINE + b"gran", HEADLINE + b"gran"),
}


def seen(text, size):
    shown = []
    reports = FaultReports()
    view = View(reports.has, shown.append)
    for at in range(0, len(text), size):
        view(text[at:at + size])
    view.finish()
    return b"".join(shown), reports


def explained(command, pieces):
    shown = []
    explainer = Explainer(command, shown.append)
    for piece in pieces:
        explainer.take(piece)
        time.sleep(0.2)
    explainer.finish()
    return b"".join(shown)


def check(results):
    for name, (text, wanted) in CONSOLES.items():
        wrong = [size for size in range(1, len(text) + 1) if seen(text, size)[0] != wanted]
        results.case(not wrong, f"console: {name}, in pieces of any size",
                     f"pieces of {wrong[:5]}: {seen(text, wrong[0])[0]}" if wrong else "")
    pieces = [HEADLINE, REPORT, b"[a] 1\n"]
    output = explained("cat", pieces)
    results.case(output.startswith(HEADLINE) and output.count(REPORT) == 1 and output.count(b"[a] 1\n") == 2,
                 "console: what an explanation says comes instead of the report", output)
    shown = []
    explainer = Explainer("cat", shown.append)
    explainer.take(HEADLINE + REPORT + b"granary> ech")
    for _ in range(50):
        time.sleep(0.1)
        explainer.take(b"")
        if REPORT in b"".join(shown):
            break
    explainer.take(b"o\n")
    explainer.finish()
    seen_at_last = b"".join(shown)
    results.case(seen_at_last.startswith(HEADLINE + b"granary> ech" + ERASED + HEADLINE) and b"granary> echo\n" in seen_at_last,
                 "console: an explanation waits for no line, and stands above one that is edited", seen_at_last)
    for command in ("true", "sh -c 'head -n 2 >/dev/null; exit 1'", "sh -c 'cat >/dev/null; exit 1'"):
        lines = explained(command, pieces).splitlines(keepends=True)
        results.case(sorted(lines) == sorted((HEADLINE + REPORT + b"[a] 1\n").splitlines(keepends=True)),
                     f"console: a report that nobody explains ({command}) is shown", lines)
