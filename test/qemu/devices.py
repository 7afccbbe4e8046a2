# SPDX-License-Identifier: Apache-2.0
#
# Devices for the machines of rows.py: each function gives a `prepare(row, options, folder)` that changes `options`
# (those of tools/run_qemu.py) before QEMU is started. Unnamed devices take virt's virtio slots from the last one down.

import pathlib


def with_disk(size, legacy):
    """An empty disk of `size` bytes in the last slot, slow enough for somebody to die while it works; `legacy`: "on" for registers
    of before the standard."""
    def prepare(row, options, folder):
        disk = pathlib.Path(folder) / "disk.img"
        with open(disk, "wb") as file:
            file.truncate(size)
        options.qemu_extra += (f" -global virtio-mmio.force-legacy={legacy} -drive if=none,id=disk,format=raw,file={disk},throttling.iops-total=400"
                               " -device virtio-blk-device,drive=disk")
    return prepare
