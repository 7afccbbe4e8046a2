# SPDX-License-Identifier: Apache-2.0
#
# The rows of the table: those that a loop in a silo measures (silos/bench/rows.def), and those that are read off the
# whole run or the linked kernel. Goals and the peers' figures are in figures.json beside this file.

import dataclasses
import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent
DEFINITIONS = FOLDER.parents[1] / "silos" / "bench" / "rows.def"
ROW = re.compile(r'^ROW\((\w+), (\d+), (\w+), "([^"]*)"\)$', re.MULTILINE)
EVERYWHERE = "any"   # the board of a figure that no board changes


@dataclasses.dataclass
class Row:
    name: str
    text: str
    unit: str = "instructions"
    number: int = 0            # in X19 where its window opens; 0: no window of its own
    counted: str = "derived"   # as in rows.def, or derived, absent


# Where each is shown: behind the row that is named first.
DERIVED = [
    ("StreamReceive", Row("StreamBoth", "stream, per 64-byte message, both sides together")),
]
AT_THE_END = [
    Row("LongestStretch", "longest stretch in the kernel without a look for interrupts"),
    Row("LongestStretchTraced", "the same while the core traces"),
    Row("LongestStay", "longest stay in the kernel, from a vector to the ERET"),
    Row("Boot", "the kernel's first instruction to a silo's first, two silos"),
    Row("BootBench", "the same with the nine silos of the bench"),
    Row("TextBytes", "kernel .text", "bytes"),
    Row("KernelMemory16Silos", "kernel memory for 16 silos", "bytes"),
    Row("BytesPerThread", "a thread, without its page of messages", "bytes"),
    Row("BytesPerPort", "a port, with its 16 queued messages", "bytes"),
    Row("BytesPerChannel", "a SyncChan, without its messages", "bytes"),
    Row("BytesPerMessage", "a queued message", "bytes"),
    Row("BytesPerCapability", "a capability", "bytes"),
    Row("BytesPerSilo", "a silo's record", "bytes"),
]


def all_rows():
    """In the order of the table."""
    rows = [Row(name, text, "instructions", int(number), counted)
            for name, number, counted, text in ROW.findall(DEFINITIONS.read_text())]
    for before, row in DERIVED:
        place = next(i for i, other in enumerate(rows) if other.name == before)
        rows.insert(place + 1, row)
    return rows + AT_THE_END


def figures():
    """Goals, the peers' figures with what they are figures of, and notes."""
    return json.loads((FOLDER / "figures.json").read_text())
