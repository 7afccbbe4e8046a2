# SPDX-License-Identifier: Apache-2.0
#
# What `make test-qemu` runs: one Row for each machine that is started. A row says what is booted, on what, how the run
# must end, and which console lines must and must not be there. Checks that silos report (`ok N - text`) are counted
# besides. Invariant: a row that passes has ended by itself, and no kernel died in it.
# Most machines run on virtual time, so that what is tested depends on no other load of the host; the demo runs in real
# time on each board, and with all cores at once.

import dataclasses
import os
import struct

from crash import with_core_file
from devices import with_broken_disk, with_disk, with_network, with_plain_disk, with_slow_disk
from boots import (altered_image, at_el3, until_it_begins_again, with_altered_tree, with_broken_tree, with_damaged_region,
                   with_no_tree, with_old_contract)

PASSED, STOPPED = 0, 98
PI = {"board": "raspi4b", "boot": "uboot", "gic": 2, "smp": 4, "memory": "2G", "time_limit": 150}
UBOOT = {"boot": "uboot", "time_limit": 120}
UBOOT_BANNER = r"^U-Boot 20\d\d\.\d\d"
BANNER = r"^granary: Granary \d+\.\d+, AArch64 EL2 partitioning kernel"


@dataclasses.dataclass
class Row:
    name: str
    system: str = "demo"           # a name in silos/systems or test/qemu/systems; "" for none
    board: str = "virt"
    boot: str = "direct"
    cpu: str = "cortex-a72"
    gic: int = 3
    smp: int = 1
    memory: str = "512M"
    machine: str = "virtualization=on"
    status: int = PASSED
    needs: tuple = ()              # regular expressions; each must be found in some line
    forbids: tuple = (r"was let through",)   # regular expressions; none may be found
    time_limit: int = 90
    prepare: object = None         # boots.py, devices.py: changes how the machine is started
    bootargs: str = ""             # besides `once`
    powers_off: bool = True        # after a verdict the machine ends by itself
    typed: tuple = ()              # what somebody types: (a regular expression of bytes to be printed first, the keys)
    ends_by_itself: bool = False   # whatever its status says
    counts_reports: bool = True    # checks that silos report are cases
    shift: int = 5                 # in virtual time an instruction takes 2^shift ns; 4 is a tick of the counter of virt
    real_time: bool = False        # the machine's clock is the wall's; else it counts instructions and skips idle time


def cores(count):
    return rf"^granary: cores: {count} found, {count} run silos"


def demo_rows():
    yield Row("demo: raspi4b, SD card, U-Boot, real time", **PI, real_time=True,
              needs=(UBOOT_BANNER, BANNER, cores(4), r"^granary: console: BCM2835 mini UART", r"GICv2 at 0xff841000"))
    yield Row("demo: raspi4b, without U-Boot", **(PI | {"boot": "direct"}), needs=(BANNER, cores(4)))
    yield Row("demo: virt, U-Boot, GICv3, 4 cores, real time", gic=3, smp=4, real_time=True,
              needs=(UBOOT_BANNER, BANNER, cores(4)), **UBOOT)
    yield Row("demo: virt, U-Boot, GICv2, cortex-a53", gic=2, cpu="cortex-a53", needs=(UBOOT_BANNER, BANNER), **UBOOT)
    for cpu, gic in (("cortex-a53", 2), ("cortex-a72", 3), ("cortex-a76", 3), ("max", 3)):
        yield Row(f"demo: virt, GICv{gic}, {cpu}", cpu=cpu, gic=gic, needs=(BANNER, rf"GICv{gic} at 0x8000000"))
    for smp, gic in ((2, 2), (4, 2), (8, 2), (8, 3)):
        yield Row(f"demo: virt, GICv{gic}, {smp} cores", smp=smp, gic=gic, needs=(cores(smp),))
    yield Row("demo: virt, GICv3, 1 core, real time", real_time=True)
    yield Row("demo: virt, GICv3, 8 cores, real time", smp=8, real_time=True, needs=(cores(8),))
    for memory, mebibytes in (("128M", 128), ("1G", 1024), ("8G", 8192)):
        yield Row(f"demo: virt, {memory} of memory", memory=memory, needs=(rf"^granary: memory: {mebibytes} MiB",))


def example_rows():
    yield Row("hello: virt", "hello", needs=(r"^\[hello_cpp\] hello from C\+\+", r"^\[hello_c\] hello from C$"))
    yield Row("Q4 alarm: virt", "alarm", needs=(r"^\[alarm\] rings$",))
    yield Row("ping_pong: virt", "ping_pong", needs=(r"^\[ping\] ping 1, pong 1",))
    hub = (r"^\[hub\] info hub: the door was opened, at 29 degrees$", r"^\[hub_c\] info hub: the door was opened",
           r"^\[chatterbox\] warning log: \d+ lines were dropped: the console was busy$")
    yield Row("hub: virt", "hub", needs=hub)
    yield Row("hub: raspi4b", "hub", **(PI | {"boot": "direct"}), needs=hub)


PROMPT = rb"granary> ($|\r\x1b\[K)"


def typed(keys, wanted=PROMPT):
    return (wanted, keys)


SESSION = (
    typed(b"help\r"), typed(b"silos\r"), typed(b"threads\r"), typed(b"caps client\r"), typed(b"links\r"),
    typed(b"frobnicate now\r"), typed(b"caps nobody\r"), typed(b"kill\r"), typed(b"echo one  two\r"),
    # Editing: ctrl-a and ctrl-e, arrows, delete and backspace, ctrl-w, ctrl-k, ctrl-u; up gets the line before.
    typed(b"cho edited\x01e\x05!\r"), typed(b"\x1b[A\x7f?\r"), typed(b"echo lost\x17kept\x01\x1b[C\x1b[C\x1b[C\x1b[C\x0b again\r"),
    typed(b"junk\x15echo clean\r"), typed(b"sil\t\r"), typed(b"caps cl\t\r"),
    typed(b"\x00\x02\x03\x06\x07\x0e\x1f\x1b[99~\x1b[1;2;3z\x80\xff\x1b\x1b[Cecho after control\x7f\x7f\x7f\x7f\x7f\x7f\x7fkeys\r"),
    typed(b"x" * 5000 + b"\r"), typed(b"echo the long line is over\r"),
    typed(b"echo flood\r" * 200 + b"echo the flood is over\r"),
    typed(b"threads\r", rb"printed 200 lines(.|\n)*printed 200 lines"),
    typed(b"top\r", rb"waits for(.|\n)*ending/main +blocked .* time(.|\n)*granary> "),
    typed(b"q", rb"messages/s(.|\n)*shell"),
    typed(b"trace on\r"), typed(b"trace off\r"), typed(b"trace\r"),
    typed(b"kill server\r"), typed(b"kill server\r", rb"client\] the server is gone, and I am here"),
    typed(b"silos\r", rb"stopped already\r"),
    typed(b"start server\r", rb"server +killed"), typed(b"start server\r", rb"server runs, restart 1"),
    typed(b"replace server\r", rb"server runs already"), typed(b"replace server main\r", rb"server runs image newer, before it was main"),
    typed(b"replace server 7\r", rb"server runs image main, before it was newer"),
    typed(b"replace ending\r", rb"server has no image `7`; it has main, newer"),
    typed(b"kill ending\r", rb"ending has no other image"))


def console_rows():
    """A session at the console: keys go in by the serial line, and what the shell says is looked at."""
    needs = (r"^granary> help$", r"^  silos +all silos", r"^client +running +0 +1 ", r"^shell/main +running",
             r"^ending/main +blocked .* time", r"^   1 console ", r"^port service$", r"^  client +duplicate send call$",
             r"there is no command `frobnicate`",
             r"there is no silo `nobody`", r"which silo\?", r"^one two$", r"^edited!$", r"^edited\?$", r"^again$",
             r"^clean$", r"^granary> silos *$", r"^after keys$", r"the line is too long: 512", r"^the long line is over$",
             r"^flood$", r"^the flood is over$", r"top: \d+ silos", r"tracing is on",
             r"^granary: silo server was stopped by the operator shell",
             r"^server runs, restart 1", r"^server runs already",
             r"^granary: silo server gets image newer, by silo shell", r"^server is stopped",
             r"^server has stopped already", r"^server +killed .*by shell",
             r"^\[client\] the server is gone, and I am here",
             r"^\[printer_a\] a{100}$", r"^\[printer_b\] b{100}$", r"^\[printer_a\] printed 200 lines$",
             r"^\[printer_b\] printed 200 lines$")
    forbids = (r"^\[printer_a\] (?!a{100}$|printed 200 lines$)", r"^\[printer_b\] (?!b{100}$|printed 200 lines$)", r"client has stopped",
               r"^granary: .*lost")
    for gic in (2, 3):
        yield Row(f"console: a session, virt, GICv{gic}", "operated", gic=gic, real_time=True, typed=SESSION, needs=needs, forbids=forbids)
    yield Row("console: a session, raspi4b", "operated", **(PI | {"boot": "direct"}), real_time=True, typed=SESSION, needs=needs,
              forbids=forbids)
    busy = r"^cpu ms/s of cores:  0: \d+  1: \d+  2: \d+  3: \d+"
    at_work = (busy, r"^sensor +1 +\d+ +[1-9]\d* *$", r"^actuator +2 +\d+ +[1-9]\d* *$", r"^logger +3 +\d+ +[1-9]\d* *$")
    for name, machine in (("virt, GICv3, 4 cores", {"gic": 3, "smp": 4}), ("raspi4b", PI | {"boot": "direct"})):
        yield Row(f"console: top sees four cores at work, {name}", "demo", **machine, real_time=True, needs=at_work,
                  typed=(typed(b"top\r"),))
    for name, machine in (("virt, GICv3", {"gic": 3}), ("raspi4b", PI | {"boot": "direct"})):
        yield Row(f"console: its silo is stopped, {name}", "operated", **machine, real_time=True,
                  typed=(typed(b"kill terminal\r"),),
                  needs=(r"^granary: silo terminal was stopped by the operator shell", r"^\[referee\] the kernel prints again$",
                         r"^\[printer_a\] printed 200 lines$", r"^\[printer_b\] printed 200 lines$"), forbids=forbids)


def crash_rows():
    """A crash, explained: the report and the core file, as somebody sees them on this machine."""
    needs = (r"^granary: silo crashing: end of the report$", r"^\[crash_witness\] # told after \d{1,5} us$",
             r"^\[crash_witness\] # never later than \d{1,3} us$", r"^granary: core 0\.0 B 1 ")
    for name, machine in (("virt, GICv3", {}), ("virt, GICv2, cortex-a53", {"gic": 2, "cpu": "cortex-a53"}),
                          ("raspi4b", PI | {"boot": "direct"})):
        yield Row(f"crash: a core file and a report with lines, {name}", "crash", **machine, bootargs="core_files", needs=needs,
                  forbids=(r"^granary: .*lost",), prepare=with_core_file())
    yield Row("crash: without core_files nothing is printed for one", "crash", needs=needs[:-1], forbids=(r"^granary: core \d",))


def driver_rows(disk="4 MiB", echoes=2000, time_limit=90):
    """Drivers in silos, each with its device. Real time: the devices work in the host's."""
    bytes_of_disk = int(disk.split()[0]) << 20
    for layout, legacy in (("", "off"), (", registers of before the standard", "on")):
        for gic in (2, 3):
            yield Row(f"drivers: a disk of {disk}, GICv{gic}{layout}", "drivers_block", gic=gic, smp=2, real_time=True,
                      prepare=with_disk(bytes_of_disk, legacy), time_limit=time_limit,
                      needs=(r"^\[block\] \d+ sectors",),
                      forbids=(r"^\[block\] the device", r"^granary: .*held back"))
        for changed in (0, 2000):
            yield Row(f"drivers: a network, {echoes} echoes, {changed} frames of nonsense{layout}", "drivers_net", smp=2,
                      real_time=True, prepare=with_network(echoes, changed, legacy), time_limit=time_limit,
                      needs=(r"^\[net\] 52:54:00:12:34:56 is 10\.0\.2\.15",),
                      forbids=(r"^\[net\] the device", r"^granary: .*held back"))
    yield Row(f"drivers: a disk of {disk} whose client is ended and comes back at random", "drivers_block_restart", smp=2,
              real_time=True, prepare=with_disk(bytes_of_disk, "off"), time_limit=time_limit,
              needs=(r"^\[block\] \d+ sectors", r"^\[watcher\] # \d+ lives"),
              forbids=(r"^\[block\] the device", r"^granary: .*held back"))
    yield Row("drivers: the example of a disk", "disk", real_time=True, prepare=with_plain_disk(1 << 20),
              needs=(r"^\[client\] 2048 sectors, start number 1$",))
    yield Row("drivers: a disk that is too slow", "drivers_block_stuck", real_time=True, prepare=with_slow_disk(1 << 20),
              needs=(r"^\[block\] the device does not answer, and is started again",
                     r"^\[block\] the device does not answer, and restarts are of no use"))
    yield Row("drivers: a disk with a sector that cannot be read", "drivers_block_failing", real_time=True,
              prepare=with_broken_disk(1 << 20, 1000), forbids=(r"^\[block\] the device",))
    yield Row("drivers: a disk that is not there", "drivers_block_failing", status=1, powers_off=False,
              needs=(r"^\[block\] there is another virtio device, or none, in this slot",))
    needs = (r"^\[status\] temperature 25\.0 degrees$", r"^\[status\] ARM clock 700 MHz$", r"^\[status\] board revision b03115$",
             r"^\[status\] pin 21: written 1 it is 1, written 0 it is 0$")
    yield Row("drivers: mailbox and pins, raspi4b, SD card, U-Boot", "board_status", **PI, needs=needs)
    yield Row("drivers: mailbox and pins, raspi4b, without U-Boot", "board_status", **(PI | {"boot": "direct"}), needs=needs)


FULL = os.environ.get("GRANARY_FULL") == "1"


def promise_rows():
    """What the interface promises, and what attackers must not achieve."""
    for system in ("conformance", "conformance_async", "conformance_both_ways", "conformance_budgets", "conformance_capabilities",
                   "conformance_contracts", "conformance_death", "conformance_drivers", "conformance_events",
                   "conformance_fast_path", "conformance_health", "conformance_records", "conformance_regions",
                   "conformance_restart", "conformance_storm", "conformance_time", "conformance_windows"):
        # Here no silo that receives through what it was passed on is on another core; where they are spread, some are.
        forbids = (r"was let through", r"# a silo is on another core")
        yield Row(f"{system}: raspi4b, SD card, U-Boot", system, **PI, forbids=forbids)
        everywhere = FULL or system in ("conformance", "conformance_fast_path", "conformance_restart")
        if everywhere:
            yield Row(f"{system}: virt, U-Boot, GICv3, cortex-a72", system, **UBOOT, forbids=forbids)
        for cpu, gic in (("cortex-a53", 2), ("cortex-a72", 2), ("max", 3)):
            if everywhere or cpu != "cortex-a72":
                yield Row(f"{system}: virt, GICv{gic}, {cpu}", system, cpu=cpu, gic=gic, forbids=forbids)
    yield Row("timing: virt, GICv3, cortex-a72", "timing", needs=(r"^\[sensor\] ok 1 - the sensor was never later than the bound",))
    yield Row("soak: raspi4b, without U-Boot", "soak", **(PI | {"boot": "direct"}))
    yield Row("soak: virt, GICv3, cortex-a72", "soak", time_limit=150)
    yield Row("hostile: raspi4b, SD card, U-Boot", "hostile", **PI)
    for cpu, gic in (("cortex-a53", 2), ("cortex-a72", 3), ("max", 3)):
        yield Row(f"hostile: virt, GICv{gic}, {cpu}", "hostile", cpu=cpu, gic=gic)


def repair_rows():
    """Silos that are brought back, or not: a supervisor that decides, and the safe state behind the limit."""
    gets = (r"^\[supervisor\] gauge has ended: restart 2 of 2$", r"^granary: silo gauge gets image proven, by silo supervisor$",
            r"^\[supervisor\] hopeless goes on crashing and has no other image: it stays down$",
            r"^granary: silo hopeless stays down: an operator has stopped it$")
    boards = (("virt", {}), ("raspi4b", PI | {"boot": "direct"}))
    for name, machine in (("virt", {}), ("virt, 4 cores, spread", {"smp": 4, "bootargs": "spread=2"}), boards[1]):
        yield Row(f"supervisor: {name}", "supervisor", needs=gets, **machine)
    yield Row("supervisor: the other image is damaged", "supervisor", status=2,
              prepare=with_damaged_region("/silos/silo@1/images/image@1/regions/region@0"),
              needs=(r"^granary: silo gauge goes on with image main: image proven is damaged$",
                     r"^\[supervisor\] gauge: it cannot be replaced: the image is damaged",
                     r"^\[supervisor\] gauge goes on crashing and has no other image: it stays down$"),
              counts_reports=False)
    # With -no-reboot a reset ends QEMU; without, the machine begins again, and a machine that is only off does not. In real
    # time: QEMU 10.0 stops counting instructions (icount with sleep=off) at a reset.
    anew = r"^granary: silo hopeless has used up its restarts: the machine starts anew$"
    for name, machine in boards:
        yield Row(f"reset: behind its limit a silo resets the board, {name}", "reset", status=96, ends_by_itself=True,
                  needs=(r"^granary: silo hopeless runs again \(2\)$", anew), forbids=(r"runs again \(3\)",), **machine)
        yield Row(f"reset: and the board begins again, {name}", "reset", prepare=until_it_begins_again(3), powers_off=False, real_time=True,
                  needs=(anew,), **machine)


def failure_rows():
    """Silos that end: at each instant of what they do (a part of `make test-sweep`), again and again, for every cause."""
    for cores_of_row in (1, 2):
        yield Row(f"sweep: virt, {cores_of_row} cores", "sweep", smp=cores_of_row, shift=4, time_limit=480,
                  needs=(r"^\[warden\] # \d{4,} rounds in all, .* 0 failures",), forbids=(r"^granary: every silo", r"waits for ever"))
    crashes = (r"^granary: silo crasher ends often", r"^granary: silo crasher has ended \d+ times more since")
    for name, machine in (("virt, GICv3", {}), ("virt, GICv2, 4 cores, spread", {"smp": 4, "gic": 2, "bootargs": "spread=3"}),
                          ("raspi4b", PI | {"boot": "direct"})):
        yield Row(f"restart storm: {name}", "restart_storm", needs=crashes, **machine)
        yield Row(f"chaos: {name}", "chaos", needs=(r"^\[supervisor\] # \d{3,} ends, ",), **machine)


# Silos spread over cores at random, from a seed: what they promise must hold wherever they are. Not among these are the
# systems that are about one core: its windows, how late its sensor is, and how late one is beside a storm of interrupts.
# (On virtual time QEMU gives a core the turn that was reckoned before the other one has set its timer: half of the
# conductor's sleep of 5 ms, and so late is a sensor on another core.)
SPREAD = ("demo", "conformance", "conformance_async", "conformance_both_ways", "conformance_budgets", "conformance_capabilities",
          "conformance_death", "conformance_drivers", "conformance_events", "conformance_fast_path", "conformance_regions",
          "conformance_records", "conformance_restart", "conformance_time", "hostile", "soak")
CORES_WITHOUT_SEEDS = {"conformance_async": 8, "conformance_capabilities": 2, "conformance_death": 8, "conformance_events": 2}  # else 4
SEEDS = int(os.environ.get("GRANARY_SEEDS", "0"))


def spread_rows():
    """GRANARY_SEEDS seeds on 2, 4 and 8 cores (make test-spread); without, one for each system, on one number of cores. The hostile
    silos on 2 and 4: on 8, what storms on each core takes turns with all others, and QEMU needs ten minutes and more."""
    for system in SPREAD:
        for seed in range(1, SEEDS + 1) if SEEDS else (1,):
            numbers = ((2, 4) if system == "hostile" else (2, 4, 8)) if SEEDS else (CORES_WITHOUT_SEEDS.get(system, 4),)
            for cores_of_row in numbers:
                yield Row(f"spread: {system}, seed {seed}, {cores_of_row} cores", system, smp=cores_of_row, gic=2 + seed % 2,
                          bootargs=f"spread={seed}", time_limit=600 if system == "hostile" else 200)
    yield Row("spread: conformance, seed 1, raspi4b", "conformance", bootargs="spread=1", **(PI | {"boot": "direct"}))


def stop(name, sentence, **more):
    """A boot that must stop, with this sentence, before any silo runs."""
    return Row(f"boot: {name}", status=STOPPED, needs=(r"^granary: STOP: " + sentence,), forbids=(r"^\[",), **more)


def word(offset, value):
    """The device tree with this big-endian word at `offset`."""
    return lambda tree: tree[:offset] + struct.pack(">I", value) + tree[offset + 4:]


def flipped(position):
    """The image with one bit changed; position: index, from the end if negative."""
    def damage(data):
        at = position % len(data)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
    return damage


def boot_rows():
    yield stop("no system image", "no system image: the loader passed no initial ramdisk", system="")
    yield stop("no system image, U-Boot", "(no system image:|system image: it has a bad magic number)", system="", **UBOOT)
    yield stop("a text file as system image", "system image: it has a bad magic number",
               prepare=altered_image(lambda data: b"Hello, I am not a system image.\n" * 256))
    yield stop("system image with a flipped bit in its description", "system image: the checksum of its description",
               prepare=altered_image(flipped(0x400)))
    yield stop("system image with a flipped bit in its data", "system image: silo .*the checksum of its data is wrong",
               prepare=altered_image(lambda data: flipped(len(data.rstrip(b"\0")) - 1)(data)))
    yield stop("system image that is cut short", "system image: it is cut short",
               prepare=altered_image(lambda data: data[:len(data) * 3 // 4]))
    yield stop("a program with an old contract", "system image: silo contracts_client: capability control: the silo's program was "
               "built with another contract", system="conformance_contracts", prepare=altered_image(with_old_contract))
    yield stop("system image of another interface", "system image: (its format is not granary,system-image-1|the checksum)",
               prepare=altered_image(lambda data: data.replace(b"granary,system-image-1", b"granary,system-image-2")))
    yield stop("started at EL1", "started at EL1; this kernel needs EL2", machine="virtualization=off")
    yield stop("too little memory", r"too little memory: the system needs \d+ KiB", memory="128M",
               system="too_big")
    yield stop("no device tree: X0 is 0", "no device tree: X0 is 0x0", prepare=with_no_tree(0))
    yield stop("no device tree: X0 leads to a device", "no device tree: X0 is 0x9000000", prepare=with_no_tree(0x9000000))
    yield stop("no device tree: X0 leads nowhere", "no device tree: X0 is 0x0*7000000000", prepare=with_no_tree(0x7000000000))
    yield stop("device tree of an absurd size", r"the device tree at 0x44000000 cannot be used: its total size",
               prepare=with_broken_tree(word(4, 0xFFFFFFF0)))
    yield stop("device tree whose header points outside", r"the device tree at 0x44000000 cannot be used: its header",
               prepare=with_broken_tree(word(8, 0x7FFFFFFC)))
    yield stop("device tree of another version", "the device tree at 0x44000000 cannot be used: its format version",
               prepare=with_broken_tree(word(20, 1)))
    yield stop("device tree whose structure ends early", "the device tree at 0x44000000 cannot be used",
               prepare=with_broken_tree(lambda tree: tree[:0x60] + b"\0" * (len(tree) - 0x60)))
    yield stop("device tree without memory", "the device tree at 0x44000000 cannot be used",
               prepare=with_altered_tree((r'device_type = "memory";', 'device_type = "storage";')))
    yield stop("device tree without a known interrupt controller", ".*interrupt controller",
               prepare=with_altered_tree((r'compatible = "arm,gic-v3";', 'compatible = "arm,gic-v9";')))
    yield stop("device tree without a timer", ".*timer",
               prepare=with_altered_tree((r'compatible = "arm,armv8-timer[^;]*;', 'compatible = "no-timer";')))
    for system, sentence in (
            ("interrupt_nowhere", "interrupt line: its path leads to no node of the device tree"),
            ("interrupt_private", r"interrupt line: it is an interrupt of single cores \(a PPI\)"),
            ("interrupt_twice", "interrupt again: the line is given to a silo already"),
            ("device_console", "silo driver: device uart: its pages are those of the console, which the kernel keeps"),
            ("device_controller", "silo driver: device gic: it is a block of the machine that the kernel keeps"),
            ("device_shared_page", "silo other: device two: a page of it is given to a silo already"),
            ("device_too_large", "silo driver: device flash: it is larger than the manifest says")):
        yield stop(f"Q2 Q3 {system.replace('_', ' ')}", "system image: " + sentence, system=system)
    # Unusual boots that must succeed.
    yield Row("boot: at EL3", powers_off=False, prepare=at_el3(), needs=(r"^granary: entered at EL3",))
    yield Row("boot: at EL3, GICv2, 4 cores", powers_off=False, prepare=at_el3(), gic=2, smp=4, needs=(r"^granary: entered at EL3",))
    yield Row("boot: secure world present", machine="secure=on,virtualization=on", needs=(r"^granary: entered at EL2",))
    yield Row("boot: PSCI by hvc is one core and a sentence", smp=2, powers_off=False,
              needs=(r"^granary: cores: PSCI by HVC cannot serve", r"^granary: cores: 2 found, 1 run silos"),
              prepare=with_altered_tree((r'method = "smc";', 'method = "hvc";')))
    yield Row("boot: no stdout-path: a console of last resort", needs=(r"using one of last resort",),
              prepare=with_altered_tree((r"stdout-path = [^;]*;", "")))


def all_rows():
    """The long ones first."""
    every = [*demo_rows(), *example_rows(), *console_rows(), *crash_rows(), *driver_rows(), *promise_rows(),
             *repair_rows(), *failure_rows(), *spread_rows(),
             *boot_rows()]
    return sorted(every, key=lambda row: -row.time_limit)


def long_rows():
    """`make test-drivers`: the same as some of all_rows(), longer."""
    return list(driver_rows(disk="64 MiB", echoes=10000, time_limit=300))
