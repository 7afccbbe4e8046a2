# SPDX-License-Identifier: Apache-2.0
#
# Unusual ways to start the virt machine, for rows.py. Each function gives a `prepare(row, options, folder)`, which
# may write files into `folder` and change `options` (those of tools/run_qemu.py) before QEMU is started. Machines
# with a device tree of ours are started without -kernel: kernel, tree and system image are put into memory, and so
# are four instructions that load X0 and jump. The same way starts the kernel at EL3.

import pathlib
import re
import struct
import subprocess
import zlib

KERNEL_AT, TREE_AT, SYSTEM_AT, JUMP_AT = 0x40200000, 0x44000000, 0x48000000, 0x40100000
# ldr x0, [pc, #16]; ldr x1, [pc, #20]; br x1; nop; then the two addresses.
JUMP = (0x58000080, 0x580000A1, 0xD61F0020, 0xD503201F)


def load_and_jump(options, folder, tree, x0=TREE_AT, cores=1):
    """Starts options.kernel with the device tree `tree` (bytes; none: nothing is loaded) and X0 = x0, on this many cores at once."""
    code = b"".join(word.to_bytes(4, "little") for word in JUMP) + x0.to_bytes(8, "little") + KERNEL_AT.to_bytes(8, "little")
    files = [(options.kernel, KERNEL_AT), (_file(folder, "jump.bin", code), JUMP_AT)]
    if tree is not None:
        files.append((_file(folder, "tree.dtb", tree), TREE_AT))
    if options.system:
        files.append((options.system, SYSTEM_AT))
    devices = [f"-device loader,file={path},addr={address:#x},force-raw=on" for path, address in files]
    devices += [f"-device loader,addr={JUMP_AT:#x},cpu-num={core}" for core in range(cores)]
    options.qemu_extra = " ".join([*devices, options.qemu_extra])
    options.kernel = None


def _file(folder, name, data):
    path = pathlib.Path(folder) / name
    path.write_bytes(data)
    return str(path)


def machine_tree(options, folder):
    """The device tree that QEMU makes for this machine, as source, with initial ramdisk and boot arguments in /chosen."""
    path = pathlib.Path(folder) / "machine.dtb"
    subprocess.run(["qemu-system-aarch64", "-machine", f"virt,{options.machine},gic-version={options.gic},dumpdtb={path}",
                    "-cpu", options.cpu, "-smp", str(options.smp), "-m", options.memory, "-display", "none", "-nic", "none"],
                   check=True, capture_output=True)
    source = subprocess.run(["dtc", "-I", "dtb", "-O", "dts", "-q", str(path)], check=True, capture_output=True, text=True).stdout
    size = pathlib.Path(options.system).stat().st_size if options.system else 0
    chosen = (f'chosen {{ linux,initrd-start = <0x0 {SYSTEM_AT:#x}>; linux,initrd-end = <0x0 {SYSTEM_AT + size:#x}>; '
              f'bootargs = "once";')
    return re.sub(r"(?<![\w-])chosen \{", chosen, source, count=1)


def compiled(source):
    return subprocess.run(["dtc", "-I", "dts", "-O", "dtb", "-q", "-"], input=source.encode(), check=True, capture_output=True).stdout


def with_altered_tree(*changes):
    """The machine's tree with (pattern, replacement) applied to its source; each pattern must be there."""
    def prepare(row, options, folder):
        source = machine_tree(options, folder)
        for pattern, replacement in changes:
            source, count = re.subn(pattern, replacement, source)
            if not count:
                raise ValueError(f"nothing in the device tree matches {pattern}")
        load_and_jump(options, folder, compiled(source))
    return prepare


def with_broken_tree(damage):
    """The machine's tree, its bytes changed by `damage`."""
    def prepare(row, options, folder):
        load_and_jump(options, folder, damage(compiled(machine_tree(options, folder))))
    return prepare


def with_no_tree(x0):
    """X0 leads nowhere."""
    def prepare(row, options, folder):
        load_and_jump(options, folder, None, x0)
    return prepare


def at_el3():
    """The kernel's first instruction runs at EL3, on all cores together; there is no firmware."""
    def prepare(row, options, folder):
        options.machine = "secure=on,virtualization=on"
        load_and_jump(options, folder, compiled(machine_tree(options, folder)), cores=options.smp)
    return prepare


def until_it_begins_again(boots):
    """A machine that resets itself is not ended, but begins again; the row ends when the kernel has begun so many times."""
    def prepare(row, options, folder):
        options.boots = boots
    return prepare


def with_damaged_region(node):
    """The system image, one byte changed in the data of the region at this path of its description."""
    header = 16
    def prepare(row, options, folder):
        data = bytearray(pathlib.Path(options.system).read_bytes())
        description = _file(folder, "description.dtb", bytes(data[header:]))
        at = int(subprocess.run(["fdtget", "-t", "u", description, node, "data-position"], check=True, capture_output=True).stdout)
        data[at] ^= 1
        options.system = _file(folder, "system.img", bytes(data))
    return prepare


def altered_image(damage):
    """The system image, its bytes changed by `damage`."""
    def prepare(row, options, folder):
        options.system = _file(folder, "system.img", damage(pathlib.Path(options.system).read_bytes()))
    return prepare


def with_old_contract(data):
    """The system image as if the last program with a part in the first object that has a contract had an older one of it."""
    begin, size, strings = 16, *struct.unpack_from(">I4xI", data, 16 + 4)
    blob = bytearray(data[begin:begin + size])

    def values(name, length):
        """Where the values of all properties of that name and length are."""
        found = [match.start() for match in re.finditer(re.escape(struct.pack(">II", 3, length)), bytes(blob))]
        named = [at for at in found if blob[strings + int.from_bytes(blob[at + 8:at + 12], "big"):].startswith(name + b"\0")]
        return [at + 12 for at in named]

    contracts = values(b"contract", 8)
    of_object = blob[contracts[0]:contracts[0] + 8]
    last = [at for at in contracts if blob[at:at + 8] == of_object][-1]
    blob[last] ^= 1
    checksum = values(b"crc32", 4)[0]
    blob[checksum:checksum + 4] = bytes(4)
    blob[checksum:checksum + 4] = zlib.crc32(blob).to_bytes(4, "big")
    return data[:begin] + bytes(blob) + data[begin + size:]
