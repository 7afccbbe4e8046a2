# SPDX-License-Identifier: Apache-2.0
#
# What becomes of a crash on this machine: the report with functions and lines, and the core file as stock gdb sees it.

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCE = "silos/conformance/crashing.cpp"


def line_of(mark):
    """The number of the line that bears the mark."""
    lines = (ROOT / SOURCE).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if mark in line)


class Crash:
    """Of silo crashing, in system crash."""

    def __init__(self, build, folder):
        self.programs, self.tool = f"{build}/systems/crash", f"{build}/tools/granary"
        self.log, self.core = pathlib.Path(folder) / "console.txt", pathlib.Path(folder) / "crashing.core"

    def finish(self, lines):
        self.log.write_text("".join(line + "\r\n" for line in lines))
        return [*self.symbols(), *self.core_file(), *self.core_file_of_a_bad_line(lines)]

    def granary(self, *arguments):
        done = subprocess.run([self.tool, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def symbols(self):
        _, text = self.granary("symbolize", "--elf-dir", self.programs, str(self.log))
        place = re.escape(f"{SOURCE}:{line_of('// CRASH')}")
        wanted = [r"^crash of silo crashing: thread main: 8-byte write", rf"^  #0 0x[0-9a-f]+ store_sample at {place}$",
                  rf"^  #1 0x[0-9a-f]+ filter_samples at {SOURCE}:\d+$", rf"^  #2 0x[0-9a-f]+ serve at {SOURCE}:\d+$",
                  rf"^  #3 0x[0-9a-f]+ main at {SOURCE}:\d+$", r"^  #4 0x[0-9a-f]+ granary_main at silos/sdk/startup.cpp:\d+$",
                  r"^  thread helper was at 0x[0-9a-f]+ ",
                  r"^  0x28 is page 0, which is never mapped: a null pointer$",
                  r"^  thread main owed 1 reply: crash_witness/main by port service$",
                  r"^  2 messages were unread in port service$"]
        return [f"the report has no line {pattern}:\n{text}" for pattern in wanted if not re.search(pattern, text, re.MULTILINE)]

    def gdb(self, core):
        command = ["gdb-multiarch", "-batch", "-nx", "-ex", "info threads", "-ex", "backtrace", "-ex", "print/x ring.magic", "-ex",
                   "print ring.gain", "-ex", "print $_siginfo._sifields._sigfault.si_addr", "-ex", "info registers d0",
                   "-ex", "x/1wx 0x40000ff8", "-ex", "thread 2",
                   "-ex", "backtrace",
                   f"{self.programs}/crashing/crashing.elf", str(core)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.stdout

    def core_file(self):
        status, said = self.granary("core", str(self.log), "-o", str(self.core))
        if status:
            return [f"granary core: status {status}: {said}"]
        if "missing" in said or "damaged" in said:
            return [f"granary core: {said}"]
        text = self.gdb(self.core)
        line = line_of("// CRASH")
        wanted = [r"SIGSEGV", rf"^#0 .*store_sample \(into=(into@entry=)?0x0, at=(at@entry=)?3\) at {SOURCE}:{line}$",
                  rf"^#1 .* filter_samples .*{SOURCE}:\d+$",
                  rf"^#2 .* serve \(opcode=(opcode@entry=)?7\) at {SOURCE}:\d+$", rf"^#3 .* main \(\) at {SOURCE}:\d+$", r"^\* 1 +LWP 1 ",
                  r"^  2 +LWP 2 ", r"^\$1 = 0x676e69725f796d21$", r"^\$2 = 4$", r"^0x40000ff8:\s+0x65676170$", r"^#\d+ .*helper_main"]
        return [f"gdb has no line {pattern}:\n{text}" for pattern in wanted if not re.search(pattern, text, re.MULTILINE)]

    def core_file_of_a_bad_line(self, lines):
        """A character lost and a line lost: said in words, and gdb still has the backtrace."""
        bad = [line for line in lines]
        memory = [number for number, line in enumerate(bad) if re.match(r"granary: core \d+\.\d+ M", line)]
        if len(memory) < 3:
            return [f"only {len(memory)} lines of memory"]
        bad[memory[0]] = bad[memory[0]][:60] + bad[memory[0]][61:]
        del bad[memory[1]]
        self.log.write_text("".join(line + "\r\n" for line in bad))
        status, said = self.granary("core", str(self.log), "-o", str(self.core))
        wrong = [] if status == 0 else [f"granary core: status {status}: {said}"]
        if "is damaged, and is left out" not in said or "are missing: what they said reads as 0" not in said:
            wrong.append(f"granary core does not say what is wrong: {said}")
        if "store_sample" not in self.gdb(self.core):
            wrong.append("gdb has no backtrace of a core file with damage")
        return wrong


def with_core_file(build="build"):
    def prepare(row, options, folder):
        return Crash(build, folder)
    return prepare
