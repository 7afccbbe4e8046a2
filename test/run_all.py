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

# (make target, what it is). Quick ones first. Several targets in one step are made at once: none of them has work for
# all cores all the time.
STEPS = [
    ("lint test-compile-fail", "rules that a script can check; things that must not compile"),
    ("test-headers", "every header by itself"),
    ("test-clang", "the second compiler"),
    ("test-host", "unit tests on this machine, with sanitizers"),
    ("test-fuzz", "the readers of system images and device trees, fuzzed for ten seconds"),
    ("test-tsan", "races between cores, with ThreadSanitizer"),
    ("test-model", "models of the state machines, and what happens when they are broken"),
    ("test-elf", "the linked kernel"),
    ("test-target test-fast-path-short", "parts of the kernel on the machine; the table of EL0 instructions; deaths; the fast "
     "path, broken in eight ways: its tests see each"),
    ("test-bench", "what make bench counts"),
    ("test-sdk test-docs", "the SDK's tarball, unpacked elsewhere and used; the commands and listings of the pages"),
    ("test-qemu", "systems in QEMU, on both boards"),
]


def tap(results, step):
    return results / f"{step}.tap"


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
    for targets, what in STEPS:
        print(f"== {targets}: {what}", flush=True)
        steps = [target.removeprefix("test-") for target in targets.split()]
        for step in steps:
            tap(options.results, step).unlink(missing_ok=True)
        began = time.monotonic()
        status = subprocess.run(f"{options.make} -k {targets}", shell=True).returncode
        took.append(f"{' and '.join(steps)} {time.monotonic() - began:.0f}")
        found = {step: read_cases(tap(options.results, step)) for step in steps}
        failed_before = failed
        for step, (good, bad, left_out, bad_names) in found.items():
            if not good and not bad and not left_out:
                bad, bad_names = 1, ["the step left no cases"]
            passed, failed, skipped = passed + good, failed + bad, skipped + left_out
            names += [f"{step}: {name}" for name in bad_names]
        if status and failed == failed_before:
            failed += 1
            names.append(f"{targets}: it ended with status {status} and no failed case")
    print(f"== all: {time.monotonic() - started:.0f} seconds ({', '.join(took)})")
    for name in names:
        print(f"  FAILED   {name}")
    if skipped:
        print(f"{skipped} skipped (see SKIPPED above)")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
