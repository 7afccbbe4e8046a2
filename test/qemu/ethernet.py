# SPDX-License-Identifier: Apache-2.0
#
# The other end of a machine's wire: frames as datagrams of a local socket (QEMU's `-netdev dgram`), so no privileges are
# needed, and the kernel of this machine loses none. It asks by ARP, pings, sends UDP echoes, and what is malformed, and
# compares what comes back with what must. What the silo has counted must be what was sent, frame by frame.

import collections
import os
import random
import re
import select
import socket
import struct
import threading
import time

FATES = ("ArpAnswered", "PingAnswered", "UdpEchoed", "NotForUs", "TooShort", "TooLong", "BadLength", "BadChecksum", "Fragment",
         "UnknownProtocol", "NoSuchPort", "NotAnswerable")   # silos/drivers/net_stack.hpp
SILO, PEER = (bytes.fromhex("525400123456"), bytes((10, 0, 2, 15))), (bytes.fromhex("020000000001"), bytes((10, 0, 2, 2)))
BROADCAST = b"\xff" * 6
IN_FLIGHT = 48
ICMP, UDP = 1, 17


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(content, to=SILO[0], source=PEER[0], kind=0x0800):
    return to + source + struct.pack(">H", kind) + content


def ip(content, protocol, to=SILO[1], source=PEER[1], options=b"", fragment=0x4000, version=4, total=None, broken=0):
    words = 5 + len(options) // 4
    length = words * 4 + len(content) if total is None else total
    head = struct.pack(">BBHHHBBH", version << 4 | words, 0, length, 1, fragment, 64, protocol, 0) + source + to + options
    return head[:10] + struct.pack(">H", checksum(head) ^ broken) + head[12:] + content


def udp(payload, to=7, source=5000, length=None, broken=0, without=False, sender=PEER[1], receiver=SILO[1]):
    length = 8 + len(payload) if length is None else length
    datagram = struct.pack(">HHHH", source, to, length, 0) + payload
    value = checksum(sender + receiver + struct.pack(">HH", UDP, length) + datagram[:max(length, 8)]) or 0xFFFF
    return datagram[:6] + struct.pack(">H", 0 if without else value ^ broken) + datagram[8:]


def ping(payload, kind=8, broken=0):
    head = struct.pack(">BBHHH", kind, 0, 0, 7, 9)
    return head[:2] + struct.pack(">H", checksum(head + payload) ^ broken) + head[4:] + payload


def arp(operation=1, sender=PEER, target=(b"\0" * 6, SILO[1]), kind=b"\0\x01\x08\0\x06\x04"):
    return kind + struct.pack(">H", operation) + b"".join(sender) + b"".join(target)


def udp_frame(payload, **more):
    return ethernet(ip(udp(payload, **more), UDP))


def oddities():
    """(a frame, what must become of it), none of which is answered."""
    good = udp(b"hello" * 5)
    yield udp_frame(b"x" * 30, broken=0x0101), "BadChecksum"
    yield udp_frame(b"x" * 30, length=7), "BadLength"
    yield udp_frame(b"x" * 30, length=39), "BadLength"
    yield udp_frame(b"x" * 30, length=0xFFFF), "BadLength"
    yield udp_frame(b"x" * 30, source=7), "NotAnswerable"
    yield udp_frame(b"x" * 30, source=0), "NotAnswerable"
    yield udp_frame(b"x" * 30, to=8), "NoSuchPort"
    yield ethernet(ip(good, UDP, broken=1)), "BadChecksum"
    yield ethernet(ip(good, UDP, version=6)), "BadLength"
    yield ethernet(ip(good, UDP, version=0)), "BadLength"
    yield ethernet(ip(good, UDP, total=19)), "BadLength"
    yield ethernet(ip(good, UDP, total=1500)), "BadLength"
    yield ethernet(b"\x44" + ip(good, UDP)[1:]), "BadLength"
    yield ethernet(b"\x4f" + ip(b"", UDP, total=50)[1:] + b"\0" * 40), "BadLength"
    yield ethernet(ip(good[:6], UDP, total=26) + b"\0" * 40), "TooShort"
    yield ethernet(ip(good, UDP, fragment=0x2000)), "Fragment"
    yield ethernet(ip(good, UDP, fragment=0x0001)), "Fragment"
    yield ethernet(ip(good, 6)), "UnknownProtocol"
    yield ethernet(ip(good, UDP, to=bytes((10, 0, 2, 16)))), "NotForUs"
    yield ethernet(ip(good, UDP, to=b"\xff" * 4)), "NotForUs"
    for source in ((0, 0, 0, 0), (127, 0, 0, 1), (224, 0, 0, 1), (255, 255, 255, 255), (10, 0, 2, 15)):
        yield ethernet(ip(udp(b"abc" * 9, sender=bytes(source)), UDP, source=bytes(source))), "NotAnswerable"
    yield ethernet(ip(good, UDP), to=BROADCAST), "NotForUs"
    yield ethernet(ip(good, UDP), source=b"\x01" + PEER[0][1:]), "NotAnswerable"
    yield ethernet(ip(good, UDP), kind=0x86DD), "UnknownProtocol"
    yield ethernet(ip(ping(b"x" * 33, broken=1), ICMP)), "BadChecksum"
    yield ethernet(ip(ping(b"x" * 33, kind=0), ICMP)), "NotForUs"
    yield ethernet(ip(b"\x08\0", ICMP, total=22) + b"\0" * 40), "TooShort"
    yield ethernet(arp(operation=2), kind=0x0806), "NotForUs"
    yield ethernet(arp(operation=7), kind=0x0806), "NotForUs"
    yield ethernet(arp(target=(b"\0" * 6, bytes((10, 0, 2, 99)))), to=BROADCAST, kind=0x0806), "NotForUs"
    yield ethernet(arp(kind=b"\0\x01\x08\0\x08\x04"), to=BROADCAST, kind=0x0806), "BadLength"
    yield ethernet(b"\0" * 1501), "TooLong"
    for length in (1, 13, 14, 33):
        yield udp_frame(b"x" * 30)[:length], "TooShort"


class Peer(threading.Thread):
    def __init__(self, here, there, echoes, changed):
        super().__init__(daemon=True)
        self.there, self.echoes, self.changed = there, echoes, changed
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(here)
        self.socket.setblocking(False)
        self.sent, self.wrong, self.done = collections.Counter(), [], False
        self.is_over = threading.Event()
        self.total, self.seconds = 0, 0.0

    def run(self):
        try:
            self.talk()
            self.done = True
        except (OSError, TimeoutError) as problem:
            self.wrong.append(f"the peer: {problem!r}")

    def exchange(self, pairs, patience=20):
        """Sends each frame; the answers, some of which may be None (no answer), must be those, in any order."""
        waiting, pairs, frame = collections.Counter(), iter(pairs), None
        last = time.monotonic()
        more = True
        while more or waiting:
            if time.monotonic() - last > patience:
                raise TimeoutError(f"{sum(waiting.values())} answers did not come")
            if self.is_over.is_set():
                raise TimeoutError("the machine has ended")
            if more and frame is None and sum(waiting.values()) < IN_FLIGHT:
                frame, answer = next(pairs, (None, None))
                more = frame is not None
            ready, room, _ = select.select([self.socket], [self.socket] if frame else [], [], 0.5)
            if ready:
                got = self.socket.recv(4096)
                last = time.monotonic()
                if not waiting[got]:
                    self.wrong.append(f"an answer that nobody waits for: {got[:64].hex()}")
                waiting[got] -= 1
                waiting += collections.Counter()   # those that are 0 leave
            if frame and room:
                try:
                    self.socket.sendto(frame, self.there)
                except BlockingIOError:
                    time.sleep(0.0005)
                    continue
                last = time.monotonic()
                self.total += 1
                if answer:
                    waiting[answer] += 1
                frame = None

    def answered(self, fate, frame, content):
        self.sent[fate] += 1
        return frame, ethernet(content, to=PEER[0], source=SILO[0], kind=struct.unpack(">H", frame[12:14])[0])

    def echo(self, payload, **more):
        source = more.get("source", 5000)
        answer = udp(payload, to=source, source=7, sender=SILO[1], receiver=PEER[1])
        frame = ethernet(ip(udp(payload, **more), UDP))
        return self.answered("UdpEchoed", frame, self.reply(answer, UDP))

    @staticmethod
    def reply(content, protocol):
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(content), 0, 0x4000, 64, protocol, 0) + SILO[1] + PEER[1]
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + content

    def silent(self, frame, fate):
        self.sent[fate] += 1
        return frame, None

    def connect(self):
        """Until QEMU is there and the driver answers; how many of the first requests it will have heard nobody knows."""
        request = ethernet(arp(), to=BROADCAST, kind=0x0806)
        answer = ethernet(arp(2, SILO, PEER), to=PEER[0], source=SILO[0], kind=0x0806)
        for _ in range(200):
            try:
                self.socket.sendto(request, self.there)
                self.total += 1
                self.sent["ArpAnswered"] += 1
            except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
                pass
            if select.select([self.socket], [], [], 0.3)[0] or self.is_over.is_set():
                break
        time.sleep(1)
        while select.select([self.socket], [], [], 0.2)[0]:
            if self.socket.recv(4096) != answer:
                self.wrong.append("a wrong answer to an ARP request")

    def talk(self):
        chance = random.Random(7)
        self.connect()
        sizes = [0, 1, 2, 3, 17, 18, 1471, 1472] + [chance.randrange(1473) for _ in range(92)]
        payloads = [os.urandom(size) for size in sizes]
        self.exchange(self.answered("PingAnswered", ethernet(ip(ping(data), ICMP)), self.reply(ping(data, kind=0), ICMP))
                      for data in payloads)
        started = time.monotonic()
        self.exchange(self.echo(struct.pack(">I", i) + bytes(chance.randrange(1469))) for i in range(self.echoes))
        self.seconds = time.monotonic() - started
        self.exchange(self.silent(*oddity) for oddity in oddities())
        self.exchange([self.echo(b"without a checksum", without=True), self.echo(b"another port", source=65535)])
        self.send_changed(chance)
        self.exchange(self.echo(b"still there %d" % i) for i in range(100))
        self.exchange(self.silent(udp_frame(b"the end", to=9), "NoSuchPort") for _ in range(1000))

    def send_changed(self, chance):
        """Anything at all: true frames with some bytes changed or cut off. Some of it is answered, nobody knows what."""
        for _ in range(self.changed):
            frame = bytearray(udp_frame(chance.randbytes(chance.randrange(200))))
            for _ in range(chance.randrange(1, 5)):
                frame[chance.randrange(len(frame))] = chance.randrange(256)
            frame = frame[:chance.randrange(1, len(frame) + 1)] if chance.random() < 0.3 else frame
            while select.select([self.socket], [self.socket], [], 0.5)[0]:
                self.socket.recv(4096)
            try:
                self.socket.sendto(frame, self.there)
                self.total += 1
            except BlockingIOError:
                time.sleep(0.0005)
        time.sleep(0.5)
        while select.select([self.socket], [], [], 0.2)[0]:
            self.socket.recv(4096)

    def finish(self, lines):
        self.is_over.set()
        self.join(10)
        self.socket.close()
        found = next(filter(None, (re.match(r"^\[referee\] counts((?: \d+)+)$", line) for line in lines)), None)
        if not found:
            return [*self.wrong, "the silo has not said what it counted"]
        counted = dict(zip(FATES, map(int, found[1].split())))
        if not self.done:
            self.wrong.append("the peer has not come to its end")
        # What was changed at random is counted somewhere. Of the first requests some come before there is a driver, and the silo
        # that prints the counts looks when most of what is sent last has come.
        for fate in FATES:
            fits = counted[fate] >= self.sent[fate] if self.changed else counted[fate] == self.sent[fate]
            if fate in ("ArpAnswered", "NoSuchPort"):
                fits = 0 < counted[fate] and (self.changed or counted[fate] <= self.sent[fate])
            if not fits:
                self.wrong.append(f"{fate}: {counted[fate]} counted, {self.sent[fate]} sent")
        lines.append(f"# {self.total} frames sent, {sum(counted.values())} counted; {self.echoes} echoes in {self.seconds:.1f} s")
        return self.wrong
