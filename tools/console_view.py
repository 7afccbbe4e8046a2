# SPDX-License-Identifier: Apache-2.0
#
# What of a machine's console is shown to the person in front of it, by tools/run_qemu.py. Invariant: no line is lost.
# A line that is not shown is one of a core file, which is written to a file, or one of a fault report that an Explainer
# tells again with functions and lines; what an Explainer that has ended too early did not tell is shown after all.

import queue
import re
import shlex
import subprocess
import threading

CORE_LINE = b"granary: core "  # ipc/abi/core_text.hpp
ERASED = b"\r\x1b[K"
KERNEL = b"granary: "          # how each line of the kernel's begins, and no line of a silo's


class View:
    """Passes text on as it comes, but not the lines that `is_hidden` says. What may become one is held until it is whole."""

    def __init__(self, is_hidden, show):
        self.is_hidden, self.show = is_hidden, show
        self.line = b""  # that is not whole yet
        self.shown = 0   # of its bytes

    def __call__(self, data):
        *lines, self.line = (self.line + data).split(b"\n")
        out = b""
        for line in lines:
            text = line.rpartition(ERASED)[2]
            if self.is_hidden(text.replace(b"\r", b"")):
                # What stood in this line before (one that is being edited) is erased, as it was meant to be.
                out += line[self.shown:len(line) - len(text)]
            else:
                out += line[self.shown:] + b"\n"
            self.shown = 0
        if not KERNEL.startswith(self.line.rpartition(ERASED)[2][:len(KERNEL)]):
            out += self.line[self.shown:]
            self.shown = len(self.line)
        if out:
            self.show(out)

    def finish(self):
        self.show(self.line[self.shown:])
        self.line, self.shown = b"", 0


class FaultReports:
    """Knows the lines of fault reports (kernel/explanation.hpp), as tools/granary/symbolize.cpp does."""

    HEADLINE = re.compile(rb"granary: silo ([A-Za-z0-9_-]+) stopped: ")
    LINE = re.compile(rb"granary: silo ([A-Za-z0-9_-]+): (end of the report)?")
    DETAIL = b"granary:   "

    def __init__(self):
        self.open, self.newest = set(), None
        self.withheld = []

    def has(self, text):
        """Is it a line of a report, other than the first? That one says at once what has happened."""
        headline = self.HEADLINE.match(text)
        if headline:
            self.newest = headline[1]
            self.open.add(self.newest)
            return False
        line = self.LINE.match(text)
        if not (text.startswith(self.DETAIL) and self.newest in self.open) and not (line and line[1] in self.open):
            return False
        if line and line[2]:
            self.open.remove(line[1])
        self.withheld.append(text + b"\n")
        return True


class Explainer:
    """A program beside the console that prints what the fault reports in it mean: between lines of the console."""

    def __init__(self, command, show):
        """`show` gets the console without the reports, and what the program says of them."""
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.reports, self.show = FaultReports(), show
        self.view = View(lambda text: self.works() and self.reports.has(text), show)
        self.said = queue.SimpleQueue()
        self.unfinished = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def works(self):
        return self.process.poll() is None

    def read(self):
        while data := self.process.stdout.read1(65536):
            self.said.put(data)

    def lines(self):
        """What it has said since, whole lines."""
        while not self.said.empty():
            self.unfinished += self.said.get()
        lines, newline, self.unfinished = self.unfinished.rpartition(b"\n")
        if lines and not self.reports.open:
            self.reports.withheld.clear()
        return lines + newline

    def take(self, data):
        """A piece of the console; b"": there is none just now."""
        whole, newline, rest = data.rpartition(b"\n")
        if not data and (words := self.lines()):
            # What stands in an unfinished line, such as a prompt, goes below.
            line = self.view.line[:self.view.shown]
            self.show((ERASED if line else b"") + words + line.rpartition(ERASED)[2])
        elif newline and (words := self.lines()):
            self.view(whole + newline)
            self.show(words)
            self.view(rest)
        else:
            self.view(data)
        if not data:
            return
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            self.show_withheld()  # it has said why it ended

    def show_withheld(self):
        self.show(b"".join(self.reports.withheld))
        self.reports.withheld.clear()

    def finish(self):
        """What neither has said yet."""
        self.view.finish()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        failed = self.process.wait(10) != 0
        self.reader.join(10)
        self.show(self.lines() + self.unfinished)
        if failed:
            self.show_withheld()
