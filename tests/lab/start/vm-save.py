#!/usr/bin/env python3
"""vm-save.py BESIDE MONITOR FILE: waits until the machine has settled, saves it running into FILE and ends it."""

import json
import socket
import sys
import time

LIMIT = 240  # seconds to boot where the processor is worked out in software and busy


def main():
    beside, monitor, file = sys.argv[1:4]
    end = time.monotonic() + LIMIT
    while not settled(beside):
        if time.monotonic() > end:
            sys.exit("the machine did not come up")
        time.sleep(0.5)
    time.sleep(2)  # what was started last comes to rest
    with socket.socket(socket.AF_UNIX) as qmp:
        qmp.connect(monitor)
        lines = qmp.makefile("r")
        lines.readline()

        def ask(command, **words):
            qmp.sendall(json.dumps({"execute": command, "arguments": words}).encode() + b"\n")
            for line in lines:
                answer = json.loads(line)
                if "error" in answer:
                    sys.exit(str(answer["error"]))
                if "return" in answer:
                    return answer["return"]
            return {}

        ask("qmp_capabilities")
        ask("migrate", uri=f"exec:cat >'{file}.part' && mv '{file}.part' '{file}'")
        while (state := ask("query-migrate").get("status")) != "completed":
            if state in ("failed", "cancelled") or time.monotonic() > end + LIMIT:
                sys.exit(f"saving ended with {state}")
            time.sleep(0.1)
        ask("quit")


def settled(beside):
    script = "test ! -e /run/nologin && systemctl is-system-running | grep -qE 'running|degraded' && ss -Hltn sport = :22 | grep -q . && ip route | grep -q default"
    try:
        with socket.socket(socket.AF_UNIX) as port:
            port.settimeout(10)
            port.connect(beside)
            port.sendall(f"settled {script.encode().hex()} \n".encode())
            return port.makefile("r").readline().startswith("settled 0 ")
    except OSError:
        return False


main()
