#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs the fuzzers of test/fuzz (docs/testing.md): `make fuzz` for so many inputs or seconds each, `make test-fuzz` for
# a few seconds each, as cases. Begins with the seeds and with what earlier runs have found worth keeping
# (build/fuzz/corpus/NAME). An input that breaks a reader is left in build/fuzz/findings/NAME, and its report is shown.

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results

FUZZ = ROOT / "test" / "fuzz"
# Seeds of manifests are the systems and the samples of the tool's tests.
SEEDS = {"manifest": ["silos/systems", "test/qemu/systems", "tools/granary/tests/accepted", "tools/granary/tests/refused"]}
LONGEST = {"manifest": 4096, "program": 4096, "system_image": 12288, "device_tree": 6144}
PROBE = 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'


def cannot_fuzz(compiler):
    """Why not, or "" if it can."""
    if not compiler or not shutil.which(compiler):
        return "no clang++ here (Debian: clang, libclang-rt-dev)"
    with tempfile.TemporaryDirectory() as folder:
        probe = [compiler, "-fsanitize=fuzzer,address,undefined", "-x", "c++", "-", "-o", f"{folder}/probe"]
        done = subprocess.run(probe, input=PROBE, text=True, capture_output=True)
    return "" if done.returncode == 0 else f"{compiler} has no libFuzzer (Debian: libclang-rt-dev)"


def command(reader, options, folder):
    corpus, findings = folder / "corpus" / reader, folder / "findings" / reader
    for path in (corpus, findings):
        path.mkdir(parents=True, exist_ok=True)
    seeds = SEEDS.get(reader, [f"test/fuzz/seeds/{reader}"])
    words = [str(folder / f"fuzz_{reader}"), f"-max_len={LONGEST[reader]}", f"-artifact_prefix={findings}/", "-print_final_stats=1",
             "-timeout=10", "-rss_limit_mb=4096", "-entropic=0"]
    if options.inputs:
        words.append(f"-runs={options.inputs}")
    if options.seconds:
        words.append(f"-max_total_time={options.seconds}")
    dictionary = FUZZ / f"{reader}.dict"
    if dictionary.exists():
        words.append(f"-dict={dictionary}")
    return words + [str(corpus)] + [path for path in seeds if (ROOT / path).is_dir()]


def figures(output):
    """inputs, edges covered, as libFuzzer says"""
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
    covered = re.findall(r"cov: (\d+) ft: (\d+)", output)
    return (int(runs.group(1)) if runs else 0), (int(covered[-1][0]) if covered else 0), (int(covered[-1][1]) if covered else 0)


def main():
    parser = argparse.ArgumentParser(description="Runs the fuzzers.")
    parser.add_argument("--make", required=True)
    parser.add_argument("--compiler", default="")
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--results")
    parser.add_argument("--inputs", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("readers", nargs="+")
    options = parser.parse_args()
    results = Results("fuzz", options.results)
    why = cannot_fuzz(options.compiler)
    if why:
        results.skip("the readers, fuzzed", why)
        results.finish()
    programs = " ".join(str(options.folder / f"fuzz_{reader}") for reader in options.readers)
    if subprocess.run(f"{options.make} {programs}", shell=True).returncode:
        results.case(False, "the fuzzers are built")
        results.finish()
    for reader in options.readers:
        started = time.monotonic()
        log = options.folder / f"{reader}.log"
        with log.open("w") as out:
            status = subprocess.run(command(reader, options, options.folder), cwd=ROOT, stdout=out, stderr=subprocess.STDOUT).returncode
        output = log.read_text(errors="replace")
        inputs, edges, features = figures(output)
        results.say(f"  {reader}: {inputs} inputs in {time.monotonic() - started:.0f} s, {edges} edges, {features} features")
        results.case(status == 0 and inputs > 0, f"{reader}: nothing that is read breaks it", output[-3000:])
    results.finish()


if __name__ == "__main__":
    main()
