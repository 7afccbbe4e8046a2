# SPDX-License-Identifier: Apache-2.0
#
# bench.json as a table: the cells as text, the same for the terminal (report.py) and for the documentation (page.py),
# and what has moved against another bench.json.

import re

import rows

CLASS_ORDER = "load store branch mrs msr isb dsb dmb tlbi cache exclusive exception rest".split()


def number(value):
    """A figure for people: whole numbers with a space between thousands, small ones with a digit behind the point."""
    if value is None:
        return ""
    if value < 100 and value != int(value):
        return f"{value:.1f}"
    return f"{round(value):,}".replace(",", " ")


def value_on(bench, name, board):
    """The figure of a row on a board, or wherever it was measured if no board changes it; None if there is none."""
    boards = bench["rows"].get(name, {}).get("boards", {})
    return boards.get(board, boards.get(rows.EVERYWHERE, {})).get("value")


def some_board(bench, name, key):
    """What a row says under `key` on the board where it says most: the last of the list that has it."""
    found = [figure[key] for figure in bench["rows"].get(name, {}).get("boards", {}).values() if key in figure]
    return found[-1] if found else None


def change(bench, baseline, name):
    """`+3 (+1.2 %)` for the board that moved furthest, `=` if none moved, `new` without a baseline."""
    boards = bench["rows"].get(name, {}).get("boards", {})
    if baseline is None or name not in baseline["rows"]:
        return "new" if boards else ""
    moves = []
    for board, figure in boards.items():
        old = baseline["rows"][name]["boards"].get(board)
        if old is None:
            return "new"
        moves.append((figure["value"] - old["value"], old["value"]))
    if not moves:
        return ""
    moved, old = max(moves, key=lambda move: abs(move[0]))
    if moved == 0:
        return "="
    share = f" ({100 * moved / old:+.1f} %)" if old else ""
    return f"{moved:+.10g}{share}" if moved == int(moved) else f"{moved:+.2f}{share}"


def header(bench, peers, with_change):
    """`peers`: what figures.json says of each, which begins with the name and ends with `, EL2` or `, EL1`."""
    cells = ["operation", "goal"] + bench["boards"] + ["of it kernel"] + (["change"] if with_change else [])
    return cells + [f"{text.split(' ')[0]} {text.split(', ')[-1]}" for text in peers.values()]


def lines(bench, baseline=None, with_change=True):
    """The cells of each row."""
    figures = rows.figures()
    for row in rows.all_rows():
        mine = figures["rows"].get(row.name, {})
        text = row.text + (" (bytes)" if row.unit == "bytes" else "")
        cells = [text, number(mine.get("goal"))]
        if row.counted == "absent":
            cells += ["not yet"] * len(bench["boards"]) + [""] + ([""] if with_change else [])
        else:
            cells += [number(value_on(bench, row.name, board)) for board in bench["boards"]]
            cells.append(number(some_board(bench, row.name, "kernel")))
            cells += [change(bench, baseline, row.name)] if with_change else []
        yield cells + [number(mine.get(peer)) for peer in figures["peers"]]


def class_lines(bench, board):
    """(header, rows of cells): instructions by class, for the rows that have a window."""
    named = [row for row in rows.all_rows() if "classes" in bench["rows"].get(row.name, {}).get("boards", {}).get(board, {})]
    used = [kind for kind in CLASS_ORDER
            if any(kind in bench["rows"][row.name]["boards"][board]["classes"] for row in named)]
    body = []
    for row in named:
        classes = bench["rows"][row.name]["boards"][board]["classes"]
        body.append([row.text] + [number(classes.get(kind)) for kind in used])
    return ["operation"] + used, body


CORES_HEADER = ["operation", "all cores", "of it kernel", "core of the window, spinning too", "other cores, spinning too", "spinning"]
PAIRS_HEADER = ["operation of each pair", "mean", "least", "most"]


def counted_lines(bench, board, counted, keys):
    """The figures with these keys of the rows that are counted in one of these ways."""
    for row in rows.all_rows():
        figure = bench["rows"].get(row.name, {}).get("boards", {}).get(board)
        if row.counted in counted and figure is not None:
            yield [row.text] + [f"{figure[key]:.1f}" if 0 < figure[key] < 1000 else number(figure[key]) for key in keys]


def cores_lines(bench, board):
    return counted_lines(bench, board, ("cores", "streams"), ("value", "kernel", "here", "there", "spinning"))


def pairs_lines(bench, board):
    return counted_lines(bench, board, ("pairs",), ("value", "least", "most"))


def call_names():
    """{number: name} of the system calls."""
    text = (rows.FOLDER.parents[1] / "ipc" / "abi" / "syscalls.def").read_text()
    return {int(number): name for number, name in re.findall(r"^SYSTEM_CALL\((\d+), (\w+),", text, re.MULTILINE)}


# Classes of ESR_EL2.
EXCEPTIONS = {"0x1": "wait instruction of a silo", "0x7": "first use of floating point", "0": "fault: unknown instruction",
              "0x18": "fault: system register", "0x20": "fault: fetch", "0x22": "fault: program counter",
              "0x24": "fault: load or store", "0x26": "fault: stack pointer", "0x3c": "fault: breakpoint instruction"}


def cause_text(cause, names):
    if cause.startswith("traced."):
        return cause_text(cause.removeprefix("traced."), names) + ", traced"
    if cause.startswith("call."):
        return names.get(int(cause[5:]), cause) if cause[5:].isdigit() else "unknown call"
    if cause.startswith("exception."):
        return EXCEPTIONS.get(cause[10:], f"exception of class {cause[10:]}")
    return {"interrupt": "interrupt while a silo runs", "idle": "interrupt while the core is idle"}[cause]


def stay_lines(bench):
    """Causes of stays with their longest, the worst first."""
    names = call_names()
    for cause, stay in sorted(bench["stays"].items(), key=lambda item: (-item[1]["stretch"], item[0])):
        yield [cause_text(cause, names), number(stay["stretch"]), number(stay["longest"]), number(stay["count"]), stay.get("system", "")]


STAY_HEADER = ["entry", "longest stretch", "longest stay", "how many", "worst in"]
