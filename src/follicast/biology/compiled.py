"""How the rules become machine code, kept on disk between runs.

numba keeps compiled code until the file of the function itself changes. The kernel in one file is made of rules in others,
so it would silently go on running yesterday's rules; here a change of any file of the package compiles all of it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def _stamp() -> str:
    """Digest of every source file of this package."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


_STAMP = _stamp()


def compiled(**options: Any) -> Callable[[F], F]:
    """A decorator like `numba.njit(**options)` whose cache on disk lasts as long as no file of the package changes.

    Args:
        options: of `numba.njit`.

    Returns:
        The decorator; with numba's compiler switched off (NUMBA_DISABLE_JIT=1) it leaves a function as it is.
    """

    def decorate(function: F) -> F:
        made = njit(cache=True, error_model="numpy", **options)(function)
        cache = getattr(made, "_cache", None)
        if cache is not None:
            cache._cache_file._source_stamp = _STAMP
        return made  # type: ignore[no-any-return]

    return decorate


rule = compiled(forceinline=True, _nrt=False)
"""For a rule met at every event: part of its caller, and free of the reference counts that threads would contend for."""

step = compiled(_nrt=False)
"""For a larger piece of the event loop: a function of its own, but free of reference counts as well."""
