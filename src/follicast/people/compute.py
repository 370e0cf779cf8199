"""Where chunks of work run: in this process, in worker processes of this machine, or on a Dask cluster.

The one place that knows; it knows nothing of hair. A chunk is handed over whole and comes back whole, so the answer
cannot depend on where it ran. A chunk whose worker is lost is given to another. Every worker computes with one thread
and one chunk at a time: chunks are what runs side by side, and numba's workqueue layer ends a process in which two
Python threads enter a parallel loop together.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from follicast.quantities import InputError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_LIBRARIES: Final = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_ONE_THREAD: Final = dict.fromkeys(_LIBRARIES, "1")
# Chunks handed out ahead of the workers, for each of them: none waits idle, and no more results than that pile up.
_AHEAD: Final = 2
_MOST_LOSSES: Final = 3
"""How often one chunk may lose its worker, or all workers be lost with nothing done between, before it is given up."""
_CONNECT_SECONDS: Final = 15
_LOOK_SECONDS: Final = 5
_PATIENCE_SECONDS: Final = 300
_PARENT_SECONDS: Final = 1.0
_ONE_AT_A_TIME: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Where:
    """Where to compute: `cluster` (address of a Dask scheduler) if given, else `workers` processes; 0 = right here."""

    workers: int = 0
    cluster: str | None = None

    def __post_init__(self) -> None:
        if self.workers < 0:
            raise InputError(f"--workers {self.workers}: must be 0 or more (0 = in this process).")
        if self.cluster is not None and self.workers:
            raise InputError("--workers and --cluster: give one of them; a cluster has its own workers.")

    def words(self) -> str:
        """Where that is, for a line of progress."""
        if self.cluster is not None:
            return f"on the cluster {self.cluster}"
        if self.workers:
            return f"in {self.workers} worker {'process' if self.workers == 1 else 'processes'}"
        return "in this process"


HERE: Final = Where()


def run(
    work: Callable[[Chunk], Result], chunks: Sequence[Chunk], where: Where = HERE
) -> Generator[tuple[int, Result], None, None]:
    """The result of every chunk, as they are finished.

    At most a few results a worker are held at a time, however many chunks there are. Closing the generator, or any
    error, Ctrl-C included, stops the workers and withdraws what was handed out.

    Args:
        work: what to do with a chunk; elsewhere than here a function of an installed module (or a partial of one).
        chunks: each lasting seconds rather than milliseconds.
        where: to compute.

    Yields:
        (index of the chunk, its result), in the order in which they are finished.

    Raises:
        InputError: the cluster cannot be reached, or its workers or worker processes keep being lost.
    """
    if where.cluster is not None:
        yield from _on_cluster(work, chunks, where.cluster)
    elif where.workers:
        yield from _in_processes(work, chunks, where.workers)
    else:
        for index, chunk in enumerate(chunks):
            yield index, work(chunk)


def workers_of(where: Where) -> int:
    """How many chunks run side by side there.

    Raises:
        InputError: the cluster cannot be reached or has no workers.
    """
    if where.cluster is None:
        return max(1, where.workers)
    with _client(where.cluster) as client:
        return len(_cluster_workers(client))


def _in_processes(
    work: Callable[[Chunk], Result], chunks: Sequence[Chunk], workers: int
) -> Generator[tuple[int, Result], None, None]:
    """Chunks in loky's processes; where one dies, the pool is made anew and what was unfinished is done again."""
    from concurrent.futures.process import BrokenProcessPool

    left = deque(range(len(chunks)))
    losses = 0
    while left:
        handed: dict[Any, int] = {}
        try:
            for index, result in _through_pool(work, chunks, workers, left, handed):
                losses = 0
                yield index, result
        except BrokenProcessPool as loss:
            losses += 1
            if losses > _MOST_LOSSES:
                raise InputError(
                    f"--workers {workers}: worker processes were lost {losses} times with nothing done between "
                    "(memory?); use fewer workers or smaller chunks."
                ) from loss
            left.extendleft(sorted(handed.values(), reverse=True))


def _through_pool(
    work: Callable[[Chunk], Result], chunks: Sequence[Chunk], workers: int, left: deque[int], handed: dict[Any, int]
) -> Generator[tuple[int, Result], None, None]:
    """One pool's worth of `_in_processes`; `handed` holds what is neither done nor left."""
    from concurrent.futures import FIRST_COMPLETED, wait

    from joblib.externals.loky import ProcessPoolExecutor  # type: ignore[import-untyped]

    pool = ProcessPoolExecutor(workers, initializer=_begin_worker, initargs=(os.getpid(),), env=_ONE_THREAD)
    try:
        while left or handed:
            while left and len(handed) < _AHEAD * workers:
                # First into the books: a pool that breaks while it takes the chunk must not lose it.
                index = left.popleft()
                try:
                    handed[pool.submit(work, chunks[index])] = index
                except BaseException:
                    left.appendleft(index)
                    raise
            finished, _ = wait(handed, return_when=FIRST_COMPLETED)
            for future in finished:
                result = future.result()
                yield handed.pop(future), result
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _begin_worker(parent: int) -> None:
    """A worker leaves Ctrl-C to its parent, and ends when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Alone(Generic[Chunk, Result]):
    """Work that a cluster's worker does with one thread, one chunk at a time, whatever it was started with."""

    def __init__(self, work: Callable[[Chunk], Result]) -> None:
        self._work = work

    def __call__(self, chunk: Chunk) -> Result:
        import numba

        with _ONE_AT_A_TIME:
            numba.set_num_threads(1)
            return self._work(chunk)


def _client(address: str) -> Any:
    """A client of the scheduler at this address."""
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            f'--cluster {address}: needs the package distributed; install it with pip install ".[cluster]".'
        ) from None
    try:
        return Client(address, timeout=_CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError, TypeError, ImportError) as error:
        raise InputError(
            f"--cluster {address}: no Dask scheduler answers there within {_CONNECT_SECONDS} s; "
            "give an address such as tcp://head-node:8786."
        ) from error


def _cluster_workers(client: Any) -> list[str]:
    """Addresses of the workers that the scheduler has now.

    Raises:
        InputError: none came within the time that is waited for them.
    """
    with contextlib.suppress(TimeoutError):
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    found = list(client.scheduler_info(n_workers=-1)["workers"])
    if not found:
        raise InputError("--cluster: the scheduler has no workers; start some with `dask worker ADDRESS --nthreads 1`.")
    return found


def _on_cluster(
    work: Callable[[Chunk], Result], chunks: Sequence[Chunk], address: str
) -> Generator[tuple[int, Result], None, None]:
    """Chunks on a Dask cluster; the scheduler gives those of a lost worker to another."""
    alone: _Alone[Chunk, Result] = _Alone(work)
    left = deque(range(len(chunks)))
    losses: dict[int, int] = {}
    handed: dict[Any, int] = {}
    with _client(address) as client:
        size = len(_cluster_workers(client))
        try:
            while left or handed:
                while left and len(handed) < _AHEAD * size:
                    index = left.popleft()
                    with _scheduler_there(client):
                        handed[client.submit(alone, chunks[index], pure=False)] = index
                for future in _finished(client, handed):
                    index = handed.pop(future)
                    if _lost(future):
                        losses[index] = losses.get(index, 0) + 1
                        if losses[index] > _MOST_LOSSES:
                            raise InputError(
                                f"--cluster {address}: chunk {index} lost its worker again and again (memory?); "
                                "make chunks smaller, or give the workers more memory."
                            )
                        left.appendleft(index)
                        continue
                    with _scheduler_there(client):
                        result = future.result()
                    yield index, result
                with _scheduler_there(client):
                    size = max(size, len(client.scheduler_info(n_workers=-1)["workers"]))
        finally:
            with contextlib.suppress(Exception):
                client.cancel(list(handed), force=True)


@contextlib.contextmanager
def _scheduler_there(client: Any) -> Iterator[None]:
    """Says in a sentence that the scheduler went away while it was asked for something.

    Raises:
        InputError: it is gone.
    """
    from distributed import CancelledError
    from distributed.comm.core import CommClosedError

    try:
        yield
    except Exception as problem:
        if client.status == "running" and not isinstance(problem, CancelledError | CommClosedError):
            raise
        raise InputError("--cluster: the scheduler is gone; start it again.") from problem


def _lost(future: Any) -> bool:
    """Whether a chunk came to nothing because its workers did; any other error is the work's own."""
    from distributed import KilledWorker

    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def _finished(client: Any, handed: dict[Any, int]) -> list[Any]:
    """Those of the chunks handed out that are done, waiting for the first.

    Raises:
        InputError: the scheduler is gone, or has had no workers for a long time.
    """
    from distributed import wait

    alone_since = time.monotonic()
    while True:
        with contextlib.suppress(TimeoutError), _scheduler_there(client):
            ready = wait(list(handed), _LOOK_SECONDS, "FIRST_COMPLETED")  # type: ignore[no-untyped-call]
            done = ready.done
            if any(future.status == "cancelled" for future in done):
                raise InputError("--cluster: the scheduler has dropped the work or is gone; start it again.")
            return sorted(done, key=handed.__getitem__)
        if client.status != "running":
            raise InputError("--cluster: the scheduler is gone; start it again.")
        with _scheduler_there(client):
            working = client.scheduler_info(n_workers=-1)["workers"]
        if working:
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > _PATIENCE_SECONDS:
            raise InputError(f"--cluster: the scheduler has had no workers for {_PATIENCE_SECONDS} s.")
