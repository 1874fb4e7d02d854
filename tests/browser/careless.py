"""A site that takes no care of what its visitors leave on their machines: whatever searches for
traces has to find them here."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import brotli

from tests.ports import free_port

_PAGE = """<!doctype html><html lang=en><title>{title}</title>
<p>{body}</p>
<form method=post action=/><label>Name <input name=name></label>
<label>Draft <textarea name=draft></textarea></label>
<label>Shut <textarea name=shut autocomplete=off></textarea></label><button>Send</button></form>
<script>localStorage.kept = '{storage}'</script>"""

_CODINGS = {"gzip": gzip.compress, "br": brotli.compress}


@contextmanager
def careless_site(words: Mapping[str, str]) -> Iterator[str]:
    """Its address. `words`: what stands as `title`, `storage`, and on the pages `/plain`, `/gzip`
    and `/br`, which are cached as that."""

    class Careless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(self.path.strip("/"), "max-age=3600")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer("posted", "no-store")

        def answer(self, kind: str, cache: str) -> None:
            told = {"title": words["title"], "storage": words["storage"]}
            page = _PAGE.format(body=words.get(kind, ""), **told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Cache-Control", cache)
            if kind in _CODINGS:
                page = _CODINGS[kind](page)
                self.send_header("Content-Encoding", kind)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Careless)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
