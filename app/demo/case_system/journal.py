"""A file of JSON lines that only grows and survives the end of its writer at any moment."""

from __future__ import annotations

import json
import os
from pathlib import Path

Line = dict[str, object]


class Journal:
    """One JSON object a line. `append` returns when the line is on disk. Callers take turns."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it and its folders. A torn last line is cut off: whoever sent it
        never got an answer. Raises ValueError for a broken line elsewhere."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        written = path.read_bytes()
        whole = written.rfind(b"\n") + 1
        os.truncate(path, whole)
        self._path = path
        self.lines = [_line(text, path) for text in written[:whole].splitlines()]
        _sync_folder(path.parent)

    def append(self, line: Line) -> None:
        """Raises OSError (a full disk) with the file as it was before."""
        text = json.dumps(line).encode("ascii") + b"\n"
        with self._path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                unwritten = memoryview(text)
                while unwritten:
                    unwritten = unwritten[file.write(unwritten) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise


def _line(text: bytes, path: Path) -> Line:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"{path} holds a line that is not an object")
    return value


def _sync_folder(folder: Path) -> None:
    """A new file is safe only when its folder's entry for it is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
