#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Breaks the fast path (hal/aarch64/fast_path.S, and its way in, in vectors.S) one instruction at a time, and demands
# that silos/systems/conformance_fast_path.toml sees each break: by a check that fails, by the kernel's death, or by
# never coming to a verdict. The mutants are made by rule, so an instruction that is new has its own at once:
#     every instruction    is left out
#     ccmp, ccmn, cmp      32 bits of the operands, another immediate; ccmp also: nothing before it counts, the opposite
#                          does, and each value of its flags for a failed chain that would let the chain go on
#     branches             the opposite condition; tbz, tbnz also the bits beside the right one
#     ldp, stp             the two registers swapped, unless both become 0        every access: 8 bytes further on        add #1: 2
# Macros are expanded first, so that what both calls use is broken in one of them at a time. A mutant that changes
# nothing that anybody could see is named in EQUIVALENT, with the reason; if it is caught after all, or is not there any
# more, that is a failure too. As is an instruction of a kind that this file does not know.

import argparse
import concurrent.futures
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import run_qemu
from results import Results

AT_ONCE = 2
TIME_LIMIT = 45
VIRTUAL_TIME = "-icount shift=5,sleep=off"
# (file, first line to break, line behind the last, name for what stands before the first label)
PARTS = (
    ("hal/aarch64/fast_path.S", r"^fast_path:", None, "call"),
    ("hal/aarch64/vectors.S", r"^\s+\.org  exception_vectors \+ 8 ", r"^\s+\.org  exception_vectors \+ 9 ", "way in"),
)
SECTIONS = {"fast_path": "call", "reply_and_receive": "reply", "long_way_unless_null": "null", "take_long_way": "way out",
            "call_floating": "floating call", "reply_floating": "floating reply",
            "call_owner": "call to the owner", "reply_of_owner": "reply of the owner"}
OPPOSITE = {"eq": "ne", "ne": "eq", "ls": "hi", "hi": "ls", "lo": "hs", "hs": "lo",
            "tbz": "tbnz", "tbnz": "tbz", "cbz": "cbnz", "cbnz": "cbz"}
SIMPLE = {"add", "sub", "and", "mov", "mrs", "msr", "lsr", "b", "eret", "dsb", "isb"}
HOLDS = {"eq": lambda c, z: z, "ne": lambda c, z: not z, "lo": lambda c, z: not c, "hs": lambda c, z: c,
         "ls": lambda c, z: not c or z, "hi": lambda c, z: c and not z}

# (regular expression for the whole name of a mutant, why nobody can see it)
EQUIVALENT = (
    (r".*: (dsb nsh|isb)( \(\d\))?: left out", "it stands behind an ERET, for speculation alone"),
    (r"floating (call|reply): msr cptr_el2, x17: left out", "both have just used floating point: it is open, and open"),
    (r"floating reply: str x15, \[sp, #CONTEXT_TRAP_CONTROL\]: left out", "it was open when its thread called"),
    (r"call: ccmp x16, #DIRECT_DEPTH_MAXIMUM, #2, eq: 32 bits", "a depth is a small number"),
    (r"floating call: cmp x14, x17: 32 bits", "all contexts lie within the same 4 GiB"),
)
# Not made, with the reason: whether they can be seen is a matter of luck.
LEFT_TO_LUCK = (
    (r".*\[x14, #CONTEXT_TRAP_CONTROL\].*: 8 bytes further on", "an address, of which one bit is then a trap"),
)
# What `make test` runs: one of each kind.
SHORT = (
    "call: ccmp x2, #1, #2, eq: left out",
    "call: ccmp x14, x0, #0, ls: 32 bits",
    "call: stp x0, x7, [sp, #CONTEXT_CALL_HANDLE]: left out",
    "call: ldp x17, x18, [sp, #CONTEXT_ZERO_PAIR]: left out",
    "call: add x16, x16, #1: left out",
    "reply: ccmp x15, x13, #0, eq: flags #4",
    "reply: str xzr, [sp, #CONTEXT_CALLER]: left out",
    "reply: msr spsr_el2, xzr: left out",
)


class Refused(Exception):
    pass


class Line:
    """A line of source after the macros are expanded. `code`: the instruction in normal form, empty if it is none."""

    def __init__(self, text):
        self.text = text
        bare = re.sub(r"/\*.*?\*/", "", text).strip()
        label = re.match(r"(\w+):\s*", bare)
        self.label = label.group(1) if label else ""
        bare = bare[label.end():] if label else bare
        self.code = "" if not bare or bare[0] in ".#*/" else re.sub(r"\s+", " ", bare)

    def with_code(self, code):
        return f"{self.label + ':' if self.label else ''}  {code}"


class Macro:
    uses = 0

    def __init__(self, parameters):
        pairs = [parameter.partition("=") for parameter in re.split(r"[,\s]+", parameters) if parameter]
        self.parameters, self.lines = [(name, default) for name, _, default in pairs], []

    def body(self, arguments):
        given = re.split(r"\s*,\s*", arguments.strip()) if arguments.strip() else []
        if len(given) == 1 and len(self.parameters) > 1:
            given = given[0].split()
        Macro.uses += 1
        for text in self.lines:
            text = text.replace("\\@", str(Macro.uses))
            for i, (name, default) in enumerate(self.parameters):
                value = given[i] if i < len(given) else default
                text = re.sub(rf"\\{name}\b", lambda _: value, text)
            yield text


def expand(lines, macros):
    for text in lines:
        use = re.match(r"\s+(\w+)(?:\s+([^/]*))?", text)
        if use and use.group(1) in macros:
            yield from expand(macros[use.group(1)].body(use.group(2) or ""), macros)
        else:
            yield text


def expanded(path):
    """The file's lines, with macros expanded where they are used."""
    macros, lines, macro = {}, [], None
    for text in path.read_text().splitlines():
        begin = re.match(r"\.macro (\w+)(.*)$", text)
        if begin:
            macro = macros[begin.group(1)] = Macro(begin.group(2))
        elif macro is not None and text == ".endm":
            macro = None
        elif macro is not None:
            macro.lines.append(text)
        else:
            lines.append(text)
    return list(expand(lines, macros))


def part_lines(part):
    """All lines of a file, and which of them are the part's."""
    file, first, behind, _ = part
    lines = [Line(text) for text in expanded(ROOT / file)]
    begin = next(i for i, line in enumerate(lines) if re.match(first, line.text))
    end = next((i for i, line in enumerate(lines) if behind and re.match(behind, line.text)), len(lines))
    in_comment = False
    for line in lines[begin:end]:  # comments of several lines
        if in_comment:
            line.code = ""
        in_comment = line.text.rfind("/*") > line.text.rfind("*/") or (in_comment and "*/" not in line.text)
    return lines, range(begin, end)


def operands_of(code):
    name, _, rest = code.partition(" ")
    return name, [operand.strip() for operand in re.split(r",(?![^\[]*\])", rest)] if rest else []


def reader_of_flags(lines, index, indices):
    """The condition under which the chain of checks goes on behind lines[index]."""
    for i in range(index + 1, indices.stop):
        name, operands = operands_of(lines[i].code)
        if name in ("ccmp", "ccmn"):
            return operands[3]
        if name.startswith("b."):
            return OPPOSITE[name[2:]]
    raise Refused(f"nothing reads the flags of `{lines[index].code}`")


def narrow(operand):
    return re.sub(r"^x(\d+)$", r"w\1", operand)


def mutations(lines, index, indices):
    """(what is done, the instruction that stands there then)"""
    code = lines[index].code
    name, operands = operands_of(code)
    yield "left out", "nop" if lines[index].label else ""
    if name in ("ccmp", "ccmn", "cmp"):
        changed = [f"{operand} + 1" if operand.startswith("#") and i == 1 else operand for i, operand in enumerate(operands)]
        if changed != operands:
            yield "another immediate", f"{name} {', '.join(changed)}"
        narrowed = [narrow(operand) for operand in operands]
        if narrowed != operands and "sp" not in operands:
            yield "32 bits", f"{name} {', '.join(narrowed)}"
    if name in ("ccmp", "ccmn"):
        goes_on = HOLDS[reader_of_flags(lines, index, indices)]
        own = int(operands[2][1:])
        if goes_on(own & 2, own & 4):
            raise Refused(f"`{code}`: the flags of a failed chain do not make the next condition fail")
        yield "nothing before it counts", f"{name} {', '.join(operands[:3])}, al"
        yield "the opposite counts", f"{name} {', '.join(operands[:3])}, {OPPOSITE[operands[3]]}"
        for value in (0, 2, 4, 6):
            if goes_on(value & 2, value & 4):
                yield f"flags #{value}", f"{name} {operands[0]}, {operands[1]}, #{value}, {operands[3]}"
    elif name.startswith("b."):
        yield "the opposite", f"b.{OPPOSITE[name[2:]]} {operands[0]}"
    elif name in ("cbz", "cbnz", "tbz", "tbnz"):
        yield "the opposite", f"{OPPOSITE[name]} {', '.join(operands)}"
        if name in ("tbz", "tbnz"):
            for step in ("+ 1",) if operands[1] == "#0" else ("+ 1", "- 1"):
                yield f"bit {step}", f"{name} {operands[0]}, {operands[1]} {step}, {operands[2]}"
    elif name in ("ldp", "stp", "ldr", "str"):
        if name in ("ldp", "stp") and not operands[2].endswith("#CONTEXT_ZERO_PAIR]"):
            yield "swapped", f"{name} {operands[1]}, {operands[0]}, {operands[2]}"
        if operands[0][0] == "q":  # one behind the other, so the next one is broken as well
            return
        address = operands[-1]
        further = address.replace("]", " + 8]") if "#" in address else address.replace("]", ", #8]")
        yield "8 bytes further on", f"{name} {', '.join(operands[:-1])}, {further}"
    elif name == "add" and operands[-1] == "#1":
        yield "2", f"add {operands[0]}, {operands[1]}, #2"
    elif name not in SIMPLE and name != "cmp":
        raise Refused(f"`{code}`: {name} is of no kind that test/run_fast_path_mutations.py knows how to break")


class Mutant:
    """A change of one line; `caught` says how it was seen, empty if it was not."""

    def __init__(self, name, file, text):
        self.name, self.file, self.text = name, file, text
        self.caught, self.problem, self.seconds = "", "", 0.0
        self.reason = next((reason for pattern, reason in EQUIVALENT if re.fullmatch(pattern, name)), "")


def all_mutants():
    for part in PARTS:
        lines, indices = part_lines(part)
        section, seen = part[3], {}
        for index in indices:
            line = lines[index]
            section = SECTIONS.get(line.label, section)
            if not line.code:
                continue
            count = seen[section, line.code] = seen.get((section, line.code), 0) + 1
            title = f"{section}: {line.code}{f' ({count})' if count > 1 else ''}"
            for what, code in mutations(lines, index, indices):
                if any(re.fullmatch(pattern, f"{title}: {what}") for pattern, _ in LEFT_TO_LUCK):
                    continue
                text = [other.text for other in lines]
                text[index] = line.with_code(code)
                yield Mutant(f"{title}: {what}", part[0], "\n".join(text) + "\n")


class Seen(Exception):
    pass


class Builder:
    """Kernels with one object replaced, each in its own folder, and their runs."""

    def __init__(self, options):
        self.options = options
        self.objects = shlex.split(options.objects)

    def kernel(self, mutant, folder):
        source, result, elf = folder / "mutant.S", folder / "mutant.o", folder / "granary.elf"
        source.write_text(mutant.text)
        own = next(name for name in self.objects if name.endswith(f"/{mutant.file}.o"))
        objects = [str(result) if name == own else name for name in self.objects]
        for command in ([*shlex.split(self.options.assemble), "-c", str(source), "-o", str(result)],
                        [*shlex.split(self.options.link), "-Wl,-S", "-o", str(elf), *objects],
                        [f"{self.options.tool_prefix}objcopy", "-O", "binary", str(elf), str(folder / "granary.img")]):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode:
                raise Refused(f"it could not be built: {done.stdout[-600:]}")
        return folder / "granary.img"

    def run(self, kernel, system):
        """How the system saw that something is wrong; empty if it did not."""
        rest = b""

        def show(data):
            nonlocal rest
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if b"] not ok " in line or line.startswith(b"granary: DEAD"):
                    raise Seen(line.decode("utf-8", "replace").strip())

        arguments = ["--once", "--time-limit", str(TIME_LIMIT), "--kernel", str(kernel), "--system", system,
                     f"--qemu-extra={VIRTUAL_TIME}"]
        run = run_qemu.Run(run_qemu.arguments_parser().parse_args(arguments), show)
        run.POWER_OFF_TIME = 0
        try:
            return "" if run.run() == 0 else run.reason
        except Seen as seen:
            return str(seen)

    def judge(self, mutant, number):
        started = time.monotonic()
        folder = pathlib.Path(self.options.build) / f"{number}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            kernel = self.kernel(mutant, folder)
            for system in self.options.systems.split():
                mutant.caught = self.run(kernel, system)
                if mutant.caught:
                    break
        except (Refused, OSError) as problem:
            mutant.problem = str(problem)
        for path in folder.iterdir():  # the source stays
            if path.suffix != ".S":
                path.unlink()
        mutant.seconds = time.monotonic() - started
        return mutant


def judge_all(mutants, builder, results):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(builder.judge, mutant, number) for number, mutant in enumerate(mutants, 1)]
        for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            mutant = job.result()
            how = mutant.problem or mutant.caught or (f"equivalent: {mutant.reason}" if mutant.reason else "NOT CAUGHT")
            results.say(f"  {number:3}/{len(mutants)} {mutant.seconds:5.1f} s  {mutant.name}\n             {how[:110]}")
            if mutant.reason:
                results.case(not mutant.caught and not mutant.problem, f"equivalent, {mutant.name}",
                             f"said to be invisible ({mutant.reason}), and it is not: {how}")
            else:
                results.case(bool(mutant.caught), mutant.name, mutant.problem or "no check sees it")


def main():
    parser = argparse.ArgumentParser(description="Breaks the fast path, and demands that its tests see it.")
    for name in ("results", "build", "assemble", "link", "objects", "tool-prefix", "systems"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--short", action="store_true", help="only those of SHORT")
    parser.add_argument("--only", default="", help="only mutants whose name contains this")
    options = parser.parse_args()
    results = Results("fast-path", options.results)
    try:
        mutants = list(all_mutants())
    except Refused as problem:
        results.case(False, "every instruction of the fast path can be broken", problem)
        results.finish()
    names = [mutant.name for mutant in mutants]
    for name in SHORT:
        results.case(name in names, f"the short form's mutant is there: {name}")
    for pattern, _ in EQUIVALENT:
        results.case(any(re.fullmatch(pattern, name) for name in names), f"what is called equivalent is there: {pattern}")
    builder = Builder(options)
    file = PARTS[0][0]
    whole = Mutant("the fast path as it is", file, "\n".join(expanded(ROOT / file)) + "\n")
    builder.judge(whole, 0)
    results.case(not whole.caught and not whole.problem, "unbroken, it passes", whole.problem or whole.caught)
    if not whole.caught and not whole.problem:
        chosen = [m for m in mutants if options.only in m.name and (not options.short or m.name in SHORT)]
        judge_all(chosen, builder, results)
        caught = sum(bool(mutant.caught) for mutant in chosen)
        equivalent = sum(bool(mutant.reason) for mutant in chosen)
        results.say(f"  fast-path: {len(chosen)} mutants, {caught} caught, {equivalent} equivalent")
    results.finish()


if __name__ == "__main__":
    main()
