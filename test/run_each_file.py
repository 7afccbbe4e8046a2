#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Compiles each of many files by itself, with the flags of its layer, and throws the result away: one case for each
# file. With --twice the file is a header, included two times by an otherwise empty file.

import argparse
import concurrent.futures
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results


def check(file, flags, options, results):
    command = shlex.split(options.compiler) + flags + ["-fsyntax-only", "-fdiagnostics-color=never"]
    text = None
    if options.twice:
        text = f'#include "{file}"\n' * 2
        command += ["-x", "c++", "-"]
    else:
        command.append(file)
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
    results.case(done.returncode == 0, file, "\n".join(done.stdout.splitlines()[:8]))


def main():
    parser = argparse.ArgumentParser(description="Compiles files one by one.")
    parser.add_argument("--step", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--missing", help="why everything is skipped if there is no compiler")
    parser.add_argument("--flags", nargs=2, action="append", default=[], metavar=("LAYER", "FLAGS"))
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--results")
    parser.add_argument("files", nargs="*", metavar="LAYER:FILE")
    options = parser.parse_args()
    flags = {layer: shlex.split(text) for layer, text in options.flags}
    results = Results(options.step, options.results)
    if not options.compiler:
        results.skip(f"{len(options.files)} files", options.missing)
        results.finish()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = []
        for layer, _, file in (entry.partition(":") for entry in options.files):
            jobs.append(pool.submit(check, file, flags[layer], options, results))
        for job in jobs:
            job.result()
    results.finish()


if __name__ == "__main__":
    main()
