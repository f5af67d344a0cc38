"""A server that asks, with asyncssh: the user's name chooses what it asks for. Word: the folder with its key, host, and authorized, the
keys that it lets in.

Prints its port. Ends when it is killed.
"""
import asyncio
import pathlib
import sys

import asyncssh

folder = pathlib.Path(sys.argv[1])


class Server(asyncssh.SSHServer):
    def __init__(self):
        self.round = 0
        self.step = 0

    def connection_made(self, connection):
        self.connection = connection

    def begin_auth(self, username):
        self.user = username
        return True

    # keys
    def public_key_auth_supported(self):
        return self.user == "key-then-code" and self.step == 0

    def validate_public_key(self, username, key):
        good = key in asyncssh.read_public_key_list(folder / "authorized")
        if good and self.user == "key-then-code":
            self.step = 1
            raise_partial(self.connection)
        return good

    # passwords
    def password_auth_supported(self):
        return self.user == "old-password" or (self.user == "password-then-code" and self.step == 0)

    def validate_password(self, username, password):
        if password != "secret":
            return False
        if self.user == "old-password":
            raise asyncssh.PasswordChangeRequired("Choose a new one")
        self.step = 1
        raise_partial(self.connection)
        return False

    # questions
    def kbdint_auth_supported(self):
        if self.user in ("key-then-code", "password-then-code"):
            return self.step == 1
        return self.user in ("three-rounds", "hostile-words")

    def get_kbdint_challenge(self, username, lang, submethods):
        if self.user == "three-rounds":
            self.round = 1
            return "", "", "", [("Password: ", False)]
        if self.user == "hostile-words":
            return "\x1b[2J\x07title", "\u202eturned", "", [("\x1b]0;x\x07Code\u202e: ", True)]
        return "Second step", "Look at your token", "", [("Code: ", True)]

    def validate_kbdint_response(self, username, responses):
        if self.user == "three-rounds":
            if self.round == 1 and responses == ["secret"]:
                self.round = 2
                return "More", "", "", [("Colour: ", True), ("Number: ", False)]
            if self.round == 2 and responses == ["blue", "42"]:
                self.round = 3
                return "Done", "Nothing to answer", "", []
            return self.round == 3 and responses == []
        return responses == ["123456"]


def raise_partial(connection):
    """asyncssh takes each proof as the last one; the next refusal is marked as a partial success instead."""
    connection.plumb_partial = True


def patch():
    send = asyncssh.connection.SSHServerConnection.send_userauth_failure

    def failure(self, partial_success):
        marked = getattr(self, "plumb_partial", False)
        self.plumb_partial = False
        return send(self, partial_success or marked)

    asyncssh.connection.SSHServerConnection.send_userauth_failure = failure
    succeed = asyncssh.connection.SSHServerConnection.send_userauth_success

    def success(self):
        if getattr(self, "plumb_partial", False):
            return self.send_userauth_failure(True)
        return succeed(self)

    asyncssh.connection.SSHServerConnection.send_userauth_success = success


async def main():
    patch()
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Server, server_host_keys=[str(folder / "host")], process_factory=lambda p: p.exit(0)
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
