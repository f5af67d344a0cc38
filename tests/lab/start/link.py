#!/usr/bin/env python3
"""A link between two network namespaces with delay, jitter, loss and a rate, for kernels without netem.

    link.py NETNS NAME HERE4,HERE6 THERE4,THERE6 [delay-ms=25] [jitter-ms=5] [loss=0.01] [rate-mbit=20] [to-mbit=5]
            [from-mbit=5] [queue=1000]

Two TUN devices, `NAMEh` here and `host0` in NETNS, and this program between them. It carries whole IP packets, so
handshakes, retransmissions, UDP and ICMP all feel it. Each figure holds for each direction, but `to-mbit` (into NETNS) and `from-mbit` hold for one. Says `ready` when up.
SIGUSR1 cuts the link without a word to anybody, SIGUSR2 mends it. The devices go when it does.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000  # linux/sched.h


def main():
    netns, name, here, there = sys.argv[1:5]
    words = dict(word.split("=", 1) for word in sys.argv[5:])
    delay = float(words.get("delay-ms", 0)) / 1000
    jitter = float(words.get("jitter-ms", 0)) / 1000
    loss = float(words.get("loss", 0))
    both = words.get("rate-mbit", 0)
    queue = int(words.get("queue", 1000))

    near = device(name + "h", here.split(","), there.split(","))
    enter(netns)
    far = device("host0", there.split(","), here.split(","))

    cut = [False]
    signal.signal(signal.SIGUSR1, lambda *_: cut.__setitem__(0, True))
    signal.signal(signal.SIGUSR2, lambda *_: cut.__setitem__(0, False))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)

    sides = {near: Side(far, words.get("to-mbit", both)), far: Side(near, words.get("from-mbit", both))}
    due, count = [], 0
    poll = select.epoll()
    for side in sides:
        poll.register(side, select.EPOLLIN)
    while True:
        now = time.monotonic()
        while due and due[0][0] <= now:
            _, _, source, packet = heapq.heappop(due)
            sides[source].waiting -= 1
            if not cut[0]:
                try:
                    os.write(sides[source].out, packet)
                except OSError:
                    pass  # the device is full or down: a lost packet, as on any link
        for source, _ in poll.poll(max(0.0, due[0][0] - time.monotonic()) if due else -1):
            side = sides[source]
            for _ in range(64):  # not for ever: the other direction has packets due
                try:
                    packet = os.read(source, 65536)
                except BlockingIOError:
                    break
                if cut[0] or side.waiting >= queue or random.random() < loss:
                    continue
                count += 1
                side.waiting += 1
                heapq.heappush(due, (side.arrival(len(packet), delay, jitter), count, source, packet))


class Side:
    """One direction: when its wire is free again, and when its last packet arrives, so that order is kept."""

    def __init__(self, out, mbit):
        self.rate = float(mbit) * 1e6 / 8
        self.out, self.waiting, self.free, self.last = out, 0, 0.0, 0.0

    def arrival(self, size, delay, jitter):
        start = max(time.monotonic(), self.free)
        self.free = start + (size / self.rate if self.rate else 0)
        self.last = max(self.last, self.free + delay + random.uniform(-jitter, jitter))
        return self.last


def device(name, mine, theirs):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    run("link", "set", name, "up", "txqueuelen", "1000")
    for my, their in zip(mine, theirs):
        run("addr", "add", my, "peer", their, "dev", name, *(["nodad"] if ":" in my else []))
    return tun


def run(*words):
    subprocess.run(["ip", *words], check=True)


def enter(netns):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(os.open(netns, os.O_RDONLY), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


main()
