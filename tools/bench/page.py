#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Puts the figures of a bench.json into docs/benchmarks.md and docs/comparison.md, between their markers, into the sentences
# of all pages that have one between <!-- figure: ROW BOARD --> (or ROW BOARD kernel) and <!-- /figure -->, and draws
# docs/pictures/bench_*.svg.
#     page.py BENCH.json [--check]       --check changes nothing; status 1 if something is not up to date

import argparse
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import plot
import rows
import table

DOCS = rows.FOLDER.parents[1] / "docs"
BOARD = "virt-gicv3"   # of the tables and plots that are of one board
GRANARY = "#1f5fa8"
PEERS = {"sel4_el2": ("seL4, EL2", "#b5483b"), "sel4_el1": ("seL4, EL1", "#d08b3f"), "nova_el2": ("NOVA, EL2", "#5b8a3a")}
SCALES = (2, 16, 64, 250)


def markdown(header, body):
    yield "| " + " | ".join(header) + " |"
    yield "|---|" + "--:|" * (len(header) - 1)
    for cells in body:
        yield "| " + " | ".join(cells) + " |"


def figures_block(bench):
    figures = rows.figures()
    yield from markdown(table.header(bench, figures["peers"], False), table.lines(bench, with_change=False))
    yield ""
    yield "Measured with " + bench["qemu"].replace("QEMU emulator version", "QEMU") + ", " + bench["compiler"] + "."
    yield "Peers: " + "; ".join(figures["peers"].values()) + "."
    yield ""
    for name, note in figures["notes"].items():
        yield f"- {bench['rows'][name]['text']}: {note}"


def classes_block(bench):
    yield from markdown(*table.class_lines(bench, BOARD))


def stays_block(bench):
    yield from markdown(table.STAY_HEADER, table.stay_lines(bench))


def cores_block(bench):
    yield from markdown(table.CORES_HEADER, table.cores_lines(bench, BOARD))


def pairs_block(bench):
    yield from markdown(table.PAIRS_HEADER, table.pairs_lines(bench, BOARD))


def comparison_block(bench):
    figures = rows.figures()["rows"]
    names = ("CallFourWords", "CallEightWords", "CallWithFloatingPoint", "NullCall", "NotifyUrgentWaiter")
    texts = {row.name: row.text for row in rows.all_rows()}
    yield from markdown(["", "seL4", "NOVA", "Granary"],
                        ([texts[name]] + [table.number(figures[name].get(peer)) or "-" for peer in ("sel4_el2", "nova_el2")]
                         + [table.number(table.value_on(bench, name, BOARD))] for name in names))


PAGES = {
    DOCS / "benchmarks.md": {"figures": figures_block, "cores": cores_block, "pairs": pairs_block, "classes": classes_block,
                             "stays": stays_block},
    DOCS / "comparison.md": {"comparison": comparison_block},
}


FIGURE = re.compile(r"(<!-- figure: (\w+) ([\w-]+)(?: (\w+))? -->)[^<]*(<!-- /figure -->)")


def with_figures(page, bench):
    """Those in sentences; `any` is the board of sizes, `stretch` that of an entry of the table of stays."""
    def put(mark):
        name, board, field = mark[2], mark[3], mark[4] or "value"
        try:
            value = bench["stays"][name]["stretch"] if board == "stretch" else bench["rows"][name]["boards"][board][field]
        except KeyError:
            sys.exit(f"page: there is no such figure: {mark[1]}")
        return f"{mark[1]}{round(value):,}{mark[5]}"
    return FIGURE.sub(put, page)


def filled(path, bench):
    page = with_figures(path.read_text(), bench)
    for name, block in PAGES.get(path, {}).items():
        begin, end = f"<!-- generated: {name} -->\n", f"<!-- end of generated: {name} -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            sys.exit(f"page: {path.name} has no markers for `{name}`")
        page = before + begin + "\n".join(block(bench)) + "\n" + end + after
    return page


def words_plot(bench):
    figures = rows.figures()["rows"]
    drawing = plot.Plot("Call and reply between two silos: instructions, by words of the message", "words in the message", ["4", "8"])
    drawing.add("Granary", GRANARY, [table.value_on(bench, name, BOARD) for name in ("CallFourWords", "CallEightWords")])
    for peer, (name, colour) in PEERS.items():
        drawing.add(name, colour, [figures["CallFourWords"].get(peer), figures["CallEightWords"].get(peer)])
    return drawing.svg()


def silos_plot(bench):
    figures = rows.figures()["rows"]
    drawing = plot.Plot("Call and reply, 4 words, 4096 capabilities: instructions, by silos in the system",
                        "silos in the system (the peers: as measured with two address spaces)", SCALES)
    drawing.add("Granary", GRANARY, [table.value_on(bench, f"CallAmong{silos}Silos", BOARD) for silos in SCALES])
    for peer, (name, colour) in PEERS.items():
        drawing.add(name, colour, figures["CallFourWords"][peer], everywhere=True)
    return drawing.svg()


def main():
    parser = argparse.ArgumentParser(description="Puts figures into docs/benchmarks.md and docs/comparison.md.")
    parser.add_argument("bench")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    bench = json.loads(pathlib.Path(options.bench).read_text())
    pages = [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]
    wanted = {path: filled(path, bench) for path in pages} | {
              DOCS / "pictures" / "bench_words.svg": words_plot(bench),
              DOCS / "pictures" / "bench_silos.svg": silos_plot(bench)}
    old = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if options.check:
        for path in old:
            print(f"page: {path.relative_to(DOCS.parent)} is not what {options.bench} gives; `make bench-page` makes it anew")
        sys.exit(1 if old else 0)
    for path in old:
        path.write_text(wanted[path])


if __name__ == "__main__":
    main()
