"""Which texts can a person read, and which of them are not yet in another language?

    python scripts/catalogues.py            collects every key and brings src/follicast/languages/ up to date
    python scripts/catalogues.py --missing  lists, language by language, what has no translation yet

Keys are the constant texts that `say`, `say_number` and `counted` are called with, in Python and in the templates, the
module constants they are given (`say(ZONE_LABELS[zone])`), and the fields of data files named in `DATA`.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jinja2
from babel.messages.catalog import Catalog
from babel.messages.pofile import normalize, read_po

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT / "src/follicast"
LANGUAGES: Final = SOURCE / "languages"

DATA: Final = {
    "therapies.toml": "name short dose route frequency mechanism evidence onset stopping sham_note status rate "
    "control_rate do_not_use call_doctor among control",
    "referral.toml": "signs",
    "safety.toml": "title text text_patient action facts jurisdictions",
    "labs.toml": "label",
    "medicines.toml": "label",
    "grading.toml": "kind note grades definitions",
    "guidelines.toml": "population grade scale",
    "review.toml": "text",
    "claims.toml": "heading short why fair title finding limits label",
}
"""The fields of each data file in knowledge/ that a person reads."""

FIELDS: Final = frozenset(" ".join(DATA.values()).split())
"""What is said of an object under one of these names is a text of a data file."""

ENGLISH: Final = ("outputs/science/",)
"""Folders under src/follicast that write pages for docs/ or for the terminal, in English only."""

READERS: Final = (
    "dose_for",
    "frequency_for",
    "do_not_use_for",
    "referral_signs",
    "class_label",
    "topics",
    "scales",
    "facts",
)
"""Functions and tables of knowledge that hand out texts of data files."""

FIXED: Final = {
    "src/follicast/decisions/planning/value.py": "cost|visits|harms|tablets|acts on the whole body|"
    "not approved for hair|each further line",
    "src/follicast/decisions/planning/left_out.py": "tablets|surgery|injections|unapproved",
    "src/follicast/knowledge/therapies.toml": "USD/month|USD/session|USD/graft|USD/device|placebo",
    "src/follicast/knowledge/therapy.py": "high|moderate|low|very low",
    "src/follicast/people/words.py": "possible|trying|yes|no|unknown",
}
"""Words of fixed sets that reach `say` as values: what counts against a plan, what one may refuse, units of cost."""

VALUES: Final = ("certainty", "heaviest", "word", "value", "unit")
"""What holds a word of `FIXED` where it is said."""

SAYING: Final = {"say": (0,), "say_number": (0, 1), "counted": (1, 2)}
"""Functions that say texts, and which of their arguments are keys; `counted` puts the number before its nouns."""

WORD: Final = r"(?i)(?!mg\b|ml\b)[a-z]{2}"
"""What a text of a data file has if it says anything: "1.3 % (n = 945)" is the same in every language."""

WIDTH: Final = 118


@dataclass
class Found:
    """Every key with the files it is in, and what could not be read as a key."""

    keys: dict[str, list[str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def add(self, text: str, where: str) -> None:
        """Note that a file says a text."""
        if text.strip() and where not in self.keys.setdefault(text, []):
            self.keys[text].append(where)


def collect() -> Found:
    """Every text that a person can read, in a fixed order."""
    found = Found()
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    constants = {path: dict(_constants(tree)) for path, tree in trees.items()}
    for path, tree in trees.items():
        if str(path.relative_to(SOURCE)).startswith(ENGLISH):
            continue
        _Reader(found, path, constants).visit(tree)
    for path in sorted(SOURCE.rglob("*.j2")):
        _template(found, path, list(constants.values()))
    for name, fields in DATA.items():
        path = SOURCE / "knowledge" / name
        with path.open("rb") as stream:
            for text in _texts(tomllib.load(stream), frozenset(fields.split())):
                if re.search(WORD, text):
                    found.add(text, _place(path))
    for place, words in FIXED.items():
        for word in words.split("|"):
            found.add(word, place)
    return found


def _place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The constants of a module: names in capitals, as this project writes them."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id.isupper() and isinstance(value, ast.expr):
            yield target.id, value


def _strings(node: ast.expr) -> Iterator[str]:
    """The texts of a literal; of a dictionary only its values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value)
    elif isinstance(node, ast.Call):
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from _strings(value)
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _strings(child)


class _Reader(ast.NodeVisitor):
    """Reads the calls of one file."""

    def __init__(self, found: Found, path: Path, constants: dict[Path, dict[str, ast.expr]]) -> None:
        self.found, self.path, self.constants = found, path, constants
        self.function: ast.FunctionDef | None = None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """What a saying function does with its own arguments is not a use of a text."""
        if node.name.strip("_") not in (*SAYING, "said"):
            outer, self.function = self.function, node
            self.generic_visit(node)
            self.function = outer

    def visit_Call(self, node: ast.Call) -> None:
        """Reads the keys of a call that says something."""
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        nouns = [argument for k, argument in enumerate(node.args) if k in SAYING.get(name, ())]
        if name == "counted":
            self._counted(node, nouns)
        else:
            for argument in nouns:
                self._key(argument)
        self.generic_visit(node)

    def _counted(self, node: ast.Call, nouns: list[ast.expr]) -> None:
        words = [noun.value for noun in nouns if isinstance(noun, ast.Constant) and isinstance(noun.value, str)]
        if len(words) == len(nouns):
            words = [*words, f"{words[0]}s"][:2]
        for noun in (noun for noun in nouns if isinstance(noun, ast.Name)):
            made = [text for origin in self._origins(noun.id) for text in _strings(origin)]
            if not made:
                self.found.unknown.append(f"{_place(self.path)}: {ast.unparse(node)}")
            words += made if len(nouns) > 1 else [form for word in made for form in (word, f"{word}s")]
        for word in words:
            self.found.add(f"{{number}} {word}", _place(self.path))

    def _key(self, node: ast.expr) -> None:
        where = _place(self.path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.found.add(node.value, where)
        elif isinstance(node, ast.IfExp):
            self._key(node.body)
            self._key(node.orelse)
        elif (literal := self._constant(node)) is not None:
            for text in _strings(literal):
                self.found.add(text, where)
        elif isinstance(node, ast.Name) and (origins := self._origins(node.id)):
            for origin in origins:
                for text in _strings(origin):
                    self.found.add(text, where)
        elif not _from_data(node):
            self.found.unknown.append(f"{where}: {ast.unparse(node)}")

    def _origins(self, name: str, seen: tuple[str, ...] = ()) -> list[ast.expr]:
        """Where the value of a local name comes from: literals, constants and data, or nothing if anything else."""
        found: list[ast.expr] = []
        if name in seen:
            return found
        for node in ast.walk(self.function) if self.function else ():
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AnnAssign | ast.For | ast.comprehension):
                targets, value = [node.target], node.value if isinstance(node, ast.AnnAssign) else node.iter
            else:
                continue
            if value is not None and any(
                isinstance(t, ast.Name) and t.id == name for x in targets for t in ast.walk(x)
            ):
                found.append(value)
        made: list[ast.expr] = []
        for value in found:
            if isinstance(value, ast.Name) and value.id != name and not value.id.isupper():
                made += self._origins(value.id, (*seen, name))
            elif (literal := self._constant(value)) is not None:
                made.append(literal)
            elif any(True for _ in _strings(value)):
                made.append(value)
            else:
                others = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
                followed = [origin for other in sorted(others) for origin in self._origins(other, (*seen, name))]
                data = any(_from_data(part) for part in ast.walk(value))
                made += followed or ([value] if data else [])
        return made

    def _constant(self, node: ast.expr) -> ast.expr | None:
        """The literal behind NAME, NAME[key], NAME.get(key) and NAME.name[key]."""
        while not isinstance(node, ast.Name):
            if isinstance(node, ast.Call):
                node = node.func
            elif isinstance(node, ast.Attribute) and node.attr.isupper():
                node = ast.Name(node.attr)
            elif isinstance(node, ast.Subscript | ast.Attribute):
                node = node.value
            else:
                return None
        own = self.constants[self.path].get(node.id)
        others = (constants[node.id] for constants in self.constants.values() if node.id in constants)
        return own if own is not None else next(others, None)


def _from_data(node: ast.AST) -> bool:
    """Is this a text of a data file, or a word of a fixed set, as it is handed out by knowledge?"""
    if isinstance(node, ast.Call | ast.Subscript):
        return _from_data(node.func if isinstance(node, ast.Call) else node.value)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in FIELDS or name in READERS or name in VALUES


def _template(found: Found, path: Path, constants: list[dict[str, ast.expr]]) -> None:
    tree = jinja2.Environment(trim_blocks=True, lstrip_blocks=True).parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(jinja2.nodes.Call):
        name = getattr(call.node, "name", "")
        for k in SAYING.get(name, ()):
            if k >= len(call.args):
                continue
            parts = [call.args[k]]
            if isinstance(parts[0], jinja2.nodes.CondExpr):
                parts = [parts[0].expr1, parts[0].expr2]
            for part in parts:
                if isinstance(part, jinja2.nodes.Const):
                    text = f"{{number}} {part.value}" if name == "counted" else str(part.value)
                    found.add(text, _place(path))
                    if name == "counted" and len(call.args) == 2:
                        found.add(f"{text}s", _place(path))
                elif _last_name(part).isupper():
                    for text in _strings(next(c[_last_name(part)] for c in constants if _last_name(part) in c)):
                        found.add(text, _place(path))
                elif _last_name(part) not in (*FIELDS, *VALUES, *READERS, "text"):
                    found.unknown.append(f"{_place(path)}: {_last_name(part)}")


def _last_name(node: jinja2.nodes.Node) -> str:
    """The last attribute or name of an expression of a template."""
    if isinstance(node, jinja2.nodes.Getitem):
        return _last_name(node.node)
    return str(getattr(node, "attr", getattr(node, "name", "")))


def _texts(tree: Any, fields: frozenset[str]) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in fields and isinstance(value, str):
                yield value
            elif key in fields and isinstance(value, list) and all(isinstance(item, str) for item in value):
                yield from value
            elif key in fields and isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
                yield from value.values()
            else:
                yield from _texts(value, fields)
    elif isinstance(tree, list):
        for item in tree:
            yield from _texts(item, fields)


def read(path: Path) -> Catalog:
    """A catalogue as it stands; empty where there is none."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as stream:
        return read_po(stream)


def rendered(found: Found, tag: str, old: Catalog, head: str) -> str:
    """The text of a catalogue: every key in order of file, translations kept, those no longer used at the end."""
    known = {str(m.id): str(m.string) for m in (*old, *old.obsolete.values()) if m.id and m.string}
    parts = [
        f'{head}msgid ""\nmsgstr ""\n"Language: {tag}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    ]
    for key, places in sorted(found.keys.items(), key=lambda item: item[1][0]):
        where = "".join(f"#: {place}\n" for place in places)
        parts.append(f"{where}{_entry(key, known.pop(key, ''))}")
    for key in sorted(known):
        lines = _entry(key, known[key]).splitlines()
        parts.append("".join(f"#~ {line}\n" for line in lines))
    return "\n".join(parts)


def _entry(key: str, text: str) -> str:
    return f"msgid {normalize(key, width=WIDTH)}\nmsgstr {normalize(text, width=WIDTH)}\n"


HEADS: Final = {
    "en.pot": "# Every text of Follicast that a person can read. Made by scripts/catalogues.py; do not edit it.\n",
    "zh-Hans.po": "# Simplified Chinese. Machine-translated by the authors' tools, reviewed by: nobody yet.\n"
    "# Brought up to date by scripts/catalogues.py, which keeps what is translated.\n",
}


def catalogues(found: Found) -> dict[Path, str]:
    """What each catalogue should hold."""
    made = {}
    for name, head in HEADS.items():
        path = LANGUAGES / name
        old = Catalog() if name == "en.pot" else read(path)
        made[path] = rendered(found, path.stem, old, head)
    return made


def missing(found: Found, path: Path) -> list[str]:
    """Keys without a translation."""
    known = {str(message.id) for message in read(path) if message.string}
    return [key for key in found.keys if key not in known]


def main(arguments: list[str]) -> int:
    """Updates the catalogues, or lists what is missing."""
    found = collect()
    if "--missing" in arguments:
        for path in sorted(LANGUAGES.glob("*.po")):
            keys = missing(found, path)
            print(f"{path.stem}: {len(keys)} of {len(found.keys)} texts are not translated", *keys, sep="\n")
        return 0
    for path, text in catalogues(found).items():
        path.write_text(text, encoding="utf-8")
    for place in found.unknown:
        print(f"not a constant: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
