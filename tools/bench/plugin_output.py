# SPDX-License-Identifier: Apache-2.0
#
# What the plugin (counter.c) has written, as values: windows summed up by row, stays in the kernel by cause. A file
# without its last line, or with an error in it, is refused: a run that was cut off measures nothing.

import dataclasses
import pathlib


class Broken(Exception):
    """The output cannot be used; the text says why."""


@dataclasses.dataclass
class Stays:
    """Stays in the kernel that had one cause."""
    count: int = 0
    sum: int = 0
    shortest: int = 0
    longest: int = 0
    stretch: int = 0   # the longest part without a look for interrupts

    def add(self, other):
        self.shortest = min(self.shortest, other.shortest) if self.count else other.shortest
        self.longest = max(self.longest, other.longest)
        self.stretch = max(self.stretch, other.stretch)
        self.count += other.count
        self.sum += other.sum


@dataclasses.dataclass
class Window:
    """All windows of one row."""
    operations: int = 0
    counts: dict = dataclasses.field(default_factory=dict)      # "kernel.load": instructions
    elsewhere: dict = dataclasses.field(default_factory=dict)   # the same on the other processors, meanwhile
    spinning: int = 0                                           # how many of both only spun for the lock
    each: list = dataclasses.field(default_factory=list)        # instructions of an operation in each of the windows
    stays: dict = dataclasses.field(default_factory=dict)    # cause: Stays

    def side(self, name):
        return sum(count for place, count in self.counts.items() if place.startswith(name + "."))

    def side_elsewhere(self, name):
        return sum(count for place, count in self.elsewhere.items() if place.startswith(name + "."))

    def classes(self):
        sums = {}
        for place, count in self.counts.items():
            kind = place.split(".")[1]
            sums[kind] = sums.get(kind, 0) + count
        return {kind: count for kind, count in sums.items() if count}


@dataclasses.dataclass
class Output:
    windows: dict   # row number: Window
    stays: dict     # cause: Stays
    profile: dict   # address of an instruction of the kernel: how often it ran in windows of one row
    boot: int       # instructions from the kernel's first to a silo's first; 0: not seen


def numbers_of(fields):
    return {name: int(text) for name, text in fields.items() if name not in ("row", "cause")}


def add_counts(sums, counts):
    for place, count in counts.items():
        sums[place] = sums.get(place, 0) + count


def read(path):
    """The Output in a file of the plugin."""
    lines = pathlib.Path(path).read_text().splitlines() if pathlib.Path(path).exists() else []
    if not lines or lines[-1] != "end":
        raise Broken(f"{path} does not end as it should: the machine did not end by itself")
    output = Output({}, {}, {}, 0)
    for line in lines[:-1]:
        kind, _, rest = line.partition(" ")
        if kind == "error":
            raise Broken(f"{path}: {rest}")
        fields = dict(word.split("=", 1) for word in rest.split())
        numbers = numbers_of(fields)
        if kind == "boot":
            output.boot = numbers["instructions"]
        elif kind == "profile":
            output.profile[numbers["address"]] = numbers["count"]
        elif kind == "window":
            window = output.windows.setdefault(int(fields["row"]), Window())
            operations = numbers.pop("operations")
            window.operations += operations
            window.each.append(sum(numbers.values()) / operations)
            add_counts(window.counts, numbers)
        elif kind == "elsewhere":
            window = output.windows.setdefault(int(fields["row"]), Window())
            window.spinning += numbers.pop("spinning")
            add_counts(window.elsewhere, numbers)
        elif kind == "windowstay":
            stays = output.windows.setdefault(int(fields["row"]), Window()).stays
            stays.setdefault(fields["cause"], Stays()).add(Stays(**numbers))
        elif kind == "stay":
            output.stays.setdefault(fields["cause"], Stays()).add(Stays(**numbers))
        else:
            raise Broken(f"{path}: `{line}` is not understood")
    return output
