#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Generates the user's view of the kernel interface from its one source, ipc/abi/{syscalls,errors,rights}.def and
# abi.hpp:
#   silos/sdk/include/granary/system_calls.h   numbers, errors, rights, limits, a function per call; C, C++, assembly
#   docs/abi.md                                the same for people
# The generated text is committed. `--check` writes nothing, prints the difference and fails if there is one.
# Invariants: the output depends on the four input files only; a line that the parser does not understand is an error,
# never skipped. What is written where: gen_abi_header.py and gen_abi_document.py (beside this file) do the formatting.

import argparse
import difflib
import pathlib
import re
import sys

sys.dont_write_bytecode = True
import gen_abi_document
import gen_abi_header

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Refused(Exception):
    pass


def arguments_of(text, where):
    """The comma-separated arguments of an entry: words, or strings (which may contain commas, and may be in pieces)."""
    arguments, rest = [], text.strip()
    while rest:
        match = re.match(r'((?:"(?:[^"\\]|\\.)*"\s*)+|\w+\s*)(?:,\s*|$)', rest)
        if not match:
            raise Refused(f"{where}: cannot read `{rest}`")
        piece = match.group(1).strip()
        arguments.append("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', piece)) if piece.startswith('"') else piece)
        rest = rest[match.end():]
    return arguments


def table(path, macro, count):
    """The arguments of each MACRO(...) of a file that holds nothing else but comments."""
    rows, entry, begin = [], "", 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not entry and (not line.strip() or line.startswith("//")):
            continue
        if not entry:
            begin = number
        entry += line.strip() + " "
        where = f"{path.relative_to(ROOT)}:{begin}"
        if not entry.startswith(macro + "("):
            raise Refused(f"{where}: neither a comment nor {macro}(...): `{line}`")
        if not line.endswith(")"):
            continue
        arguments = arguments_of(entry.strip()[len(macro) + 1:-1], where)
        if len(arguments) != count:
            raise Refused(f"{where}: {macro} takes {count} arguments, this has {len(arguments)}")
        rows.append(arguments)
        entry = ""
    if entry:
        raise Refused(f"{where}: {macro}(...) does not end")
    return rows


class Field:
    """A register (or the eight data words) with its meaning: `X7 deadline (not 0)`."""

    def __init__(self, text, where):
        match = re.fullmatch(r"(X3-X6 and X9-X12|X\d+) (.+)", text)
        if not match:
            raise Refused(f"{where}: `{text}` is not `Xn meaning`")
        self.register, self.text = match.groups()
        self.words = "-" in self.register
        self.number = None if self.words else int(self.register[1:])
        plain = re.sub(r"\(.*?\)", "", self.text).split(" with ")[0].split(" or 0")[0].split(",")[0]
        plain = re.sub(r"^(the|a) ", "", plain.strip())
        self.name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
        self.is_handle = "handle" in self.name


class Call:
    """One system call. `message_in`/`message_out` say that the message registers take part in that direction."""

    def __init__(self, arguments, where):
        number, self.name, self.object, self.right, given, taken, errors, self.text = arguments
        self.number, self.errors = int(number), errors.split()
        self.given, self.taken = given, taken
        self.returns = taken != "does not return"
        self.message_in, self.inputs = self.fields(given, where)
        self.message_out, self.outputs = self.fields(taken if self.returns else "", where)
        self.is_reply = taken.startswith("reply message")
        handle = [] if self.object == "None" else ["EBADF"]
        if self.object not in ("None", "Any") or self.right != "None":
            handle.append("EPERM")
        self.all_errors = self.errors + handle

    def fields(self, text, where):
        message, fields = False, []
        for piece in re.split(r",\s*(?![^(]*\))(?=X\d|message|reply message)", text) if text else []:
            if piece in ("message", "reply message"):
                message = True
            else:
                fields.append(Field(piece, f"{where}: {self.name}"))
        return message, fields


class Interface:
    """Everything that the input files say."""

    def __init__(self, abi):
        self.calls = [Call(a, "ipc/abi/syscalls.def") for a in table(abi / "syscalls.def", "SYSTEM_CALL", 8)]
        self.errors = [(a[0], int(a[1]), a[2]) for a in table(abi / "errors.def", "ERROR", 3)]
        self.rights = [(a[0], int(a[1]), a[2], a[3]) for a in table(abi / "rights.def", "RIGHT", 4)]
        self.constants, self.enums = constants_and_enums((abi / "abi.hpp").read_text())
        self.check()

    def check(self):
        for what, values in (("call number", [c.number for c in self.calls]), ("call", [c.name for c in self.calls]),
                             ("error", [e[1] for e in self.errors]), ("right bit", [r[1] for r in self.rights])):
            for value in values:
                if values.count(value) > 1:
                    raise Refused(f"ipc/abi: {what} {value} is there twice")
        names, types = {r[0] for r in self.rights}, {name for name, _, _ in self.enums["ObjectType"]}
        for call in self.calls:
            unknown = [e for e in call.errors if e not in {error[0] for error in self.errors}]
            if unknown:
                raise Refused(f"ipc/abi/syscalls.def: {call.name}: errors.def has no {unknown[0]}")
            if call.right not in names | {"None"}:
                raise Refused(f"ipc/abi/syscalls.def: {call.name}: rights.def has no {call.right}")
            if call.object not in types | {"Any"}:
                raise Refused(f"ipc/abi/syscalls.def: {call.name}: no object type {call.object}")
        for name, _, type_name, _ in self.rights:
            if type_name not in types | {"Any"}:
                raise Refused(f"ipc/abi/rights.def: {name}: no object type {type_name}")


def constants_and_enums(text):
    """`inline constexpr T kName = expression;  ///< note` and the plain enums of abi.hpp."""
    constants = []
    for match in re.finditer(r"^inline constexpr ([\w:]+) k(\w+) = (.+?);(?:\s*///< (.*))?$", text, re.MULTILINE):
        constants.append(match.groups())
    enums = {}
    for match in re.finditer(r"enum class (\w+) : [\w:]+ \{([^#}]*)\};", text):
        members = re.findall(r"(\w+) = (\d+),?[ ]*(?:///< (.*))?", match.group(2))
        if not members:
            raise Refused(f"ipc/abi/abi.hpp: enum {match.group(1)} has no members that can be read")
        enums[match.group(1)] = [(name, int(value), note) for name, value, note in members]
    for needed in ("ObjectType", "SiloState", "FaultKind"):
        if needed not in enums:
            raise Refused(f"ipc/abi/abi.hpp: no enum {needed}")
    return constants, enums


def main():
    parser = argparse.ArgumentParser(description="Generates the C header and the reference of the system calls.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files instead of writing them")
    arguments = parser.parse_args()
    try:
        interface = Interface(ROOT / "ipc" / "abi")
    except Refused as refusal:
        sys.exit(f"gen_abi: {refusal}")
    outputs = {
        ROOT / "silos/sdk/include/granary/system_calls.h": gen_abi_header.text(interface),
        ROOT / "docs/abi.md": gen_abi_document.text(interface),
    }
    different = False
    for path, text in outputs.items():
        committed = path.read_text() if path.exists() else ""
        if committed == text:
            continue
        if arguments.check:
            different = True
            name = str(path.relative_to(ROOT))
            sys.stdout.writelines(difflib.unified_diff(committed.splitlines(True), text.splitlines(True),
                                                       name, name + " (generated)"))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {path.relative_to(ROOT)}")
    if different:
        sys.exit("gen_abi: the committed text is not what the tables give; run tools/gen_abi.py and review it")


if __name__ == "__main__":
    main()
