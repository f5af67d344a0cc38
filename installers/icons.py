#!/usr/bin/env python3
"""Draws every icon in icons/ anew from icon.svg, and from icon-small.svg below 64 pixels where fine lines would blur.

Needs rsvg-convert (Debian and Ubuntu: librsvg2-bin; Fedora: librsvg2-tools; macOS: brew install librsvg). No network.
"""

import pathlib
import struct
import subprocess

ICONS = pathlib.Path(__file__).resolve().parent.parent / "icons"
BELOW_IS_SMALL = 64

# What tauri.conf.json names, and what a Linux icon theme looks for.
PNGS = {"32x32.png": 32, "64x64.png": 64, "128x128.png": 128, "128x128@2x.png": 256, "icon.png": 512}
# Sizes that Windows asks for at 100 to 400 per cent scale.
ICO_SIZES = [16, 20, 24, 32, 40, 48, 64, 96, 256]
# Apple's types for PNG entries; an @2x entry is twice the size that it is named after.
ICNS_TYPES = {
    b"icp4": 16, b"icp5": 32, b"ic11": 32, b"ic12": 64, b"ic07": 128,
    b"ic13": 256, b"ic08": 256, b"ic14": 512, b"ic09": 512, b"ic10": 1024,
}  # fmt: skip


def draw(size):
    svg = ICONS / ("icon-small.svg" if size < BELOW_IS_SMALL else "icon.svg")
    command = ["rsvg-convert", "--width", str(size), "--height", str(size), str(svg)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def ico(images):
    """A directory of 16 bytes an image, then the images; 256 is written as 0."""
    head = struct.pack("<HHH", 0, 1, len(images))
    offset = len(head) + 16 * len(images)
    entries, bodies = b"", b""
    for size, png in images.items():
        side = size % 256
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), offset + len(bodies))
        bodies += png
    return head + entries + bodies


def icns(images):
    """Chunks of type, length with its own eight bytes, and PNG, within one such chunk."""
    body = b"".join(kind + struct.pack(">I", 8 + len(png)) + png for kind, png in images.items())
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def main():
    drawn = {}
    for size in {*PNGS.values(), *ICO_SIZES, *ICNS_TYPES.values()}:
        drawn[size] = draw(size)
    for name, size in PNGS.items():
        (ICONS / name).write_bytes(drawn[size])
    (ICONS / "icon.ico").write_bytes(ico({size: drawn[size] for size in ICO_SIZES}))
    (ICONS / "icon.icns").write_bytes(icns({kind: drawn[size] for kind, size in ICNS_TYPES.items()}))


main()
