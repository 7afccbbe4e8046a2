#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# `make test`: every step in order, each a make target that leaves build/test/NAME.tap. A failed step stops no
# other; a step that leaves no cases behind (it did not build, say) is one failed case. Ends with the line `N
# passed, N failed` and a matching exit status.

import argparse
import pathlib
import re
import subprocess
import sys
import time

# (make target, what it is). Quick ones first.
STEPS = [
    ("lint", "rules that a script can check"),
    ("test-compile-fail", "things that must not compile"),
    ("test-headers", "every header by itself"),
    ("test-clang", "the second compiler"),
    ("test-host", "unit tests on this machine, with sanitizers"),
    ("test-fuzz", "the readers of system images and device trees, fuzzed for ten seconds"),
    ("test-tsan", "races between cores, with ThreadSanitizer"),
    ("test-model", "models of the state machines, and what happens when they are broken"),
    ("test-elf", "the linked kernel"),
    ("test-target", "parts of the kernel on the machine; the table of EL0 instructions; deaths"),
    ("test-bench", "what make bench counts"),
    ("test-fast-path-short", "the fast path, broken in eight ways: its tests see each"),
    ("test-sdk", "the SDK's tarball, unpacked elsewhere and used"),
    ("test-docs", "the commands and listings of the tutorial and the how-tos"),
    ("test-qemu", "systems in QEMU, on both boards"),
]


def read_cases(path):
    """(passed, failed, skipped, names of the failed)"""
    passed, failed, skipped, names = 0, 0, 0, []
    for line in path.read_text().splitlines() if path.exists() else []:
        if re.match(r"ok - .* # SKIP ", line):
            skipped += 1
        elif line.startswith("ok - "):
            passed += 1
        elif line.startswith("not ok - "):
            failed += 1
            names.append(line.removeprefix("not ok - "))
    return passed, failed, skipped, names


def main():
    parser = argparse.ArgumentParser(description="Runs all tests.")
    parser.add_argument("--make", required=True)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    options = parser.parse_args()
    passed, failed, skipped, names = 0, 0, 0, []
    started = time.monotonic()
    took = []
    for target, what in STEPS:
        print(f"== {target}: {what}", flush=True)
        step = target.removeprefix("test-")
        path = options.results / f"{step}.tap"
        path.unlink(missing_ok=True)
        began = time.monotonic()
        status = subprocess.run(f"{options.make} {target}", shell=True).returncode
        took.append(f"{step} {time.monotonic() - began:.0f}")
        good, bad, left_out, bad_names = read_cases(path)
        if status and not bad:
            bad, bad_names = 1, [f"the step ended with status {status} and no failed case"]
        elif not status and not good and not left_out:
            bad, bad_names = 1, ["the step left no cases"]
        passed, failed, skipped = passed + good, failed + bad, skipped + left_out
        names += [f"{step}: {name}" for name in bad_names]
    print(f"== all: {time.monotonic() - started:.0f} seconds ({', '.join(took)})")
    for name in names:
        print(f"  FAILED   {name}")
    if skipped:
        print(f"{skipped} skipped (see SKIPPED above)")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
