#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs everything that `make bench` measures and writes bench.json: for each row and board the figure, with the
# instructions by class and by side (kernel, silos), and for each cause of a stay in the kernel its longest. Ends with
# status 1 if a run fails, a silo finds a wrong result, or a row has no figure.

import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import machines
import plugin_output
import rows

SCHEMA = 1
SCALED_BOARD = "virt-gicv3"   # what more silos cost is the same on each board
SUITE_SHIFT = 5
CORES = 4                     # of the system bench_cores
STREAM_CORES = 8              # of the system bench_streams, which no other board has
AT_ONCE = 2


def arguments():
    parser = argparse.ArgumentParser(description="Measures what make bench shows.")
    for name in ("kernel", "plugin", "folder", "systems", "tool-prefix", "objects", "boards", "scales", "suite", "output"):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def first_line(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0]


def cores_figure(window):
    """The figure of a row between cores: what all of them ran while the window was open on one of them. Spinning for the
    lock is not in it: it says how the emulator takes turns with the cores, and not how long the operation is."""
    here, there = (sum(side(name) for name in ("kernel", "silo")) for side in (window.side, window.side_elsewhere))
    kernel = window.side("kernel") + window.side_elsewhere("kernel") - window.spinning
    parts = {"value": here + there - window.spinning, "kernel": kernel, "silo": here + there - window.spinning - kernel,
             "here": here, "there": there, "spinning": window.spinning}
    return {name: round(count / window.operations, 2) for name, count in parts.items()} | {"operations": window.operations}


def pairs_figure(window):
    """The figure of a row of silos side by side: the mean over their windows, with the least and the most of them."""
    parts = {"value": window.side("kernel") + window.side("silo"), "kernel": window.side("kernel"), "silo": window.side("silo")}
    return {name: round(count / window.operations, 2) for name, count in parts.items()} | {
        "operations": window.operations, "least": round(min(window.each), 2), "most": round(max(window.each), 2)}


def operation_figure(row, window):
    """The figure of a row that has a window."""
    if window.side("kernel") != sum(stays.sum for stays in window.stays.values()):
        raise plugin_output.Broken(f"{row.name}: not every instruction of the kernel belongs to a stay")
    if row.counted in ("cores", "streams"):
        return cores_figure(window)
    if row.counted == "pairs":
        return pairs_figure(window)
    if row.counted in ("window", "kernel", "beside"):
        stays, whole = None, window.side("kernel") + (window.side("silo") if row.counted == "window" else 0)
        value, operations = whole / window.operations, window.operations
    else:
        prefix = "interrupt" if row.counted == "interrupt" else "exception."
        stays = plugin_output.Stays()
        for cause, some in window.stays.items():
            if cause.startswith(prefix):
                stays.add(some)
        if stays.count < window.operations:
            raise plugin_output.Broken(f"{row.name}: {stays.count} stays for {window.operations} operations")
        value, operations = stays.sum / stays.count, stays.count
    figure = {"value": round(value, 2), "operations": operations}
    if stays is None:
        figure["kernel"] = round(window.side("kernel") / operations, 2)
        figure["silo"] = round(window.side("silo") / operations, 2)
        figure["classes"] = {kind: round(count / operations, 2) for kind, count in sorted(window.classes().items())}
    return figure


class Measurement:
    """What has been measured so far; becomes bench.json."""

    def __init__(self, options):
        self.options = options
        self.kernel = machines.Kernel(options.kernel)
        self.values = {row.name: {} for row in rows.all_rows()}
        self.stays, self.wrong = {}, []

    def put(self, name, board, value, **more):
        self.values[name][board] = {"value": value} | more

    def run(self, board, system, **more):
        return machines.run(self.kernel, self.options.plugin, self.options.folder, board, f"{self.options.systems}/{system}", **more)

    def take_windows(self, board, output):
        for row in rows.all_rows():
            if row.number in output.windows:
                self.values[row.name][board] = operation_figure(row, output.windows[row.number])

    def measure_board(self, board):
        output, _ = self.run(board, "bench")
        self.take_windows(board, output)
        both = [self.values[name][board] for name in ("StreamSend", "StreamReceive")]
        self.put("StreamBoth", board, round(sum(figure["value"] for figure in both), 2),
                 kernel=round(sum(figure["kernel"] for figure in both), 2))
        self.put("BootBench", board, output.boot)
        if board.startswith("virt"):   # on the other board start-up is measured with the bench's card alone
            small, _ = self.run(board, "hello")
            self.put("Boot", board, small.boot)

    def measure_cores(self, board):
        output, _ = self.run(board, "bench_cores", cores=CORES)
        self.take_windows(board, output)

    def measure_streams(self, board):
        output, _ = self.run(board, "bench_streams", cores=STREAM_CORES)
        self.take_windows(board, output)

    def measure_scale(self, silos):
        output, _ = self.run(SCALED_BOARD, f"bench_{silos}")
        self.take_windows(SCALED_BOARD, output)

    def measure_memory(self):
        _, lines = self.run(SCALED_BOARD, "bench_small")
        found = [int(match[1]) for line in lines if (match := re.match(r"granary: kernel memory: (\d+) KiB", line))]
        sections = self.kernel.sections(self.options.tool_prefix)
        self.put("TextBytes", rows.EVERYWHERE, sections[".text"])
        statics = sum(sections[name] for name in (".data", ".bss", ".noinit"))
        self.put("KernelMemory16Silos", rows.EVERYWHERE, found[0] * 1024 + statics, arena=found[0] * 1024, statics=statics)

    def measure_objects(self):
        listed = subprocess.run([f"{self.options.tool_prefix}nm", "-S", self.options.objects], check=True,
                                capture_output=True, text=True).stdout
        sizes = {words[3]: int(words[1], 16) for words in map(str.split, listed.splitlines()) if len(words) == 4}
        message = sizes["queued_message"]
        for name, size in (("BytesPerThread", sizes["thread_record"]), ("BytesPerPort", sizes["port_object"] + 16 * message),
                           ("BytesPerChannel", sizes["channel_object"]), ("BytesPerMessage", message),
                           ("BytesPerCapability", sizes["capability_slot"]), ("BytesPerSilo", sizes["silo_record"])):
            self.put(name, rows.EVERYWHERE, size)

    def measure_suite(self, system):
        """The longest stays in the kernel while the conformance suite runs."""
        output, _ = self.run(SCALED_BOARD, system, shift=SUITE_SHIFT)
        return system, output.stays

    def take_suite(self, suite):
        for system, stays in suite:
            for cause, some in stays.items():
                known = self.stays.setdefault(cause, {"count": 0, "longest": 0, "stretch": 0})
                if some.stretch > known["stretch"]:
                    known["system"] = system
                known["count"] += some.count
                known["longest"] = max(known["longest"], some.longest)
                known["stretch"] = max(known["stretch"], some.stretch)
        for name, what, traced in (("LongestStretch", "stretch", False), ("LongestStay", "longest", False),
                                   ("LongestStretchTraced", "stretch", True)):
            causes = [cause for cause in self.stays if cause.startswith("traced.") == traced]
            if causes and len(suite) == len(self.options.suite.split()):   # of a part it would be too little
                cause = max(causes, key=lambda key: self.stays[key][what])
                self.put(name, SCALED_BOARD, self.stays[cause][what], cause=cause)

    def measure_all(self):
        options = self.options
        jobs = [(self.measure_board, board) for board in reversed(options.boards.split())]   # the slowest first
        jobs += [(self.measure_cores, board) for board in options.boards.split()]
        jobs += [(self.measure_streams, board) for board in options.boards.split() if board.startswith("virt")]
        jobs += [(self.measure_scale, scale.split(":")[0]) for scale in options.scales.split()]
        jobs += [(self.measure_memory,), (self.measure_objects,)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            ordinary = [pool.submit(*job) for job in jobs]
            suite = [pool.submit(self.measure_suite, system) for system in options.suite.split()]
            stays = [found for future in suite if (found := self.outcome(future)) is not None]
            for future in ordinary:
                self.outcome(future)
        self.take_suite(stays)
        self.wrong += [f"{row.name}: it has no figure" for row in rows.all_rows()
                       if row.counted != "absent" and not self.values[row.name]]

    def outcome(self, future):
        try:
            return future.result()
        except (plugin_output.Broken, OSError, KeyError, subprocess.SubprocessError) as problem:
            self.wrong.append(f"{type(problem).__name__}: {problem}")
            return None

    def as_json(self):
        options = self.options
        return {
            "schema": SCHEMA,
            "qemu": first_line("qemu-system-aarch64", "--version"),
            "compiler": first_line(f"{options.tool_prefix}g++", "--version"),
            "boards": options.boards.split(),
            "rows": {row.name: {"text": row.text, "unit": row.unit, "boards": self.values[row.name]} for row in rows.all_rows()},
            "stays": dict(sorted(self.stays.items())),
        }


def main():
    options = arguments()
    pathlib.Path(options.folder).mkdir(parents=True, exist_ok=True)
    measurement = Measurement(options)
    measurement.measure_all()
    pathlib.Path(options.output).write_text(json.dumps(measurement.as_json(), indent=1) + "\n")
    for problem in measurement.wrong:
        print(f"bench: {problem}", file=sys.stderr)
    sys.exit(1 if measurement.wrong else 0)


if __name__ == "__main__":
    main()
