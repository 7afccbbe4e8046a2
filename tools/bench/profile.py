#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Which functions of the kernel an operation runs through, and with how many instructions: a row of the bench system, by
# its name in silos/bench/rows.def or a part of its text.

import argparse
import bisect
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import machines
import measure
import plugin_output
import rows


def find_row(wanted):
    found = [row for row in rows.all_rows() if row.number and (row.name == wanted or wanted.lower() in row.text.lower())]
    if not found:
        names = " ".join(row.name for row in rows.all_rows() if row.number)
        sys.exit(f"profile: no row is called `{wanted}`; there are {names}")
    return found[0]


def by_function(kernel, profile):
    """{function: instructions}"""
    symbols = sorted((address, name) for name, address in kernel.symbols.items()
                     if address >= machines.KERNEL_BASE and not name.startswith("$"))
    addresses = [address for address, _ in symbols]
    sums = {}
    for address, count in profile.items():
        name = symbols[bisect.bisect_right(addresses, address) - 1][1]
        sums[name] = sums.get(name, 0) + count
    return sums


def main():
    parser = argparse.ArgumentParser(description="Instructions of an operation by function of the kernel.")
    for name in ("kernel", "plugin", "folder", "systems", "row"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    row, kernel = find_row(options.row), machines.Kernel(options.kernel)
    if row.counted == "pairs":
        sys.exit(f"profile: {row.name} has several windows at a time; CallFourWords and ChannelPingPong are the same on one core")
    system, cores = {"cores": ("bench_cores", measure.CORES), "beside": ("bench_cores", measure.CORES),
                     "streams": ("bench_streams", measure.STREAM_CORES)}.get(row.counted, ("bench", 1))
    try:
        output, _ = machines.run(kernel, options.plugin, options.folder, "virt-gicv3", f"{options.systems}/{system}",
                                 more=f",profile={row.number}", cores=cores)
    except plugin_output.Broken as problem:
        sys.exit(f"profile: {problem}")
    window = output.windows[row.number]
    ran = window.side("kernel") + (window.side_elsewhere("kernel") if cores > 1 else 0)
    if sum(output.profile.values()) != ran:
        sys.exit("profile: the functions together are not what the kernel ran")
    print(f"{row.text}: {ran / window.operations:.1f} instructions of the kernel for each operation")
    for name, count in sorted(by_function(kernel, output.profile).items(), key=lambda item: -item[1]):
        print(f"{count / window.operations:10.1f}  {name}")


if __name__ == "__main__":
    main()
