"""Follicast: forecasts a person's hair follicle by follicle, with and without each treatment, and makes a plan from it.

The public names are listed here and live in the modules below. Each is imported when it is first used, so that
`import follicast` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from follicast import version

if TYPE_CHECKING:
    from follicast.decisions.planning.plan import make_plan
    from follicast.decisions.result import PlanResult
    from follicast.knowledge.load import Knowledge
    from follicast.people.person import Person
    from follicast.people.read import read_person
    from follicast.quantities import InputError

__version__ = version.VERSION

__all__ = ["InputError", "Knowledge", "Person", "PlanResult", "__version__", "make_plan", "read_person"]

_HOMES = {
    "InputError": "follicast.quantities",
    "Knowledge": "follicast.knowledge.load",
    "Person": "follicast.people.person",
    "PlanResult": "follicast.decisions.result",
    "make_plan": "follicast.decisions.planning.plan",
    "read_person": "follicast.people.read",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'follicast' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
