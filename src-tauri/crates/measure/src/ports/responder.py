# Listens for a moment on ports where nothing does, and tells on standard output what reaches them.
# Words: NONCE SECONDS PORTS (t443,u9000,...). Descriptor 3 is the line to who asked: it ends with that line, and by
# itself where the line is cut without a word.
import errno
import os
import select
import signal
import socket
import struct
import sys
import time

nonce, seconds, words = sys.argv[1].encode(), int(sys.argv[2]), sys.argv[3].split(",")
LINE = 3
signal.alarm(seconds + 2)
caller = os.environ.get("plumbline_caller", "")


def say(*words):
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def listen(kind, port, family):
    inet = socket.AF_INET if family == 4 else socket.AF_INET6
    try:
        one = socket.socket(inet, socket.SOCK_STREAM if kind == "t" else socket.SOCK_DGRAM)
    except OSError:
        return say("absent", kind, port, family)
    try:
        if family == 6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == "t":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("" if family == 4 else "::", port))
        if kind == "t":
            one.listen(8)
        one.setblocking(False)
    except OSError as error:
        one.close()
        word = {errno.EADDRINUSE: "taken", errno.EACCES: "denied", errno.EPERM: "denied"}.get(error.errno, "absent")
        return say(word, kind, port, family)
    held[one] = (kind, port, family)
    say("holds", kind, port, family)


def hear(one):
    kind, port, family = held[one]
    reply = b"plumbline %s %d\n" % (nonce, port)
    try:
        if kind == "t":
            guest, address = one.accept()
            guest.settimeout(1)
            say("got", kind, port, family, port)
            guest.sendall(reply)
            guest.close()
        else:
            data, address = one.recvfrom(2048)
            words = data.split()
            if len(words) == 3 and words[1] == nonce and words[2].isdigit():
                say("got", kind, port, family, int(words[2]))
                one.sendto(reply, address)
    except OSError:
        pass


def look(raw):
    """A packet as it comes in, before any firewall of this server has seen it."""
    data, address = raw.recvfrom(2048)
    if address[2] == socket.PACKET_OUTGOING or len(data) < 40:
        return
    if data[0] >> 4 == 4:
        family, protocol, start = 4, data[9], (data[0] & 15) * 4
        source = socket.inet_ntop(socket.AF_INET, data[12:16])
    elif data[0] >> 4 == 6:
        family, protocol, start = 6, data[6], 40
        source = socket.inet_ntop(socket.AF_INET6, data[8:24])
    else:
        return
    if len(data) < start + 8:
        return
    near, port = struct.unpack("!HH", data[start:start + 4])
    if protocol == 6 and len(data) > start + 13 and data[start + 13] & 0x12 == 2:
        if ("t", port) in wanted or source == caller:
            tell("saw", "t", port, family, near)
    elif protocol == 17 and nonce in data[start + 8:]:
        words = data[start + 8:].split()
        if len(words) == 3 and words[2].isdigit():
            tell("saw", "u", port, family, int(words[2]))


def tell(*words):
    if words not in told and len(told) < 600:
        told.add(words)
        say(*words)


held, told = {}, set()
wanted = set((word[0], int(word[1:])) for word in words)
raw = None
try:
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    raw.setblocking(False)
except (OSError, AttributeError):
    pass
for kind, port in sorted(wanted):
    for family in (4, 6):
        listen(kind, port, family)
say("sniffs", "yes" if raw else "no")
say("ready")
end = time.time() + seconds
while time.time() < end:
    for one in select.select(list(held) + [LINE] + ([raw] if raw else []), [], [], 0.3)[0]:
        if one == LINE:
            # Nothing is said on it; what comes all the same is noise.
            if not os.read(LINE, 4096):
                sys.exit()
        elif one is raw:
            try:
                look(raw)
            except OSError:
                pass
        else:
            hear(one)
