#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Is what `make bench` counts right? The plugin counts a program of known length (known_loop.S) to the instruction, by
# class; and in a real system each instruction of the kernel belongs to a stay in it. Also the short form of the bench:
# the bench system on one board, whose silos check what they do. And does the report tell what moved from what is lost?

import argparse
import concurrent.futures
import copy
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools" / "bench")]
import machines
import measure
import plugin_output
import rows
from results import Results

TURNS = 1000
# Of each class in one turn of known_loop.S, its own two instructions at the end included.
TURN = {"load": 4, "store": 3, "exclusive": 4, "mrs": 1, "msr": 2, "isb": 1, "dsb": 2, "dmb": 3, "tlbi": 1, "cache": 2,
        "exception": 2, "branch": 6, "rest": 4}
TIME_LIMIT = 60
PAIRS_DIFFER = 0.01   # a turn's end more or less


def run_known_loop(options):
    out = pathlib.Path(options.folder) / "known_loop.txt"
    out.unlink(missing_ok=True)
    subprocess.run(["qemu-system-aarch64", "-nodefaults", "-display", "none", "-nic", "none", "-machine", "virt,gic-version=3",
                    "-cpu", "cortex-a72", "-m", "128M", "-icount", "shift=0,sleep=off", "-kernel", options.known_loop,
                    "-plugin", f"{options.plugin},out={out}"], check=True, timeout=TIME_LIMIT, capture_output=True)
    return plugin_output.read(out)


def check_known_loop(options, results):
    try:
        windows = run_known_loop(options).windows
    except (plugin_output.Broken, OSError, subprocess.SubprocessError) as problem:
        results.case(False, "the plugin counts a program of known length", problem)
        return
    first, second, third = (windows.get(row, plugin_output.Window()) for row in (1, 2, 3))
    for kind, count in TURN.items():
        got = first.classes().get(kind, 0)
        results.case(got == count * TURNS, f"known loop: {kind} is counted exactly", f"wanted {count * TURNS}, got {got}")
    unknown = set(first.classes()) - set(TURN)
    results.case(not unknown, "known loop: there is no other class", unknown)
    results.case(first.operations == TURNS and second.operations == TURNS, "a window says its operations", windows)
    longer = second.side("silo") - first.side("silo")
    results.case(longer == TURNS, "one instruction more in each turn is seen", f"{longer} more in {TURNS} turns")
    results.case(3 in windows and third.classes() == {}, "an empty window counts nothing, the markers neither", third)


def run_bench_system(options, folder, system="bench", cores=1):
    folder.mkdir(parents=True, exist_ok=True)
    return machines.run(machines.Kernel(options.kernel), options.plugin, folder, "virt-gicv3",
                        f"{options.systems}/{system}", time_limit=TIME_LIMIT, cores=cores)


def check_windows(output, numbers, results):
    """Is a window of each of these rows there, and all that the kernel ran in it in stays?"""
    for row in numbers:
        window = output.windows.get(row.number)
        results.case(window is not None and window.operations > 0, f"{row.name}: its window is there")
        if window is None:
            continue
        kernel, stays = window.side("kernel"), sum(stay.sum for stay in window.stays.values())
        results.case(kernel == stays, f"{row.name}: each instruction of the kernel belongs to a stay", f"{kernel} and {stays}")


def difference(one, other):
    """In words: each figure that two outputs do not agree on."""
    found = [f"{kind} {key}: {before.get(key)} and {after.get(key)}"
             for kind, before, after in (("row", one.windows, other.windows), ("stays", one.stays, other.stays))
             for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    return found + ([f"start-up: {one.boot} and {other.boot}"] if one.boot != other.boot else [])


def run_twice(options, results, name, *arguments):
    """The output of one of two runs, which must be the same. Both at once: what they count is not time."""
    folders = (pathlib.Path(options.folder), pathlib.Path(options.folder) / "again")
    with concurrent.futures.ThreadPoolExecutor(2) as both:
        output, again = (run[0] for run in both.map(lambda folder: run_bench_system(options, folder, *arguments), folders))
    results.case(output == again, f"{name} agree to the instruction", "\n".join(difference(output, again)))
    return output


def check_cores(options, results):
    """The bench system for several cores: counted for each core by itself, and again the same."""
    try:
        output = run_twice(options, results, "two runs on several cores", "bench_cores", measure.CORES)
    except (plugin_output.Broken, OSError, subprocess.SubprocessError) as problem:
        results.case(False, "the bench system for several cores runs, and its silos find no wrong result", problem)
        return
    results.case(True, "the bench system for several cores runs, and its silos find no wrong result")
    counted = {kind: [row for row in rows.all_rows() if row.counted == kind] for kind in ("cores", "pairs", "beside")}
    check_windows(output, counted["cores"] + counted["pairs"] + counted["beside"], results)
    for row in counted["cores"]:
        window = output.windows.get(row.number, plugin_output.Window())
        results.case(window.side_elsewhere("silo") > 0, f"{row.name}: a silo on another core works for it", window)
        results.case(window.spinning < window.operations, f"{row.name}: no core waits for another in it", window)
    spinning = sum(output.windows[row.number].spinning for row in counted["cores"] if row.number in output.windows)
    results.case(spinning > 0, "what waits all the same is told apart", spinning)
    for row in counted["pairs"]:
        each = output.windows.get(row.number, plugin_output.Window()).each
        results.case(each and max(each) / min(each) < 1 + PAIRS_DIFFER, f"{row.name}: no pair takes more than another", each)


def check_system(options, results):
    try:
        output = run_twice(options, results, "two runs")
    except (plugin_output.Broken, OSError, subprocess.SubprocessError) as problem:
        results.case(False, "the bench system runs, and its silos find no wrong result", problem)
        return
    results.case(True, "the bench system runs, and its silos find no wrong result")
    elsewhere = ("cores", "pairs", "streams", "beside")
    check_windows(output, [row for row in rows.all_rows() if row.number and row.counted not in elsewhere
                           and not row.name.startswith("CallAmong")], results)
    results.case(output.boot > 0, "the way from the kernel's first instruction to a silo's first is counted")
    nulls = output.stays.get("call.0", plugin_output.Stays())
    results.case(nulls.shortest == nulls.longest > 0, "each null call takes as many instructions as the next", nulls)


def report(bench, baseline, folder):
    """Exit status and output of report.py."""
    paths = []
    for name, content in (("bench", bench), ("baseline", baseline)):
        paths.append(pathlib.Path(folder) / f"report_{name}.json")
        paths[-1].write_text(json.dumps(content))
    done = subprocess.run([ROOT / "tools" / "bench" / "report.py", *paths], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def check_report(options, results):
    """What is shown against the baseline, with the committed one as an example."""
    baseline = json.loads((ROOT / "test" / "bench" / "baseline.json").read_text())
    status, said = report(baseline, baseline, options.folder)
    results.case(status == 0 and "Nothing has moved" in said, "the report says that nothing has moved", said)
    moved = copy.deepcopy(baseline)
    moved["rows"]["NullCall"]["boards"]["virt-gicv3"]["value"] += 3
    status, said = report(moved, baseline, options.folder)
    results.case(status == 0 and re.search(r"null call \(virt-gicv3\) .*\+3 ", said), "a figure that moved is shown, and no failure", said)
    lost = copy.deepcopy(baseline)
    del lost["rows"]["NullCall"]["boards"]["virt-gicv3"]
    status, said = report(lost, baseline, options.folder)
    results.case(status == 1 and "NullCall on virt-gicv3" in said, "a row that is gone is a failure", said)
    empty = [row.name for row in rows.all_rows() if row.counted != "absent" and not baseline["rows"].get(row.name, {}).get("boards")]
    results.case(not empty, "the baseline has a figure for each row", empty)


def main():
    parser = argparse.ArgumentParser(description="Checks what make bench counts.")
    for name in ("kernel", "plugin", "folder", "systems", "known-loop", "results"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    results = Results("bench", options.results)
    check_known_loop(options, results)
    check_system(options, results)
    check_cores(options, results)
    check_report(options, results)
    results.finish()


if __name__ == "__main__":
    main()
