#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs the guest test kernels of test/target in QEMU and collects what they say: each "ok" line of a guest is a case, and so is each
# comparison made here: the EL0 probes against test/golden/el0_CPU.txt, the words and the epitaph of every kernel death (read out of the
# machine's memory through QEMU's monitor), the number of cores found and fit for silos.

import argparse
import concurrent.futures
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import run_qemu
from results import Results

EPITAPH_BYTES = 496          # hal/aarch64/epitaph.hpp
EPITAPH_MAGIC = b"GRANDEAD"
NO_VECTOR = (1 << 64) - 1
IMAGE_BASE = 0x40_0000_0000  # KERNEL_VIRTUAL_BASE
DATA_ABORT, INSTRUCTION_ABORT, BRK = 0x25, 0x21, 0x3c
TRANSLATION, PERMISSION = 0x04, 0x0c  # fault status without the level


class Machine:
    """Where a guest runs."""

    def __init__(self, title, **options):
        self.title, self.options = title, options


def virt(cpu="cortex-a72", gic=3, smp=1, **more):
    properties = ", ".join([cpu, f"GICv{gic}", f"{smp} core{'s' if smp > 1 else ''}"] + [more[key] for key in more])
    return Machine(f"virt ({properties})", board="virt", cpu=cpu, gic=gic, smp=smp, **more)


RASPI4B = Machine("raspi4b", board="raspi4b")
SECURE = "virtualization=on,secure=on"
EVERYWHERE = ([virt(cpu, gic) for cpu in ("cortex-a53", "cortex-a72", "cortex-a76", "max") for gic in (2, 3)] +
              [virt("max", gic, 4, machine=SECURE) for gic in (2, 3)] + [RASPI4B])


class EpitaphRun(run_qemu.Run):
    """A run whose guest dies: when it has said its last words (or `after` seconds if it has none), reads the epitaph."""

    def __init__(self, options, address, monitor, after):
        super().__init__(options, lambda data: None)
        self.address, self.monitor, self.after = address, monitor, after
        self.epitaph = b""
        self.started = time.monotonic()

    def is_over(self, now, ended, last_word):
        over = super().is_over(now, ended, last_word)
        if over:
            self.read_epitaph()
        return over

    def watch(self, process, terminal):
        if self.after:
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and not self.epitaph.startswith(EPITAPH_MAGIC):
                time.sleep(self.after)
                self.read_epitaph()
            self.console.take(os.read(process.stdout.fileno(), 1 << 20))
            return 0
        return super().watch(process, terminal)

    def read_epitaph(self):
        with tempfile.TemporaryDirectory() as folder:
            target = pathlib.Path(folder) / "epitaph"
            with socket.socket(socket.AF_UNIX) as monitor:
                monitor.settimeout(5)
                monitor.connect(self.monitor)
                self.wait_for_prompt(monitor)
                monitor.sendall(f'pmemsave {self.address:#x} {EPITAPH_BYTES} "{target}"\n'.encode())
                self.wait_for_prompt(monitor)
            self.epitaph = target.read_bytes() if target.exists() else b""

    @staticmethod
    def wait_for_prompt(monitor):
        text = b""
        while not text.endswith(b"(qemu) "):
            text += monitor.recv(4096)


class Epitaph:
    def __init__(self, data):
        words = struct.unpack_from("<40Q", data.ljust(EPITAPH_BYTES, b"\0"))
        self.magic, self.core, self.vector = data[:8], words[2], words[3]
        self.general, self.stack_pointer = words[4:35], words[35]
        self.program_counter, self.processor_state, self.syndrome, self.fault_address = words[36:40]
        self.reason = data[320:464].split(b"\0")[0].decode("utf-8", "replace")
        second = struct.unpack_from("<4Q", data.ljust(EPITAPH_BYTES, b"\0"), 464)
        self.second_vector, self.second_syndrome, _, self.second_fault_address = second

    @property
    def fault(self):
        """(exception class, fault status without level)"""
        return self.syndrome >> 26, self.syndrome & 0x3c


def alternatives(want):
    """A golden line `name|TRAP a or b`: both outcomes are right, emulators differ."""
    name, _, outcomes = want.partition("|")
    kind, _, values = outcomes.partition(" ")
    return {f"{name}|{kind} {value}".strip() for value in values.split(" or ")}


class Target:
    def __init__(self, options, results):
        self.options, self.results = options, results

    def run_options(self, name, machine, bootargs="", extra=""):
        options = run_qemu.arguments_parser().parse_args([])
        settings = dict(machine.options, kernel=f"{self.options.kernels}/{name}.img", memory="256M", bootargs=bootargs, qemu_extra=extra,
                        time_limit=60, once=True, boot="direct")
        for key, value in settings.items():
            setattr(options, key, value)
        return options

    def run(self, name, machine):
        """Runs a guest to its verdict; its lines become cases."""
        run = run_qemu.Run(self.run_options(name, machine), lambda data: None)
        status = run.run()
        lines = run.console.lines
        where = f"{name} on {machine.title}"
        for number, line in enumerate(lines):
            found = re.match(r"(ok|not ok) \d+ - (.*)", line)
            if found:
                detail = lines[number + 1] if number + 1 < len(lines) and lines[number + 1].startswith("# ") else ""
                self.results.case(found.group(1) == "ok", f"{where}: {found.group(2)}", detail)
        ended = status == 0 and run.powered_off and any(re.match(r"1\.\.[1-9]", line) for line in lines)
        self.results.case(ended, f"{where}: ends by itself with a good verdict", "\n".join([run.reason] + lines[-12:]))
        return lines

    def probe(self, machine, golden):
        lines = [line for line in self.run("el0_probe", machine) if "|" in line and not line.startswith("granary:")]
        wanted = [line for line in (ROOT / "test/golden" / golden).read_text().splitlines() if not line.startswith("#")]
        different = [f"found {found!r}, wanted {want!r}" for found, want in zip(lines, wanted)
                     if found not in alternatives(want)]
        if len(lines) != len(wanted):
            different.append(f"{len(lines)} lines, {len(wanted)} wanted")
        self.results.case(not different, f"el0_probe on {machine.title}: equal to {golden}", "\n".join(different))

    def cores(self, machine, count):
        lines = self.run("contexts", machine)
        wanted = f"granary: cores: {count} found, {count} run silos"
        self.results.case(wanted in lines, f"cores on {machine.title}: all are found, and all can run silos", "\n".join(lines[:12]))

    def cores_that_do_not_come(self):
        """A tree that tells of cores where there are none: a sentence for each, and the kernel goes on."""
        with tempfile.TemporaryDirectory() as folder:
            tree = f"{folder}/tree.dtb"
            pathlib.Path(tree).write_bytes(pathlib.Path(run_qemu.PACKAGES, run_qemu.DTB_PI).read_bytes())
            for node, name, kind, value in (("cpu@1", "cpu-release-addr", "x", "0 100"), ("cpu@2", "enable-method", "s", "none-such"),
                                            ("cpu@3", "cpu-release-addr", "x", "0 f3")):
                subprocess.run(["fdtput", "-t", kind, tree, f"/cpus/{node}", name, *value.split()], check=True)
            lines = self.run("contexts", Machine("raspi4b with a wrong tree", board="raspi4b", dtb=tree))
        refused = "not started: no enable method, or the firmware refuses"
        for wanted in ("core 1: released, but it did not come within a second", f"core 2: {refused}", f"core 3: {refused}",
                       "cores: 4 found, 1 run silos"):
            self.results.case(f"granary: {wanted}" in lines, f"cores on raspi4b with a wrong tree: {wanted}", "\n".join(lines[:12]))

    def symbols(self, name):
        command = self.options.symbols.split() + [f"{self.options.kernels}/{name}.elf"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return {line.split()[2]: int(line.split()[0], 16) for line in listed.splitlines() if len(line.split()) == 3}

    def broken(self, how, place):
        """The kernel dies by its own check, and the address in the epitaph leads to the line of that check, in this file."""
        def expected(epitaph, lines, symbols):
            wrong = exception(IN_KERNEL + "brk instruction", BRK)(epitaph, lines, symbols)
            program = f"{self.options.kernels}/invariants.elf"
            command = [self.options.lines, "-f", "-C", "-i", "-e", program, f"{epitaph.program_counter:#x}"]
            found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            # Checks of one function share a trap, which has the line of one of them, perhaps in a function that is inlined there.
            line = re.search(r"(?:include/[a-z]+/)?((?:kernel|ipc)/[a-z0-9_/]+\.[ch]pp):(\d+)", found.splitlines()[1])
            checks = (ROOT / line.group(1)).read_text().splitlines() if line else []
            if place not in found or not line or "__builtin_trap" not in checks[int(line.group(2)) - 1]:
                wrong.append(f"the epitaph leads to {found!r}, wanted a check in {place}")
            return wrong
        self.death(how, expected, "invariants")

    def death(self, how, expected, kernel="deaths"):
        """`expected` gets the epitaph, the console's lines and the symbols; returns what is wrong."""
        symbols = self.symbols(kernel)
        machine = virt()
        with tempfile.TemporaryDirectory() as folder:
            monitor = f"{folder}/monitor"
            options = self.run_options(kernel, machine, f"test={how}", f"-monitor unix:{monitor},server=on,wait=off")
            load = 0x4020_0000  # where QEMU's virt puts an Image
            run = EpitaphRun(options, symbols["granary_epitaph"] - IMAGE_BASE + load, monitor, 0.5 if how in SILENT_DEATHS else 0)
            status = run.run()
        lines = run.console.lines
        epitaph = Epitaph(run.epitaph)
        wrong = []
        if how in SILENT_DEATHS:
            if any("DEAD" in line for line in lines):
                wrong.append("it spoke, although it could not")
        elif status != run_qemu.DEAD:
            wrong.append(f"status {status}: {run.reason}")
        if f"granary: image at {load:#x}" not in "\n".join(lines).replace("entered at EL2, ", ""):
            wrong.append(f"the image is not at {load:#x}")
        if epitaph.magic != EPITAPH_MAGIC:
            wrong.append(f"no epitaph: {epitaph.magic}")
        wrong += expected(epitaph, lines, symbols)
        self.results.case(not wrong, f"{kernel} on {machine.title}: {how}", "\n".join(wrong + lines[-14:]))


def dead_line(lines):
    return next((line for line in lines if line.startswith("granary: DEAD: ")), "")


def exception(words, exception_class=None, status=None, address=None, vector=4):
    """A death by an exception: words on the console and in the epitaph, syndrome, address (a symbol or a number)."""
    def expected(epitaph, lines, symbols):
        wrong = []
        if words not in dead_line(lines):
            wrong.append(f"no words {words!r} in {dead_line(lines)!r}")
        if words not in epitaph.reason:
            wrong.append(f"no words {words!r} in the epitaph: {epitaph.reason!r}")
        if epitaph.vector != vector or epitaph.second_vector != NO_VECTOR or epitaph.core != 0:
            wrong.append(f"vector {epitaph.vector}, second {epitaph.second_vector:#x}, core {epitaph.core}")
        if exception_class is not None and epitaph.fault[0] != exception_class or status is not None and epitaph.fault[1] != status:
            wrong.append(f"syndrome {epitaph.syndrome:#x}")
        if address is not None and epitaph.fault_address != symbols.get(address, address):
            wrong.append(f"address {epitaph.fault_address:#x}")
        if sum(line.startswith("granary: | ") for line in lines) != 9:
            wrong.append("the frame is not printed in nine lines")
        return wrong
    return expected


def all_of(*checks):
    return lambda *facts: [wrong for check in checks for wrong in check(*facts)]


def guard_page_of_core_0(epitaph, lines, symbols):
    guard = symbols["kernel_stacks"]
    return [] if guard <= epitaph.fault_address < guard + 4096 else [f"{epitaph.fault_address:#x} is not the guard page at {guard:#x}"]


def registers_of_jump(epitaph, lines, symbols):
    wrong = [f"x{n} {epitaph.general[n]:#x}" for n in range(1, 31) if epitaph.general[n] != 0x100 + n]
    return ["registers are lost: " + ", ".join(wrong)] if wrong else []


def by_request(epitaph, lines, symbols):
    reason = "a test asked for it"
    good = epitaph.reason == reason and epitaph.vector == NO_VECTOR and dead_line(lines) == f"granary: DEAD: {reason}, core 0"
    return [] if good else [f"reason {epitaph.reason!r}, vector {epitaph.vector:#x}"]


def second_fault(epitaph, lines, symbols):
    good = (epitaph.reason == "the first of several deaths" and epitaph.second_vector == 4 and epitaph.second_fault_address == UNMAPPED and
            epitaph.second_syndrome >> 26 == DATA_ABORT)
    return [] if good else [f"reason {epitaph.reason!r}, second vector {epitaph.second_vector:#x} at {epitaph.second_fault_address:#x}"]


def second_fault_in_words(epitaph, lines, symbols):
    words = "the first of several deaths; and while saying so, synchronous exception in the kernel"
    return [] if words in dead_line(lines) else [dead_line(lines)]


def no_stack(epitaph, lines, symbols):
    good = epitaph.second_vector == 4 and epitaph.second_syndrome >> 26 == DATA_ABORT
    return [] if good else [f"second vector {epitaph.second_vector:#x}"]


UNMAPPED = 0x7f_0000_0000  # test/target/deaths.cpp
SILENT_DEATHS = ("third_fault", "no_emergency_stack")
IN_KERNEL = "synchronous exception in the kernel: "
DEATHS = {
    "die": by_request,
    "write_rodata": exception(IN_KERNEL + "write at", DATA_ABORT, PERMISSION, "death_read_only_word"),
    "write_text": exception(IN_KERNEL + "write at", DATA_ABORT, PERMISSION, "exception_vectors"),
    "execute_data": all_of(exception(IN_KERNEL + "execution at", INSTRUCTION_ABORT, PERMISSION, "death_code_in_data"), registers_of_jump),
    "stack_overflow": all_of(exception(IN_KERNEL, DATA_ABORT, TRANSLATION), guard_page_of_core_0),
    "null_read": exception(IN_KERNEL + "read at 0x0: translation fault", DATA_ABORT, TRANSLATION, 0),
    "traced_null_read": exception(IN_KERNEL + "read at 0x0: translation fault", DATA_ABORT, TRANSLATION, 0),
    "null_call": exception(IN_KERNEL + "execution at 0x0: translation fault", INSTRUCTION_ABORT, TRANSLATION, 0),
    "trap": exception(IN_KERNEL + "brk instruction", BRK),
    "interrupt": exception("interrupt (IRQ) in the kernel", vector=5),
    "wrong_stack_pointer": exception("synchronous exception in the kernel, on the stack pointer of EL0: brk instruction", BRK, vector=0),
    "second_fault": all_of(second_fault, second_fault_in_words),
    "third_fault": second_fault,
    "no_emergency_stack": no_stack,
}
# Invariants that are broken (test/target/invariants.cpp), and where the kernel notices.
BROKEN = {
    "list_twice": "kernel/base/intrusive_list.hpp",
    "list_of_another": "kernel/base/intrusive_list.hpp",
    "no_value": "kernel/base/result.hpp",
    "page_twice": "kernel/kernel_memory.cpp",
    "page_misaligned": "kernel/kernel_memory.cpp",
    "address_of_no_arena": "kernel/kernel_memory.cpp",
    "object_twice": "kernel/object_pool.hpp",
    "node_beyond_reservation": "ipc/message_pool.cpp",
    "node_never_taken": "ipc/message_pool.cpp",
    "reservation_never_made": "ipc/message_pool.cpp",
    "reply_beyond_the_limit": "ipc/party.cpp",
    "watched_to_the_end": "ipc/watch.cpp",
}
KINDS = ("synchronous exception", "interrupt (IRQ)", "fast interrupt (FIQ)", "system error (SError)")
PLACES = (" in the kernel, on the stack pointer of EL0", " in the kernel", " in a silo", " in AArch32 state")
# Vectors that nothing can lead to here are entered by a jump; 8 and 9 are no deaths.
for vector in (0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15):
    for table in ("", "traced_"):
        DEATHS[f"{table}vector_{vector}"] = all_of(exception(KINDS[vector % 4] + PLACES[vector // 4], vector=vector), registers_of_jump)


def main():
    parser = argparse.ArgumentParser(description="Runs the guest test kernels.")
    parser.add_argument("--results")
    parser.add_argument("--kernels", required=True, help="folder of the guest kernels")
    parser.add_argument("--symbols", default="aarch64-linux-gnu-nm", help="nm for their ELF files")
    parser.add_argument("--lines", default="aarch64-linux-gnu-addr2line", help="addr2line for them")
    parser.add_argument("--only", default="", help="only kernels, deaths and broken invariants whose name contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    results = Results("target", options.results)
    target = Target(options, results)
    jobs = [lambda machine=machine: target.run("contexts", machine) for machine in EVERYWHERE]
    jobs += [lambda cpu=cpu: target.probe(virt(cpu), f"el0_{cpu}.txt") for cpu in ("cortex-a53", "cortex-a72", "max")]
    jobs += [lambda: target.probe(RASPI4B, "el0_cortex-a72.txt")]
    jobs += [lambda machine=machine: target.run("address_spaces", machine) for machine in (virt("cortex-a53", 2), virt("max", 3), RASPI4B)]
    jobs += [lambda gic=gic, smp=smp: target.cores(virt(gic=gic, smp=smp), smp) for gic in (2, 3) for smp in (2, 4, 8)]
    jobs += [target.cores_that_do_not_come]
    jobs += [lambda how=how: target.death(how, DEATHS[how]) for how in DEATHS]
    jobs += [lambda: target.run("invariants", virt()), lambda: target.run("invariants", RASPI4B)]
    jobs += [lambda how=how: target.broken(how, BROKEN[how]) for how in BROKEN]
    if options.only:
        jobs = [lambda how=how: target.death(how, DEATHS[how]) for how in DEATHS if options.only in how]
        jobs += [lambda how=how: target.broken(how, BROKEN[how]) for how in BROKEN if options.only in how]
        kernels = ("contexts", "address_spaces", "invariants")
        jobs += [lambda name=name: target.run(name, virt()) for name in kernels if options.only in name]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for job in [pool.submit(job) for job in jobs]:
            job.result()
    results.finish()


if __name__ == "__main__":
    main()
