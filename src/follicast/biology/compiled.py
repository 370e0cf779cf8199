"""How the rules become machine code, kept on disk between runs.

numba keeps compiled code until the file of the function itself changes. The kernel in one file is made of rules in
others, so it would silently go on running yesterday's rules; here a change of any file of this package, or of the
function's own file outside it, compiles it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def _stamp() -> str:
    """Digest of every source file of this package."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


_STAMP: Final = _stamp()


@cache
def _stamp_of(file: str) -> str:
    """What a function of this file is made of: the rules of this package and the file itself."""
    return hashlib.sha256(_STAMP.encode() + Path(file).read_bytes()).hexdigest()


def compiled(**options: Any) -> Callable[[Function], Function]:
    """A decorator like `numba.njit(**options)` whose cache on disk lasts as long as no file of the package changes.

    Args:
        options: of `numba.njit`.

    Returns:
        The decorator; with numba switched off (NUMBA_DISABLE_JIT=1) it leaves a function as it is.
    """

    def decorate(function: Function) -> Function:
        made = njit(cache=True, error_model="numpy", **options)(function)
        kept = getattr(made, "_cache", None)
        if kept is not None:
            # numba has no public way to say what else a function is made of.
            kept._cache_file._source_stamp = _stamp_of(function.__code__.co_filename)
        return made

    return decorate


rule = compiled(forceinline=True, _nrt=False)
"""A rule met at every event: part of its caller, without the reference counts for which threads would contend.

Without them a function can read and write the arrays it is given, but neither make nor return one.
"""

step = compiled(_nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""A larger piece of a loop: a function of its own, without reference counts either, called by compiled code only."""
