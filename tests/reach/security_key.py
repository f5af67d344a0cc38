"""An SSH agent that holds a security key made of software. Word: the socket's path.

Prints the public key as a line of authorized_keys, then answers until it is killed.
"""
import base64
import hashlib
import socket
import struct
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KIND, APPLICATION, TOUCHED = b"sk-ssh-ed25519@openssh.com", b"ssh:", b"\x01"


def text(part):
    return struct.pack(">I", len(part)) + part


key = Ed25519PrivateKey.generate()
public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
blob = text(KIND) + text(public) + text(APPLICATION)


def take(rest):
    (length,) = struct.unpack(">I", rest[:4])
    return rest[4 : 4 + length], rest[4 + length :]


def answer(request):
    if request[0] == 11:
        return b"\x0c" + struct.pack(">I", 1) + text(blob) + text(b"software key")
    if request[0] == 13:
        asked, rest = take(request[1:])
        data, _ = take(rest)
        if asked == blob:
            counter = struct.pack(">I", 7)
            digest = hashlib.sha256
            signed = key.sign(digest(APPLICATION).digest() + TOUCHED + counter + digest(data).digest())
            return b"\x0e" + text(text(KIND) + text(signed) + TOUCHED + counter)
    return b"\x05"


listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print(KIND.decode(), base64.b64encode(blob).decode(), flush=True)
while True:
    caller, _ = listener.accept()
    with caller:
        while length := caller.recv(4, socket.MSG_WAITALL):
            request = caller.recv(struct.unpack(">I", length)[0], socket.MSG_WAITALL)
            caller.sendall(text(answer(request)))
