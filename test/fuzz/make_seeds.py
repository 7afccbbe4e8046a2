#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Makes the seeds of the fuzzers in test/fuzz/seeds again, for when a format has grown: programs, and system images of
# the tool's sample manifests, by `granary`; device trees by QEMU and dtc. Checksums in system images become 0, as the
# fuzzer computes them. Seeds are small, so that a mutation hits something; they are kept in the source tree.

import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SEEDS = ROOT / "test" / "fuzz" / "seeds"
SAMPLES = ROOT / "tools" / "granary" / "tests" / "accepted"
GRANARY = ROOT / "build" / "tools" / "granary"
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "B": 1}
BOARD = """/dts-v1/;
/ {
  #address-cells = <2>; #size-cells = <2>; compatible = "raspberrypi,4-model-b", "brcm,bcm2711"; model = "a board";
  interrupt-parent = <&gic>;
  chosen { stdout-path = "serial0:115200n8"; bootargs = "once"; linux,initrd-start = <0x2700000>; linux,initrd-end = <0x2710000>; };
  aliases { serial0 = "/soc/serial@7e215040"; };
  memory@0 { device_type = "memory"; reg = <0 0 0 0x3b400000>; };
  reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; firmware@0 { reg = <0 0 0 0x1000>; no-map; }; };
  cpus { #address-cells = <1>; #size-cells = <0>; enable-method = "brcm,bcm2836-smp";
    cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "spin-table"; cpu-release-addr = <0 0xd8>; };
    cpu@1 { device_type = "cpu"; reg = <1>; enable-method = "spin-table"; cpu-release-addr = <0 0xe0>; }; };
  timer { compatible = "arm,armv8-timer"; interrupts = <1 13 0xf08 1 14 0xf08 1 11 0xf08 1 10 0xf08>; };
  soc { #address-cells = <1>; #size-cells = <1>; compatible = "simple-bus";
    ranges = <0x7e000000 0 0xfe000000 0x1800000>, <0x40000000 0 0xff800000 0x800000>;
    gic: interrupt-controller@40041000 { compatible = "arm,gic-400"; interrupt-controller; #interrupt-cells = <3>;
      reg = <0x40041000 0x1000 0x40042000 0x2000 0x40044000 0x2000 0x40046000 0x2000>; };
    timer@7e003000 { reg = <0x7e003000 0x1000>; interrupts = <0 64 4 0 65 4 0 66 4 0 67 4>; };
    watchdog@7e100000 { compatible = "brcm,bcm2835-pm-wdt"; reg = <0x7e100000 0x114>; };
    serial@7e215040 { compatible = "brcm,bcm2835-aux-uart"; reg = <0x7e215040 0x40>; interrupts = <0 93 4>; };
    pl011@9000000 { compatible = "arm,pl011"; reg = <0x7e201000 0x200>; interrupts-extended = <&gic 0 121 4>; status = "disabled"; }; };
};
"""


def elf(symbols=(), contracts=()):
    """A small program: text at 0x10000, data at 0x11000, symbols, records of contracts."""
    names, table = b"\0", bytearray()
    for name, value in symbols:
        table += struct.pack("<IBBHQQ", len(names), 0x10, 0, 0xFFF1, value, 0)
        names += name.encode() + b"\0"
    section_name = len(names)
    names += b".granary.contracts\0"
    records = b"\0".join(record.encode() for record in contracts) + b"\0"
    text, data = struct.pack("<II", 0xD503201F, 0x14000000), b"data" * 4
    at = 64 + 2 * 56
    places = []
    for piece in (text, data, bytes(table), names, records):
        places.append(at)
        at += (len(piece) + 7) // 8 * 8
    programs = struct.pack("<IIQQQQQQ", 1, 5, places[0], 0x10000, 0x10000, len(text), len(text), 4096)
    programs += struct.pack("<IIQQQQQQ", 1, 6, places[1], 0x11000, 0x11000, len(data), 0x1800, 4096)
    sections = struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, places[2], len(table), 1, 0, 8, 24)
    sections += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, places[3], len(names), 0, 0, 1, 0)
    sections += struct.pack("<IIQQQQIIQQ", section_name, 1, 0, 0, places[4], len(records), 0, 0, 1, 0)
    header = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, 0x10000, 64, at, 0, 64, 56, 2, 64, 3, 1)
    out = bytearray(header + programs)
    for place, piece in zip(places, (text, data, bytes(table), names, records)):
        out += bytes(place - len(out)) + piece
    return bytes(out) + bytes(at - len(out)) + sections


def size_of(text):
    number, unit = re.fullmatch(r"(\d+) ?(\w+)", text).groups() if isinstance(text, str) else (text, "B")
    return int(number) * UNITS[unit]


def record(manifest, silo):
    """The records of the silo's header."""
    header = subprocess.run([GRANARY, "header", manifest, "--silo", silo], check=True, capture_output=True, text=True).stdout
    return re.findall(r'"(granary-contract-1 [^"]*)"', header)


def description(manifest, folder):
    """The blob of the system image of a manifest whose programs are small ones, its checksums 0."""
    silos = tomllib.loads(manifest.read_text())["silo"]
    for name, silo in silos.items():
        heap = size_of(silo.get("heap", 0))
        symbols = [("__heap_start", 0x13000), ("__heap_end", 0x13000 + heap)] if heap else []
        symbols += [(thread["entry"], 0x10004) for thread in silo.get("threads", {}).values() if "entry" in thread]
        symbols += [(thread + "_main", 0x10004) for thread in silo.get("threads", {})]
        (folder / name).mkdir(exist_ok=True)
        (folder / name / f"{name}.elf").write_bytes(elf(symbols, record(manifest, name)))
    subprocess.run([GRANARY, "image", manifest, "--elf-dir", folder, "-o", folder / "system.img"], check=True, stdout=subprocess.DEVNULL)
    image = (folder / "system.img").read_bytes()
    blob = bytearray(image[16:16 + int.from_bytes(image[20:24], "big")])
    strings = int.from_bytes(blob[12:16], "big")
    for match in re.finditer(re.escape(struct.pack(">II", 3, 4)), bytes(blob)):
        name = strings + int.from_bytes(blob[match.end():match.end() + 4], "big")
        if blob[name:name + 6] == b"crc32\0":
            blob[match.end() + 4:match.end() + 8] = bytes(4)
    return bytes(blob)


def compiled(source):
    return subprocess.run(["dtc", "-q", "-O", "dtb", "-"], input=source, check=True, capture_output=True, text=False).stdout


def machine_tree(folder, gic):
    path = folder / "machine.dtb"
    subprocess.run(["qemu-system-aarch64", "-machine", f"virt,virtualization=on,gic-version={gic},dumpdtb={path}", "-cpu", "cortex-a72",
                    "-smp", "2", "-display", "none", "-nic", "none"], check=True, capture_output=True)
    source = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", path], check=True, capture_output=True, text=True).stdout
    # What no reader looks at, and there are many of.
    unread = r"\n\t(?:virtio_mmio|flash|fw-cfg|pcie|platform-bus|gpio-keys|pl061|its)[\w@-]* \{.*?\n\t\};"
    source = re.sub(unread, "", source, flags=re.DOTALL)
    return compiled(source.replace("chosen {", 'chosen { bootargs = "once"; linux,initrd-start = <0 0x48000000>; '
                                   "linux,initrd-end = <0 0x48010000>;", 1).encode())


def main():
    seeds = {"program/sound": elf(), "program/heap": elf([("__heap_start", 0x13000), ("__heap_end", 0x14000)])}
    for name in ("contracts", "everything", "twelve_lines", "bells_of_a_stream"):
        with tempfile.TemporaryDirectory() as folder:
            seeds[f"system_image/{name}"] = description(SAMPLES / f"{name}.toml", pathlib.Path(folder))
    seeds["program/contracts"] = elf([("main", 0x10000)], record(SAMPLES / "contracts.toml", "b"))
    with tempfile.TemporaryDirectory() as folder:
        for gic in (2, 3):
            seeds[f"device_tree/virt_gic{gic}"] = machine_tree(pathlib.Path(folder), gic)
    seeds["device_tree/board"] = compiled(BOARD.encode())
    for name, data in seeds.items():
        (SEEDS / name).parent.mkdir(parents=True, exist_ok=True)
        (SEEDS / name).write_bytes(data)
        print(f"{name}: {len(data)} bytes")


if __name__ == "__main__":
    sys.exit(main())
