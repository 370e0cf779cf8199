"""What is expensive and shared: knowledge, and ensembles small enough for tests."""

import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from follicast.decisions.result import PlanResult
from follicast.inference.store import Store
from follicast.knowledge.load import Knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Path:
    """One folder for every worker of this run."""
    folder = tmp_path_factory.getbasetemp().parent / f"follicast-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def small() -> Iterator[dict[str, float]]:
    """Ensembles of a few hundred members instead of thousands, for the rest of the run; yields the shipped sizes."""
    from follicast.inference import refine

    sizes = {"FIRST_ROUND": 500, "LATER_ROUND": 300, "KEPT": 150, "ENOUGH": 100.0}
    shipped = {name: getattr(refine, name) for name in sizes}
    with pytest.MonkeyPatch.context() as patch:
        for name, size in sizes.items():
            patch.setattr(refine, name, size)
        yield shipped


@pytest.fixture
def full(small: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ensembles as they are shipped, whichever test ran before."""
    from follicast.inference import refine

    for name, size in small.items():
        monkeypatch.setattr(refine, name, size)


@pytest.fixture(scope="session")
def store(shared_folder: Path, small: dict[str, float]) -> Store:
    """Results of small ensembles; what one test has simulated the next one finds."""
    return Store(shared_folder / "results")


@pytest.fixture(scope="session")
def once(shared_folder: Path) -> Callable[[str, Callable[[], str]], str]:
    """The text that `make` returns, made by the first worker that asks and kept for the others."""

    def found_or_made(name: str, make: Callable[[], str]) -> str:
        place = shared_folder / f"{name}.txt"
        with (shared_folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                place.write_text(make(), encoding="utf-8")
            return place.read_text(encoding="utf-8")

    return found_or_made


@pytest.fixture(scope="session")
def example(
    once: Callable[[str, Callable[[], str]], str], store: Store, knowledge: Knowledge
) -> Callable[[str], PlanResult]:
    """The plan of one of examples/, by name, from small ensembles."""
    from datetime import date

    from follicast.decisions.planning.plan import make_plan
    from follicast.people.read import read_person

    def plan_of(name: str) -> PlanResult:
        path = Path(__file__).parents[1] / "examples" / f"{name}.toml"

        def make() -> str:
            person = read_person(path, knowledge.therapies, date(2026, 11, 20))
            return make_plan(person, knowledge, 0, store=store).model_dump_json()

        return PlanResult.model_validate_json(once(name, make))

    return plan_of
