#!/usr/bin/env python3
"""relay.py PORT PID PORT2: carries 127.0.0.1:PORT here to 127.0.0.1:PORT2 in the network namespace of process PID.

Says `ready` once a server answers there. Where this user is not root it joins the process's user namespace first, which
is what lets it join the other.
"""

import ctypes
import os
import socket
import sys
import threading
import time

CLONE_NEWUSER = 0x10000000  # linux/sched.h
CLONE_NEWNET = 0x40000000


def main():
    port, pid, inner = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    # Made before joining, so it stays in this namespace.
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    if os.geteuid() != 0:
        enter(f"/proc/{pid}/ns/user", CLONE_NEWUSER)
    enter(f"/proc/{pid}/ns/net", CLONE_NEWNET)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", inner), 5) as server:
                if server.recv(4) == b"SSH-":
                    break
        except OSError:
            pass  # not up yet; the keeper has the time limit
        time.sleep(0.02)
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", inner), 5)
        except OSError:
            client.close()
            continue
        for pair in ((client, server), (server, client)):
            threading.Thread(target=carry, args=pair, daemon=True).start()


def carry(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # One side is gone without a goodbye; so is the other then.
        source.close()
        sink.close()


def enter(path, kind):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(os.open(path, os.O_RDONLY), kind):
        raise OSError(ctypes.get_errno(), f"setns {path}")


main()
