#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Prints bench.json as tables for people, and what has moved since the baseline. That figures move is no failure: the
# exit status is 0. A row that the baseline has and this bench has not is one.
#     report.py BENCH.json BASELINE.json             report.py BENCH.json --write-baseline BASELINE.json

import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import rows
import table


def print_table(header, body):
    body = [list(map(str, cells)) for cells in body]
    widths = [max(len(cells[i]) for cells in [header] + body) for i in range(len(header))]
    for cells in [header] + body:
        print("  ".join([cells[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]).rstrip())


def missing_rows(bench, baseline):
    for name, row in baseline["rows"].items():
        for board in row["boards"]:
            wanted = board in bench["boards"] or board == rows.EVERYWHERE
            if wanted and board not in bench["rows"].get(name, {}).get("boards", {}):
                yield f"{name} on {board}"


def moved_rows(bench, baseline):
    for name, row in bench["rows"].items():
        for board, figure in row["boards"].items():
            old = baseline["rows"].get(name, {}).get("boards", {}).get(board)
            if old is not None and old["value"] != figure["value"]:
                difference = figure["value"] - old["value"]
                yield [f"{row['text']} ({board})", f"{old['value']:g}", f"{figure['value']:g}", f"{difference:+g}",
                       f"{100 * difference / old['value']:+.1f} %" if old["value"] else ""]


def moved_stays(bench, baseline):
    names = table.call_names()
    for cause, stay in bench["stays"].items():
        old = baseline["stays"].get(cause)
        if old is not None and old["stretch"] != stay["stretch"]:
            yield [f"longest stretch: {table.cause_text(cause, names)}", f"{old['stretch']:g}", f"{stay['stretch']:g}",
                   f"{stay['stretch'] - old['stretch']:+g}", f"{100 * (stay['stretch'] / old['stretch'] - 1):+.1f} %"]


def compare(bench, baseline):
    """The exit status."""
    lost = list(missing_rows(bench, baseline))
    moved = list(moved_rows(bench, baseline)) + list(moved_stays(bench, baseline))
    print()
    if moved:
        print("What has moved since the baseline:")
        print_table(["figure", "was", "is", "change", ""], moved)
    else:
        print("Nothing has moved since the baseline.")
    for name in lost:
        print(f"bench: the baseline has {name}, this bench has not", file=sys.stderr)
    return 1 if lost else 0


def main():
    parser = argparse.ArgumentParser(description="Shows what make bench has measured.")
    parser.add_argument("bench")
    parser.add_argument("baseline", nargs="?")
    parser.add_argument("--write-baseline", metavar="FILE")
    options = parser.parse_args()
    if not pathlib.Path(options.bench).exists():
        sys.exit(f"report: {options.bench} is not there; `make bench` makes it")
    bench = json.loads(pathlib.Path(options.bench).read_text())
    if options.write_baseline:
        pathlib.Path(options.write_baseline).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(options.write_baseline).write_text(json.dumps(bench, indent=1) + "\n")
        print(f"report: {options.write_baseline} has what {options.bench} has")
        return
    known = options.baseline and pathlib.Path(options.baseline).exists()
    baseline = json.loads(pathlib.Path(options.baseline).read_text()) if known else None
    if baseline is not None and baseline["schema"] != bench["schema"]:
        print(f"report: {options.baseline} is of schema {baseline['schema']}, this is {bench['schema']}: not compared", file=sys.stderr)
        baseline = None
    figures = rows.figures()
    print(f"Instructions for each operation ({bench['qemu']}; {bench['compiler']})\n")
    print_table(table.header(bench, figures["peers"], True), table.lines(bench, baseline))
    print("\nPeers: " + "; ".join(figures["peers"].values()))
    for name, note in figures["notes"].items():
        print(f"  {bench['rows'][name]['text']}: {note}")
    print("\nIn the kernel, over the conformance suite (instructions)\n")
    print_table(table.STAY_HEADER, table.stay_lines(bench))
    sys.exit(compare(bench, baseline) if baseline else 0)


if __name__ == "__main__":
    main()
