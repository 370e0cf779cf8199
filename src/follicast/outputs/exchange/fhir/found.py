"""What reading a Bundle has found so far: tables of a person file, where each came from, and what was left aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from follicast.outputs.exchange.fhir.elements import Json


@dataclass(frozen=True, slots=True)
class Ignored:
    """A resource that says nothing a person file can hold, and why."""

    what: str
    why: str


@dataclass(slots=True)
class Found:
    """Tables of a person file as they are collected.

    `notes` say by place ("person.age", "measurements[2]") which resource a value came from; `resources` are all of the
    Bundle's by every address they go under; `here` names the resource being read, in the file `source`. `loose`
    is by therapy the course that sessions without one make together.
    """

    source: str
    resources: Mapping[str, Json] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)
    here: str = ""
    loose: dict[str, dict[str, Any]] = field(default_factory=dict)

    def say(self, table: str, key: str, value: Any) -> None:
        """Sets one key of a table that no other resource has set yet."""
        held = self.data.setdefault(table, {})
        if key not in held:
            held[key] = value
            self.notes[f"{table}.{key}"] = self.here

    def block(self, name: str, block: dict[str, Any]) -> None:
        """Adds one block."""
        blocks = self.data.setdefault(name, [])
        blocks.append(block)
        self.notes[f"{name}[{len(blocks)}]"] = self.here

    def put_aside(self, why: str) -> None:
        """The resource being read is not used, because of this."""
        self.ignored.append(Ignored(self.here, why))

    def resource(self, reference: Any, within: Json) -> Json | None:
        """The resource that a reference of another one leads to, contained ones included."""
        address = str(reference.get("reference", "")) if isinstance(reference, dict) else ""
        if address.startswith("#"):
            return next((item for item in within.get("contained", []) if f"#{item.get('id')}" == address), None)
        return self.resources.get(address)
