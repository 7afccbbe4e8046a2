#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Builds and runs test programs of the host (GoogleTest under sanitizers), one case for each test. A program that does
# not build is a failed case. A test that takes its program down (a sanitizer's finding, a trap) is a failed case too,
# and the tests behind it are run in another go, so that one finding hides no other.

import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results



def list_tests(command):
    """Suite.Test of each, in the order in which they run."""
    listing = subprocess.run([*command, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    tests, suite = [], ""
    for line in listing.splitlines():
        name = line.split("#")[0].rstrip()
        if name.startswith("  "):
            tests.append(suite + name.strip())
        elif name.endswith("."):
            suite = name
    return tests


def run_some(command, tests, time_limit):
    """{test: passed?} for those that ended, the one that did not (or nothing), and all output."""
    environment = dict(os.environ, ASAN_OPTIONS="detect_stack_use_after_return=1", UBSAN_OPTIONS="print_stacktrace=1",
                       TSAN_OPTIONS="halt_on_error=1")
    command = [*command, "--gtest_filter=" + ":".join(tests), "--gtest_color=no", "--gtest_brief=0"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, timeout=time_limit)
        output = done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode("utf-8", "replace") + f"\nno end within {time_limit} seconds\n"
    ended, running = {}, None
    for line in output.splitlines():
        mark = re.match(r"\[( RUN      |       OK |  FAILED  |  SKIPPED )\] ([\w/]+\.[\w/]+)", line)
        if mark and mark.group(1) == " RUN      ":
            running = mark.group(2)
        elif mark and mark.group(2) == running:
            ended[running] = mark.group(1) != "  FAILED  "
            running = None
    return ended, running, output


def output_of(test, output):
    """What was printed while this test ran."""
    start = output.find(f"[ RUN      ] {test}\n")
    end = output.find("[ RUN      ]", start + 1)
    return "\n".join(output[start:end if end > 0 else None].splitlines()[1:25])


def run_program(program, options, results):
    layer = pathlib.Path(program).name.removesuffix("_tests")
    command = [*shlex.split(options.wrapper), program]
    left = list_tests(command)
    while left:
        ended, broken, output = run_some(command, left, options.time_limit)
        if broken:
            ended[broken] = False
        for test, good in ended.items():
            results.case(good, f"{layer}: {test}", output_of(test, output))
        if not ended or (not broken and len(ended) < len(left)):
            results.case(False, f"{layer}: the program runs all its tests", output[-2000:])
            return
        left = [test for test in left if test not in ended]


def build(options, results):
    """The programs that build; a failed case for each that does not."""
    if subprocess.run(f"{options.make} -k {shlex.join(options.programs)}", shell=True, stderr=subprocess.DEVNULL).returncode == 0:
        return options.programs
    built = []
    for program in options.programs:
        done = subprocess.run(f"{options.make} {program}", shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode == 0:
            built.append(program)
        else:
            errors = [line for line in done.stdout.splitlines() if "error" in line.lower() or "undefined" in line]
            results.case(False, f"{pathlib.Path(program).name} builds", "\n".join(errors[:12]))
    return built


def main():
    parser = argparse.ArgumentParser(description="Builds and runs the host tests.")
    parser.add_argument("--make", required=True, help="command that builds the program whose name is appended")
    parser.add_argument("--step", default="host")
    parser.add_argument("--results")
    parser.add_argument("--time-limit", type=int, default=300, help="seconds for one program; a few are usual")
    parser.add_argument("--wrapper", default="", help="command that runs a program")
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    results = Results(options.step, options.results)
    built = build(options, results)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for job in [pool.submit(run_program, program, options, results) for program in built]:
            job.result()
    results.finish()


if __name__ == "__main__":
    main()
