#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs the rows of test/qemu/rows.py, two machines at a time, and judges each: how it ended, the console lines it
# needs and forbids, and every check that its silos reported (`ok N - text`, with a plan `1..N` that must be kept).
# One case for each row and one for each check. The console of each row stays in build/test/qemu/ROW.txt.

import argparse
import concurrent.futures
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "test" / "qemu")]
import rows
import run_qemu
from results import Results

AT_ONCE = 2
VIRTUAL_TIME = "-icount shift={},sleep=off"  # 2^shift ns for each instruction; with every core waiting, on to the next timer
CHECK = re.compile(r"^\[(?P<silo>\w+)\] (?P<kind>ok|not ok) (?P<number>\d+) - (?P<text>.*)$")
PLAN = re.compile(r"^\[(?P<silo>\w+)\] 1\.\.(?P<count>\d+)$")


def file_name(row):
    return re.sub(r"[^a-z0-9]+", "_", row.name.lower()).strip("_")


def system_folder(row, build):
    return f"{build}/systems/{row.system}"


def targets(row, build):
    """What make has to have made before this row can run."""
    kernel = f"{build}/kernel/granary.img"
    if "core_files" in row.bootargs:
        return [kernel, f"{build}/tools/granary", f"{system_folder(row, build)}/system.img"]
    if not row.system:
        return [kernel]
    folder = system_folder(row, build)
    return [kernel, f"{folder}/sdcard-once.img" if (row.board, row.boot) == ("raspi4b", "uboot") else f"{folder}/system.img"]


def build_all(all_rows, options):
    """{target: why it could not be made}; empty if all is well."""
    wanted = sorted({target for row in all_rows for target in targets(row, options.build)})
    if subprocess.run(f"{options.make} -k {shlex.join(wanted)}", shell=True).returncode == 0:
        return {}
    broken = {}
    for target in wanted:
        done = subprocess.run(f"{options.make} {target}", shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            broken[target] = "\n".join(done.stdout.splitlines()[-6:])
    return broken


def machine_options(row, build, folder):
    arguments = ["--board", row.board, "--boot", row.boot, "--cpu", row.cpu, "--gic", str(row.gic), "--smp", str(row.smp),
                 "--memory", row.memory, "--machine", row.machine, "--once", "--time-limit", str(row.time_limit),
                 "--kernel", targets(row, build)[0], "--bootargs", row.bootargs]
    if row.system:
        arguments += ["--system", system_folder(row, build) + "/system.img",
                      "--sdcard", system_folder(row, build) + "/sdcard-once.img"]
    if not row.real_time:
        arguments.append(f"--qemu-extra={VIRTUAL_TIME.format(row.shift)}")
    options = run_qemu.arguments_parser().parse_args(arguments)
    options.outside = row.prepare(row, options, folder) if row.prepare else None
    return options


def check_reports(row, lines, results):
    """A case for each check line, and one for each silo that broke its plan."""
    seen, plans = {}, {}
    for line in lines:
        check, plan = CHECK.match(line), PLAN.match(line)
        if check:
            seen.setdefault(check["silo"], []).append(int(check["number"]))
            results.case(check["kind"] == "ok", f"{row.name}: [{check['silo']}] {check['text']}", line)
        elif plan:
            plans[plan["silo"]] = int(plan["count"])
    for silo, numbers in seen.items():
        if len(numbers) != plans.get(silo):
            results.case(False, f"{row.name}: [{silo}] makes all the checks it planned",
                         f"{len(numbers)} checks, plan: {plans.get(silo, 'none')}")


def run_row(row, options, broken, results):
    for target in targets(row, options.build):
        if target in broken:
            results.case(False, row.name, f"{target} could not be made:\n{broken[target]}")
            return
    with tempfile.TemporaryDirectory(prefix="granary-row-") as folder:
        try:
            machine = machine_options(row, options.build, folder)
            run = run_qemu.Run(machine, lambda data: None)
            run.POWER_OFF_TIME = 10 if row.powers_off else 0
            run.typed = list(row.typed)
            status = run.run()
        except (OSError, ValueError, subprocess.SubprocessError) as problem:
            results.case(False, row.name, f"it could not be started: {problem}")
            return
        lines = run.console.lines + ([run.console.rest.decode("utf-8", "replace")] if run.console.rest else [])
        wrong = machine.outside.finish(lines) if machine.outside else []
    transcript = pathlib.Path(options.build) / "test" / "qemu" / f"{file_name(row)}.txt"
    transcript.write_text("".join(line + "\n" for line in lines))

    if status != row.status:
        wrong.append(f"wanted status {row.status}, got {status}: {run.reason}")
    if run.typed:
        wrong.append(f"nothing was printed that matches {run.typed[0][0]}, so {len(run.typed)} pieces were not typed")
    if status == row.status == rows.PASSED and row.powers_off and not run.powered_off:
        wrong.append("the machine did not end by itself after the verdict")
    if row.ends_by_itself and not run.powered_off:
        wrong.append("the machine did not end by itself")
    wrong += [f"no line matches: {pattern}" for pattern in row.needs if not any(re.search(pattern, line) for line in lines)]
    wrong += [f"forbidden: {line}" for pattern in row.forbids for line in lines if re.search(pattern, line)]
    if wrong:
        wrong += [f"its last lines ({transcript}):"] + [f"  {line}" for line in lines[-8:]]
    results.case(not wrong, row.name, "\n".join(wrong))
    if not wrong:
        results.say(f"  ok       {row.name}")
    if row.counts_reports:
        check_reports(row, lines, results)


def main():
    parser = argparse.ArgumentParser(description="Runs systems in QEMU.")
    parser.add_argument("--make", required=True)
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="", help="only rows whose name contains this")
    parser.add_argument("--long", action="store_true", help="rows.long_rows(), and only these")
    parser.add_argument("--results")
    options = parser.parse_args()
    results = Results("qemu", options.results)
    chosen = [row for row in (rows.long_rows() if options.long else rows.all_rows()) if options.only in row.name]
    if not chosen:
        sys.exit(f"run_qemu_rows: no row has `{options.only}` in its name")
    broken = build_all(chosen, options)
    (pathlib.Path(options.build) / "test" / "qemu").mkdir(parents=True, exist_ok=True)
    in_real_time = [row for row in chosen if row.real_time]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        others = [row for row in chosen if not row.real_time]
        for future in [pool.submit(run_row, row, options, broken, results) for row in others]:
            future.result()
    # On the wall's clock a machine with several cores must not wait for the host's.
    for row in in_real_time:
        run_row(row, options, broken, results)
    results.finish()


if __name__ == "__main__":
    main()
