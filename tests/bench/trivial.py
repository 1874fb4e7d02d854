"""A server that does next to nothing, to show how much load `tests.bench.load` can put on one:
`python -m tests.bench.trivial PORT`."""

from __future__ import annotations

import selectors
import socket
import sys

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def serve(port: int) -> None:
    """Answer 204 to whatever ends like the head of a request, until the process is ended."""
    with selectors.DefaultSelector() as selector, socket.create_server(("127.0.0.1", port)) as door:
        selector.register(door, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                if key.fileobj is door:
                    selector.register(door.accept()[0], selectors.EVENT_READ)
                else:
                    _answer(selector, key.fileobj)


def _answer(selector: selectors.BaseSelector, line: socket.socket) -> None:
    try:
        asked = line.recv(1 << 16)
    except ConnectionError:
        asked = b""
    if asked:
        line.sendall(ANSWER * asked.count(b"\r\n\r\n"))
    else:
        selector.unregister(line)
        line.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
