"""Results kept on disk by what they are made of: the same inputs, knowledge and code find them, nothing else does.

One compressed file of arrays a result, written beside its place and renamed into it, so an interrupted run leaves
nothing half-written. A file that cannot be read is treated as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

import follicast.version

_LAYERS = ("quantities.py", "knowledge", "biology", "people", "measurement", "inference")


@cache
def code_fingerprint() -> str:
    """SHA-256 of the source of every layer a stored result depends on, and of the grades' patterns."""
    root = Path(follicast.version.__file__).parent
    digest = hashlib.sha256()
    for layer in _LAYERS:
        place = root / layer
        for path in sorted([place] if place.is_file() else [*place.glob("*.py"), *place.glob("grades.toml")]):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def key_of(*parts: object) -> str:
    """Key of a result: a digest of the code and of the `repr` of everything it is made of."""
    return hashlib.sha256("\n".join([code_fingerprint(), *map(repr, parts)]).encode()).hexdigest()


class Store:
    """Arrays by key in one folder; a store without a folder forgets everything."""

    def __init__(self, folder: Path | None) -> None:
        """Keeps results in `folder`, made when first needed."""
        self._folder = folder

    @property
    def folder(self) -> Path | None:
        """Where results are kept; None = nowhere."""
        return self._folder

    @classmethod
    def for_user(cls) -> Store:
        """The store in the user's cache folder (FOLLICAST_CACHE overrides it; empty means no store)."""
        wanted = os.environ.get("FOLLICAST_CACHE")
        if wanted == "":
            return cls(None)
        return cls(Path(wanted) if wanted else Path(platformdirs.user_cache_dir("follicast")) / "results")

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The arrays stored under a key, or None."""
        if self._folder is None:
            return None
        path = self._folder / f"{key}.npz"
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
        except Exception:  # whatever is wrong with a damaged file: it is made again
            return None
        with contextlib.suppress(OSError):
            path.touch()
        return found

    def trim(self, most_bytes: float = 500e6) -> None:
        """Drops the results used longest ago until at most that many bytes are kept."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            kept = sorted(self._folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
            total = 0
            for path in kept:
                total += path.stat().st_size
                if total > most_bytes:
                    path.unlink()

    def put(self, key: str, arrays: Mapping[str, Any]) -> None:
        """Stores arrays under a key; where nothing can be written the result is just not kept."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        except OSError:
            return
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)
            Path(name).replace(self._folder / f"{key}.npz")
        except OSError:
            _discard(name)
        except BaseException:
            _discard(name)
            raise


def _discard(name: str) -> None:
    with contextlib.suppress(OSError):
        Path(name).unlink()
