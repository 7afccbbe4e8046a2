#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Starts QEMU with the kernel and a system image, shows the console as it comes, and ends by what the console says:
#   granary: verdict: status N (passed|failed)   exit status N (only with --once; without, the system goes on)
#   granary: DEAD: ... -> 97        granary: STOP: ... -> 98        time is up -> 99        QEMU ended without any of them -> 96
#   --timeout is over -> 124
# Invariants: the QEMU that it started never outlives it, also if it is interrupted or killed; no other process is
# touched. A silo cannot fake these lines, its own begin with its name in brackets. test/qemu uses this file as a
# module.

import argparse
import ctypes
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import termios
import time

from console_view import CORE_LINE, ERASED, Explainer, View

NO_VERDICT, DEAD, STOPPED, TIME_UP = 96, 97, 98, 99
TIMED_OUT = 124                # by --timeout; as timeout(1) has it
VERDICT = re.compile(rb"^granary: verdict: status (\d+) \((passed|failed)\)")
IDLE = re.compile(rb"^granary: (idle: nothing can run any more|every silo has ended)")
BEGINS = re.compile(rb"^granary: Granary \d")
UBOOT_VIRT = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"
PACKAGES = "build/packages"  # what tools/setup.sh has downloaded
UBOOT_PI = "arm64/usr/lib/u-boot/rpi_4/u-boot.bin"
DTB_PI = "raspi4b/bcm2711-rpi-4-b.dtb"
PR_SET_PDEATHSIG = 1
# What QEMU says about the Pi's device tree on every start; it is of no use to anybody.
NOISE = re.compile(rb"warning: bcm2711 dtc: .* has been disabled")


def arguments_parser():
    parser = argparse.ArgumentParser(description="Runs a kernel and a system image in QEMU.")
    parser.add_argument("--board", choices=("virt", "raspi4b"), default="virt")
    parser.add_argument("--boot", choices=("direct", "uboot"), default="direct")
    parser.add_argument("--kernel", help="the kernel's Image file")
    parser.add_argument("--system", help="the system image; none: the kernel gets no initial ramdisk")
    parser.add_argument("--sdcard", help="SD card image, for raspi4b by U-Boot; it is not written to")
    parser.add_argument("--dtb", help="device tree to hand over instead of QEMU's own or the board's")
    parser.add_argument("--packages", default=PACKAGES, help="where U-Boot and the device tree of the Raspberry Pi 4 lie")
    parser.add_argument("--cpu", default="cortex-a72")
    parser.add_argument("--gic", type=int, choices=(2, 3), default=3)
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--memory", default="512M")
    parser.add_argument("--machine", default="virtualization=on", help="properties of the virt machine")
    parser.add_argument("--bootargs", default="", help="boot arguments besides `once`")
    parser.add_argument("--boots", type=int, default=0,
                        help="a machine that resets itself begins again; end when the kernel has begun so many times, with status 0")
    parser.add_argument("--once", action="store_true", help="end at the verdict, with its status")
    parser.add_argument("--time-limit", type=float, default=0, help="seconds; 0: none")
    parser.add_argument("--timeout", type=float, default=0,
                        help=f"end after so many seconds, with status {TIMED_OUT} if there is no verdict; 0: never")
    parser.add_argument("--timeout-said-by", default="--timeout", help="what the user called it, for the last line")
    parser.add_argument("--debug", action="store_true", help="wait for gdb at port 1234")
    parser.add_argument("--gdb", help="with --debug: gdb's command line, run in this terminal; the console goes to --console")
    parser.add_argument("--console", help="write the console to this file too")
    parser.add_argument("--symbolize", help="a command that gets the console and explains crashes (granary symbolize)")
    parser.add_argument("--core", help="a command that gets the console and makes core files (granary core); their lines are not shown")
    parser.add_argument("--qemu-extra", default="", help="more arguments for QEMU")
    return parser


def qemu_command(options):
    """The command line of QEMU; the console is on its standard input and output."""
    command = ["qemu-system-aarch64", "-nodefaults", "-display", "none", *([] if options.boots else ["-no-reboot"]), "-nic", "none",
               "-chardev", "stdio,id=console,mux=on,signal=off", "-mon", "chardev=console"]
    bootargs = " ".join(filter(None, ["once" if options.once else "", options.bootargs]))
    by_image = ["-kernel", options.kernel] + (["-initrd", options.system] if options.system else [])
    by_image += ["-append", bootargs] if bootargs else []
    if not options.kernel:  # somebody loads it by other means (test/qemu/boots.py)
        by_image = []
    if options.board == "virt":
        command += ["-machine", f"virt,{options.machine},gic-version={options.gic}", "-cpu", options.cpu,
                    "-smp", str(options.smp), "-m", options.memory, "-serial", "chardev:console"] + by_image
        if options.boot == "uboot":
            command += ["-bios", UBOOT_VIRT]
        if options.dtb:
            command += ["-dtb", options.dtb]
    else:
        # Both serial ports end on one console: U-Boot's banner comes out of the PL011, what follows out of the mini
        # UART.
        command += ["-machine", "raspi4b", "-dtb", options.dtb or f"{options.packages}/{DTB_PI}"] + ["-serial", "chardev:console"] * 2
        if options.boot == "uboot":
            card = options.sdcard.replace(",", ",,")
            command += ["-kernel", f"{options.packages}/{UBOOT_PI}", "-drive", f"if=sd,format=raw,snapshot=on,file={card}"]
        else:
            command += by_image
    if options.debug:
        command += ["-s", "-S"]
    return command + shlex.split(options.qemu_extra)


class Console:
    """What came out of the machine, by lines, and what it says about the end of the run."""

    def __init__(self):
        self.lines, self.rest = [], b""
        self.status, self.reason = None, ""
        self.boots = 0
        self.idle = False

    def take(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            # What stood in the line before it was erased (the line that is being edited at a console) is not in it.
            line = line.rpartition(ERASED)[2].replace(b"\r", b"")
            self.lines.append(line.decode("utf-8", "replace"))
            if self.status is None:
                self.judge(line)

    def judge(self, line):
        verdict = VERDICT.match(line)
        if verdict:
            number, failed = int(verdict.group(1)), verdict.group(2) == b"failed"
            self.status = min(number, 95) or int(failed)
            self.reason = f"the system's verdict: status {number}, {verdict.group(2).decode()}"
        elif line.startswith(b"granary: DEAD:"):
            self.status, self.reason = DEAD, "the kernel died"
        elif line.startswith(b"granary: STOP:"):
            self.status, self.reason = STOPPED, "the kernel stopped at boot"
        elif IDLE.match(line):
            self.idle = True
        elif BEGINS.match(line):
            self.boots += 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Terminal:
    """Our terminal in raw mode while QEMU runs, if standard input is one; keys are handed to QEMU, Ctrl-C ends."""

    def __init__(self, interactive):
        self.active = interactive and sys.stdin.isatty()

    def __enter__(self):
        if self.active:
            self.saved = termios.tcgetattr(0)
            raw = termios.tcgetattr(0)
            raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
            termios.tcsetattr(0, termios.TCSANOW, raw)
        return self

    def __exit__(self, *_):
        if self.active:
            termios.tcsetattr(0, termios.TCSADRAIN, self.saved)


class Run:
    """One QEMU from start to end. `show` gets each piece of console output, and nothing (b"") while there is none."""

    SILENCE_AFTER_END = 0.5   # seconds; the rest of an epitaph still comes
    SILENCE_WHEN_IDLE = 2     # seconds in which a kernel that was told `once` gives its verdict
    POWER_OFF_TIME = 10       # seconds from the verdict to the machine's own end

    def __init__(self, options, show):
        self.options, self.show, self.console = options, show, Console()
        self.powered_off = False
        self.typed = []   # what somebody types: (a regular expression that the output then matches, bytes), in this order
        self.heard = b""  # since the last of them

    def run(self):
        """The exit status; `reason` and `console` say more."""
        with Terminal(not self.options.once) as terminal:
            process = subprocess.Popen(qemu_command(self.options), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       stdin=subprocess.PIPE if terminal.active or self.typed else subprocess.DEVNULL,
                                       preexec_fn=die_with_parent)
            try:
                return self.watch(process, terminal)
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
                self.show_complaints(process)

    def show_complaints(self, process):
        """What QEMU itself had to say; it is part of the console's record, and never of the verdict."""
        for line in process.stderr.read().splitlines():
            if not NOISE.search(line):
                self.show(line + b"\n")
                self.console.lines.append(line.decode("utf-8", "replace"))

    def watch(self, process, terminal):
        started = time.monotonic()
        ended = None   # when the console said how the run ends
        last_word = started
        sources = [process.stdout] + ([sys.stdin] if terminal.active else [])
        while True:
            ready, _, _ = select.select(sources, [], [], 0.1)
            now = time.monotonic()
            if not ready:
                self.show(b"")
            if process.stdout in ready:
                data = os.read(process.stdout.fileno(), 65536)
                if not data:
                    self.powered_off = process.wait() == 0
                    if self.powered_off and not self.options.once and self.console.status not in (DEAD, STOPPED):
                        return self.end(None, 0, "QEMU ended")
                    return self.end(self.console.status, NO_VERDICT,
                                    f"QEMU ended with status {process.returncode}, without a verdict")
                last_word = now
                self.show(data)
                self.console.take(data)
                self.type_next(process, data)
            if sys.stdin in ready:
                keys = os.read(0, 4096)
                if b"\x03" in keys or not keys:
                    return self.end(None, 0, "interrupted")
                process.stdin.write(keys)
                process.stdin.flush()
            if self.console.status is not None and ended is None:
                ended = now
            if self.options.boots and self.console.boots >= self.options.boots:
                return self.end(None, 0, f"the kernel has begun {self.console.boots} times")
            if ended is not None and self.is_over(now, ended, last_word):
                return self.end(self.console.status, 0, "")
            if self.options.once and self.options.sdcard and self.console.idle and now - last_word > self.SILENCE_WHEN_IDLE:
                return self.end(self.console.status, NO_VERDICT, "nothing can run any more, and there is no verdict: the card was "
                                "not made for --once (granary sdcard --once)")
            if self.options.timeout and now - started > self.options.timeout:
                return self.end(self.console.status if self.options.once else None, TIMED_OUT,
                                f"the {self.options.timeout:g} s of {self.options.timeout_said_by} are over")
            if self.options.time_limit and now - started > self.options.time_limit:
                return self.end(self.console.status, TIME_UP, f"no verdict within {self.options.time_limit:.0f} seconds")

    def type_next(self, process, data):
        """The next keys, if what they wait for has been printed. QEMU's own escape character is doubled for it."""
        if not self.typed:
            return
        self.heard += data
        wanted, keys = self.typed[0]
        if re.search(wanted, self.heard):
            del self.typed[0]
            self.heard = b""
            process.stdin.write(keys.replace(b"\x01", b"\x01\x01"))
            process.stdin.flush()

    def is_over(self, now, ended, last_word):
        if self.options.debug:
            return False
        if self.console.status in (DEAD, STOPPED):
            return now - last_word > self.SILENCE_AFTER_END
        return self.options.once and now - ended > self.POWER_OFF_TIME

    def end(self, status, otherwise, reason):
        if status is None:
            self.reason = reason
            return otherwise
        self.reason = self.console.reason
        return status


def show_live(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def make_core_files(command, lines):
    if not any(line.startswith(CORE_LINE.decode()) for line in lines):
        print("run: no silo has crashed, so there is no core file")
        return
    subprocess.run(shlex.split(command), input="".join(line + "\n" for line in lines), text=True, check=False)


def main():
    options = arguments_parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        copy = open(options.console, "wb") if options.console else None
    except OSError as refused:
        sys.exit(f"run: {options.console}: {refused.strerror}: the console is to be written to it")
    view = View(lambda text: options.core and text.startswith(CORE_LINE), show_live)
    explainer = Explainer(options.symbolize, view) if options.symbolize else None
    take = explainer.take if explainer else view
    if options.core:
        options.bootargs = f"{options.bootargs} core_files".strip()

    def show(data):
        take(data)
        if copy:
            copy.write(data)
            copy.flush()

    if not options.once:
        print("run: leave with Ctrl-C (or Ctrl-A X)", flush=True)
    run = Run(options, show)
    try:
        status = run.run()
    except KeyboardInterrupt:
        sys.exit("\nrun: interrupted")
    except FileNotFoundError as missing:
        sys.exit(f"run: {missing.filename} is not there; tools/setup.sh installs it")
    if explainer:
        explainer.finish()
    view.finish()
    if run.console.rest:
        print(flush=True)
    if options.core:
        make_core_files(options.core, run.console.lines)
    if status in (NO_VERDICT, TIME_UP):
        print("run: the last lines were:")
        for line in run.console.lines[-8:]:
            print(f"run:   {line}")
    print(f"run: {run.reason} (exit status {status})")
    sys.exit(status)


if __name__ == "__main__":
    main()
