"""Small pieces of work that worker processes can import."""

import os
import signal
import time
from pathlib import Path


def square(number: int) -> int:
    return number * number


def square_slowly(number: int) -> int:
    time.sleep(0.2)
    return number * number


def dies_once(folder: str, number: int) -> int:
    """The worker that first meets number 5 is killed as the kernel would for want of memory."""
    marker = Path(folder) / "died"
    if number == 5 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def always_dies(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def refuses_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


def threads(_: int) -> int:
    import numba

    return int(numba.get_num_threads())


def process(_: int) -> int:
    time.sleep(0.1)
    return os.getpid()
