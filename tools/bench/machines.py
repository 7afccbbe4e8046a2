# SPDX-License-Identifier: Apache-2.0
#
# The machines of `make bench`, and one run of one of them under the plugin. A bench runs in virtual time (-icount), in
# which the clock is the number of instructions: so a timer fires at the same instruction in each run, and the figures
# of two runs agree to the instruction. One nanosecond for an instruction (shift=0) for what is measured: the loops are
# then short against a thread's turn of 10 ms. The conformance suite waits for the clock in places, and runs with 32 ns
# (shift=5) as in test/run_qemu_rows.py. With sleep=off an idle machine goes on to its next timer.
#
# QEMU runs one core at a time, each until it waits, hands over, or its share of the time to the next timer is used up:
# without a timer that is millions of instructions, and cores that wait for one another would hardly ever meet. So on
# virt a timer of a network filter, which no card is connected to and no guest sees, goes off each microsecond: with
# four cores that is a turn of 250 instructions. (Not on the other board: its boot loader would take minutes.)

import pathlib
import re
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import plugin_output
import run_qemu

BOARDS = {
    "virt-gicv2": ["--board", "virt", "--gic", "2"],
    "virt-gicv3": ["--board", "virt", "--gic", "3"],
    "raspi4b": ["--board", "raspi4b", "--boot", "uboot", "--smp", "4", "--memory", "2G"],
}
KERNEL_BASE = 0x4000000000   # where the kernel is linked (docs/decisions/0001)
ENTRY_WORDS = 4
# The device whose interrupts are measured is virt's clock for the time of day, which shows the host's unless it is told
# otherwise: then an alarm for "now" comes in or not, as a second of the host has passed meanwhile or not.
RTC = "base=2000-01-01,clock=vm"
SHORT_TURNS = "-netdev hubport,hubid=1,id=nobody -object filter-buffer,id=turns,netdev=nobody,interval=1"


class Kernel:
    """What the plugin has to be told of the kernel, and its symbols."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.image = self.folder / "granary.img"
        self.symbols = {}
        for line in (self.folder / "granary.sym").read_text().splitlines():
            address, _, name = line.split(" ", 2)
            self.symbols[name] = int(address, 16)

    def plugin_arguments(self):
        start = self.symbols["first_instruction"] - KERNEL_BASE
        words = struct.unpack(f"<{ENTRY_WORDS}I", self.image.read_bytes()[start:start + 4 * ENTRY_WORDS])
        entry = "-".join(f"{word:08x}" for word in words)
        addresses = {"poll": self.symbols["port::take_interrupt()"], "traced": self.symbols["traced_exception_vectors"]}
        functions = {"lock": "kernel::SharedSection::enter()", "wait": "kernel::SharedSection::wait(unsigned int)",
                     "hint": "port::spin_hint()"}
        ranges = [f"{name}={'-'.join(f'{at:x}' for at in self.range_of(symbol))}" for name, symbol in functions.items()]
        return ",".join([f"{name}={address:x}" for name, address in addresses.items()] + ranges + [f"entry={entry}"])

    def range_of(self, symbol):
        """From a symbol to the next."""
        begin = self.symbols[symbol]
        return begin, min(address for address in self.symbols.values() if address > begin)

    def sections(self, tool_prefix):
        """Bytes of each section; of .text what the object files bring, without the padding that the linker adds."""
        listed = subprocess.run([f"{tool_prefix}size", "-A", "-d", self.folder / "granary.elf"], check=True,
                                capture_output=True, text=True).stdout
        sizes = {}
        for line in listed.splitlines():
            words = line.split()
            if len(words) == 3 and words[0].startswith(".") and words[1].isdigit():
                sizes[words[0]] = int(words[1])
        text = re.search(r"^\.text .*?^\.rodata ", (self.folder / "granary.map").read_text(), re.MULTILINE | re.DOTALL)[0]
        sizes[".text"] -= sum(int(size, 16) for size in re.findall(r"^ \*fill\* +0x[0-9a-f]+ +(0x[0-9a-f]+)", text, re.MULTILINE))
        return sizes


def run(kernel, plugin, folder, board, system, shift=0, time_limit=240, more="", cores=1):
    """(Output of the plugin, console lines). `system` is the folder with system.img and, for raspi4b, the card; `more`
    are further arguments for the plugin; `cores` is of virt, the other board has always four."""
    out = pathlib.Path(folder) / f"{board}-{pathlib.Path(system).name}.txt"
    out.unlink(missing_ok=True)
    several = cores > 1 and board.startswith("virt")
    turns = SHORT_TURNS if several else ""
    arguments = BOARDS[board] + (["--smp", str(cores)] if several else [])
    arguments += ["--kernel", str(kernel.image), "--system", f"{system}/system.img", "--once", "--time-limit", str(time_limit),
                  "--sdcard", f"{system}/sdcard-once.img"]
    plugin_arguments = f"{plugin},out={out},{kernel.plugin_arguments()}{more}"
    arguments.append(f"--qemu-extra=-icount shift={shift},sleep=off -rtc {RTC} {turns} -plugin {plugin_arguments}")
    machine = run_qemu.Run(run_qemu.arguments_parser().parse_args(arguments), lambda data: None)
    status = machine.run()
    if status != 0:
        tail = "\n".join(machine.console.lines[-6:])
        raise plugin_output.Broken(f"{pathlib.Path(system).name} on {board}: {machine.reason}\n{tail}")
    return plugin_output.read(out), machine.console.lines
