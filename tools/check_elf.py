#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Checks the linked kernel, one case for each promise: no SIMD or FP register in any function but libfdt's and those
# that move a thread's FP state, no constructors, no guards of local statics, no heap, no vtables, nothing
# undefined, no segment both writable and executable, the Image header, sizes inside their budgets. Which functions
# are libfdt's is read from the link map.

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results

# Bytes of code. What runs once silos run is kernel/ and ipc/ and the part of hal/ under them; boot/ runs once.
POLICY_BUDGET = 208 * 1024
TEXT_BUDGET = 312 * 1024
# Functions whose work is to save, load or clear a thread's FP state; nothing else may touch those registers.
MAY_USE_FP = re.compile(r"^(fp_state_|hal::.*(fp_state|floating_point)|call_floating$|reply_floating$)")
# An operand that is one of v0-v31, q, d, s, h, b with a number; FPCR and FPSR by msr and mrs are control registers
# and allowed.
SIMD_OPERAND = re.compile(r"(?<![\w.])([vqdshb])(\d|[12]\d|3[01])(?![\w])(\.\d*[bhsdq])?")


def run(tool, *arguments):
    return subprocess.run([tool, *arguments], check=True, capture_output=True, text=True).stdout


def functions(disassembly):
    """(name, [instruction text]) of each function."""
    name, body = None, []
    for line in disassembly.splitlines():
        start = re.match(r"^[0-9a-f]+ <(.+)>:$", line)
        if start:
            if name:
                yield name, body
            name, body = start.group(1), []
        elif line.startswith(" ") and "\t" in line:
            body.append(" ".join(line.split("\t")[1:]).split("//")[0].split("<")[0])
    if name:
        yield name, body


def libfdt_ranges(link_map):
    """[(start, end)] of the text that the archive libfdt.a gave."""
    ranges = []
    for match in re.finditer(r"^ \.text\S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+\S*libfdt\.a\(", link_map, re.MULTILINE):
        start, size = int(match.group(1), 16), int(match.group(2), 16)
        if size:
            ranges.append((start, start + size))
    return ranges


def text_by_layer(link_map):
    """{layer: bytes of its functions}; libfdt is a layer of its own."""
    sizes = {}
    for match in re.finditer(r"^ \.text\S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S+)", link_map, re.MULTILINE):
        if int(match.group(1), 16):
            layer = "libfdt" if "libfdt.a(" in match.group(3) else re.sub(r".*/kernel/(boot|hal|kernel|ipc)/.*", r"\1", match.group(3))
            sizes[layer] = sizes.get(layer, 0) + int(match.group(2), 16)
    return sizes


def simd_users(tool, elf, link_map):
    ranges = libfdt_ranges(link_map)
    addresses = {}
    for line in run(tool + "nm", "-C", str(elf)).splitlines():
        parts = line.split(" ", 2)
        if len(parts) == 3 and parts[0]:
            addresses.setdefault(parts[2], int(parts[0], 16))
    count = 0
    wrong = []
    for name, body in functions(run(tool + "objdump", "-d", "-C", "--no-show-raw-insn", str(elf))):
        count += 1
        if MAY_USE_FP.match(name) or any(start <= addresses.get(name, 0) < end for start, end in ranges):
            continue
        for text in body:
            mnemonic, _, operands = text.strip().partition(" ")
            if not mnemonic.startswith(".") and SIMD_OPERAND.search(operands):
                wrong.append(f"{name}: {text.strip()}")
                break
    return count, wrong


def check_symbols(tool, elf, results):
    symbols = run(tool + "nm", "-C", str(elf)).splitlines()
    raw = run(tool + "nm", str(elf)).splitlines()

    def none_like(title, lines, pattern):
        found = [line for line in lines if re.search(pattern, line)]
        results.case(not found, title, "\n".join(found[:10]))

    none_like("nothing is undefined", symbols, r"^ +[Uw] ")
    none_like("no guards of local statics", raw, r"__cxa_guard|_ZGV")
    none_like("no exit handlers", raw, r"__cxa_atexit|__dso_handle")
    none_like("no heap", symbols, r" (operator (new|delete)|malloc|free|calloc)\b")
    none_like("no virtual functions", raw, r" _ZT[VIS]")
    none_like("no atomics by library call", raw, r"__aarch64_(cas|ldadd|ldset|ldclr|swp)")


def check_sections(tool, elf, link_map, results):
    sections = {}
    for line in run(tool + "readelf", "-S", "-W", str(elf)).splitlines():
        found = re.match(r"\s*\[ *\d+\] (\S+)\s+(\S+)\s+([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)", line)
        if found:
            sections[found.group(1)] = (found.group(2), int(found.group(5), 16))
    arrays = [name for name, (kind, size) in sections.items() if re.search(r"init_array|fini_array|ctors", name) and size]
    results.case(not arrays, "no constructors run before main", ", ".join(arrays))
    relocations = [name for name, (kind, size) in sections.items() if kind in ("REL", "RELA", "RELR") and size]
    results.case(not relocations, "no relocations are left", ", ".join(relocations))
    headers = run(tool + "readelf", "-l", "-W", str(elf))
    wrong = [line.strip() for line in headers.splitlines() if re.match(r"\s*LOAD\s.*\bRWE\b", line)]
    loads = len(re.findall(r"^\s*LOAD\s", headers, re.MULTILINE))
    results.case(not wrong and loads >= 3, "no segment is writable and executable", "\n".join(wrong) or f"{loads} segments")
    here = bytes(pathlib.Path.cwd())
    results.case(here not in elf.read_bytes(), "it does not name the folder that it was made in", here)
    text = sections.get(".text", ("", 0))[1]
    layers = text_by_layer(link_map)
    policy = layers.get("kernel", 0) + layers.get("ipc", 0)
    results.case(0 < text <= TEXT_BUDGET, f"text is within its budget of {TEXT_BUDGET >> 10} KiB", f".text has {text} bytes")
    results.case(0 < policy <= POLICY_BUDGET, f"text of kernel/ and ipc/ is within {POLICY_BUDGET >> 10} KiB", f"{policy} bytes")
    print(f"  elf: .text {text} bytes ({', '.join(f'{layer} {size}' for layer, size in sorted(layers.items()))}), "
          f".rodata {sections.get('.rodata', ('', 0))[1]}, .data {sections.get('.data', ('', 0))[1]}, "
          f".bss {sections.get('.bss', ('', 0))[1]}, .noinit {sections.get('.noinit', ('', 0))[1]}")


def check_vectors(tool, elf, results):
    """Both tables that VBAR_EL2 can hold while the kernel lives: place, and where each of the sixteen slots leads."""
    addresses = {}
    for line in run(tool + "nm", str(elf)).splitlines():
        parts = line.split()
        if len(parts) == 3:
            addresses[parts[2]] = int(parts[0], 16)
    for table, leave in (("exception_vectors", "leave_silo"), ("traced_exception_vectors", "leave_silo_traced")):
        start = addresses.get(table, 1)
        wrong = [] if start % 2048 == 0 else [f"{table} is at {start:#x}"]
        text = run(tool + "objdump", "-d", "--no-show-raw-insn", f"--start-address={start:#x}",
                   f"--stop-address={start + 0x800:#x}", str(elf))
        code = {int(found.group(1), 16): found.group(2) for found in re.finditer(r"^ *([0-9a-f]+):\t(.*)$", text, re.MULTILINE)}
        for slot in range(16):
            lines = [code.get(start + slot * 0x80 + 4 * word, "") for word in range(3)]
            target = leave if slot >= 8 else "die_on_emergency_stack"
            if slot == 9 and table == "exception_vectors":
                target = "leave_by_interrupt"  # which goes on as leave_silo
            number = f"mov\tx{1 if slot >= 8 else 0}, #{slot:#x} "
            if slot == 8 and table == "exception_vectors":
                # Where the fast path begins: x16 and x17 are saved, and what is no system call leads on.
                lines = [code.get(start + slot * 0x80 + 4 * word, "") for word in range(6)]
                begins = lines[0].startswith("stp\tx16, x17, [sp, #") and lines[1] == "mrs\tx16, esr_el2"
                leads = re.match(r"b\.eq\t.*<fast_path>", lines[4]) and re.match(r"b\t.*<not_a_system_call>$", lines[5])
                if not begins or not leads:
                    wrong.append(f"slot {slot}: {lines}")
            elif not lines[1].startswith(number) or not re.match(rf"b\t.*<{target}>$", lines[2]):
                wrong.append(f"slot {slot}: {lines}")
        results.case(not wrong, f"every slot of {table} says its number and leads where it should", "\n".join(wrong[:4]))


def check_image(image, results):
    data = image.read_bytes()
    size = int.from_bytes(data[16:24], "little")
    flags = int.from_bytes(data[24:32], "little")
    results.case(data[56:60] == b"ARM\x64", "the Image header is there", data[:64].hex())
    results.case(size >= len(data), "image_size covers the file and more", f"image_size {size}, file {len(data)}")
    results.case(flags & 0xf == 0xa, "the Image header says little-endian, 4 KiB pages, anywhere", hex(flags))


def main():
    parser = argparse.ArgumentParser(description="Checks the linked kernel.")
    parser.add_argument("--tool-prefix", default="aarch64-linux-gnu-")
    parser.add_argument("--map", type=pathlib.Path, required=True)
    parser.add_argument("--image", type=pathlib.Path)
    parser.add_argument("--results")
    parser.add_argument("elf", type=pathlib.Path)
    options = parser.parse_args()
    results = Results("elf", options.results)
    link_map = options.map.read_text()
    count, wrong = simd_users(options.tool_prefix, options.elf, link_map)
    results.case(count > 0 and not wrong, "no SIMD or FP register in kernel code", "\n".join(wrong[:20]) or "no functions found")
    check_symbols(options.tool_prefix, options.elf, results)
    check_vectors(options.tool_prefix, options.elf, results)
    check_sections(options.tool_prefix, options.elf, link_map, results)
    if options.image:
        check_image(options.image, results)
    results.finish()


if __name__ == "__main__":
    main()
