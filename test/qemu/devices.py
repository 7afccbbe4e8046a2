# SPDX-License-Identifier: Apache-2.0
#
# Devices for the machines of rows.py: each function gives a `prepare(row, options, folder)` that changes `options`
# (those of tools/run_qemu.py) before QEMU is started, and returns what `finish(lines)` is asked after the run: what is
# wrong, a sentence each. Unnamed devices take virt's virtio slots from the last one down.

import pathlib
import struct

from ethernet import Peer

SECTOR, RESERVED = 512, 128   # silos/conformance/disk_pattern.hpp


class Disk:
    def __init__(self, path, size):
        self.path, self.size = path, size

    def finish(self, lines):
        """Is on the disk what the silo says it has written? Every 97th sector is looked at, and the last one."""
        count = self.size // SECTOR - RESERVED
        with open(self.path, "rb") as disk:
            for sector in [*range(0, count, 97), count - 1]:
                disk.seek(sector * SECTOR)
                words = ((sector * 64 + i + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF for i in range(64))
                if disk.read(SECTOR) != struct.pack("<64Q", *words):
                    return [f"sector {sector} of the disk is not what was written"]
        return []


def with_disk(size, legacy):
    """An empty disk of `size` bytes, slow enough for somebody to die while it works; `legacy`: "on" for registers of before the
    standard."""
    return _with_disk(size, legacy, "format=raw,throttling.iops-total=400,file={}", True)


def with_plain_disk(size):
    """An empty disk; what is written to it is the silo's affair."""
    return _with_disk(size, "off", "format=raw,file={}", False)


def with_slow_disk(size):
    """A disk that gives 8 KiB in a second."""
    return _with_disk(size, "off", "format=raw,throttling.bps-total=8192,file={}", False)


def with_broken_disk(size, sector):
    """A disk with a sector that cannot be read."""
    return _with_disk(size, "off", "driver=blkdebug,image.driver=file,image.filename={},inject-error.0.event=none,"
                      f"inject-error.0.iotype=read,inject-error.0.errno=5,inject-error.0.sector={sector}", False)


def _with_disk(size, legacy, drive, is_written):
    def prepare(row, options, folder):
        path = pathlib.Path(folder) / "disk.img"
        with open(path, "wb") as file:
            file.truncate(size)
        options.qemu_extra += (f" -global virtio-mmio.force-legacy={legacy} -device virtio-blk-device,drive=disk,rerror=report"
                               f" -drive if=none,id=disk,{drive.format(path)}")
        return Disk(path, size) if is_written else None
    return prepare


def with_network(echoes, changed, legacy):
    """A network card and, at the other end of its wire, somebody who sends so many UDP echoes, what is malformed, and frames that
    were changed at random."""
    def prepare(row, options, folder):
        here, there = pathlib.Path(folder) / "peer", pathlib.Path(folder) / "qemu"
        options.qemu_extra += (f" -global virtio-mmio.force-legacy={legacy} -device virtio-net-device,netdev=net,mac=52:54:00:12:34:56"
                               f" -netdev dgram,id=net,local.type=unix,local.path={there},remote.type=unix,remote.path={here}")
        peer = Peer(str(here), str(there), echoes, changed)
        peer.start()
        return peer
    return prepare
