"""The loader: what it reads, what it refuses, and where each value in force came from."""

import copy
import csv
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping

import pytest

from follicast.knowledge import load
from follicast.knowledge.load import DATA, Knowledge, Setting, knowledge_hash, parameters, sources, therapies
from follicast.knowledge.number import PRIOR_ARGUMENTS, Number, Place, read_number
from follicast.knowledge.posterior import REGROWTHS
from follicast.quantities import InputError

KEY = "therapies.finasteride-oral.exposure.on_days"
GOOD = {
    "value": 3.0,
    "unit": "year",
    "prior": {"lognormal": {"median": 3.0, "sd_log": 0.35}},
    "sources": ["kaufman1998"],
    "grade": "C",
    "read": "3 years",
}


def raw(name: str) -> dict[str, object]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def keys_named(part: object, field: str) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, item in part.items():
            yield from item if name == field else keys_named(item, field)
    elif isinstance(part, list):
        for item in part:
            yield from keys_named(item, field)


def used_sources() -> set[str]:
    used: set[str] = set()
    for path in DATA.glob("*.toml"):
        if path.name != "sources.toml":
            used |= {*keys_named(raw(path.name), "sources"), *keys_named(raw(path.name), "evidence_sources")}
    with (DATA / "facts.csv").open(encoding="utf-8") as file:
        used |= {key.strip() for row in csv.DictReader(file) for key in row["source"].split(";")}
    return used


def every_number() -> dict[str, Number]:
    numbers = dict(parameters())

    def walk(part: object, key: str) -> None:
        if isinstance(part, Number):
            numbers[key] = part
        elif isinstance(part, Mapping):
            for name, item in part.items():
                walk(item, f"{key}.{name}")
        elif hasattr(part, "__dataclass_fields__"):
            for name in part.__dataclass_fields__:
                walk(getattr(part, name), f"{key}.{name}")

    for name, therapy in therapies().items():
        walk(therapy, f"therapies.{name}")
    return numbers


def test_every_source_that_is_named_exists() -> None:
    assert used_sources() - set(sources()) == set()


def test_every_source_is_used() -> None:
    assert set(sources()) - used_sources() == set()


def test_no_source_leads_to_a_package_registry_or_a_bare_address() -> None:
    for source in sources().values():
        if source.url is not None:
            assert re.match(r"https?://[a-z0-9.-]+\.[a-z]{2,}/", source.url), source.key
            assert not re.search(r"pypi|npmjs|crates\.io|anaconda", source.url), source.key


@pytest.mark.parametrize("key", sorted(every_number()))
def test_a_number_is_the_centre_of_its_prior_and_says_where_it_is_from(key: str) -> None:
    number = every_number()[key]
    if number.prior.centre is not None:
        assert number.value == pytest.approx(number.prior.centre, rel=0.02), key
    if number.is_assumption:
        assert number.grade == "E"
        assert number.read.startswith("assumption")
    if number.sources and all(sources()[name].read == "recalled" for name in number.sources):
        assert number.grade == "E" or "recalled" in number.read


def test_facts_have_known_uses_and_unique_ids() -> None:
    with (DATA / "facts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == len(rows) == 20
    assert {row["use"] for row in rows} == {"calibrate", "test"}


def test_hash_is_stable_and_follows_the_data(tmp_path, monkeypatch) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", knowledge_hash())
    for path in DATA.glob("*.[tc][os][mv]*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(load, "DATA", tmp_path)
    assert knowledge_hash.__wrapped__() == knowledge_hash()
    (tmp_path / "facts.csv").write_text("id\n", encoding="utf-8")
    assert knowledge_hash.__wrapped__() != knowledge_hash()


def test_loading_needs_neither_numpy_nor_pydantic() -> None:
    code = (
        "import sys, follicast.knowledge.load as k; k.therapies(); k.parameters(); k.sources(); k.knowledge_hash();"
        "sys.exit(bool({'numpy', 'pydantic'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"], check=True)


def without(field: str) -> dict[str, object]:
    return {name: value for name, value in GOOD.items() if name != field}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (3.0, "found 3.0; allowed: a table with value"),
        (without("unit"), "missing or unknown: unit"),
        (GOOD | {"note": "x"}, "missing or unknown: note"),
        (GOOD | {"value": float("nan")}, "key.value: found nan; allowed: a finite number"),
        (GOOD | {"value": True}, "key.value: found True; allowed: a finite number"),
        (GOOD | {"value": -1.0}, "key.value: found -1 year; allowed: 0 to inf"),
        (GOOD | {"value": 1.2, "unit": "fraction"}, "found 1.2 fraction; allowed: 0 to 1"),
        (GOOD | {"unit": " "}, "key.unit: found ' '; allowed: a text"),
        (GOOD | {"grade": "F"}, "allowed: one of A, B, C, D, E"),
        (GOOD | {"sources": []}, "no source; allowed: a source key, or grade"),
        (GOOD | {"sources": [], "grade": "E"}, 'read starting with "assumption"'),
        (GOOD | {"sources": "kaufman1998"}, "allowed: a list of texts"),
        (GOOD | {"prior": {"gamma": {}}}, "key.prior: found 'gamma'; allowed: one of fixed"),
        (GOOD | {"prior": {"fixed": False}}, "allowed: fixed = true"),
        (GOOD | {"prior": {"normal": {"mean": 3.0}}}, "allowed: a table with mean, sd"),
        (GOOD | {"prior": {"normal": {"mean": 3.0, "sd": 0.0}}}, "sd: found 0; allowed: more than 0"),
        (GOOD | {"prior": {"lognormal": {"median": 0.0, "sd_log": 1.0}}}, "median: found 0; allowed: not zero"),
        (GOOD | {"prior": {"uniform": {"low": 4.0, "high": 2.0}}}, "allowed: low < high"),
        (GOOD | {"prior": {"beta": {"mean": 0.5, "sd": 0.6}}}, "allowed: 0 < mean < 1"),
        (GOOD | {"prior": {"zero_or_normal": {"p_zero": 1.0, "mean": 3.0, "sd": 1.0}}}, "allowed: 0 up to but not 1"),
    ],
)
def test_a_bad_number_is_refused_in_one_sentence(table: object, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_number(table, Place("site.toml", "key"))
    assert str(refusal.value).startswith("site.toml: key")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("kind", [kind for kind in PRIOR_ARGUMENTS if kind != "fixed"])
def test_every_prior_can_be_written_and_read_back(kind: str) -> None:
    args = dict.fromkeys(PRIOR_ARGUMENTS[kind], 0.3) | ({"high": 0.9} if kind == "uniform" else {})
    prior = read_number(GOOD | {"value": 0.3, "prior": {kind: args}}, Place("f", "k")).prior
    assert {name: prior[name] for name in args} == args
    assert prior.support[0] <= prior.centre <= prior.support[1]


def test_a_negative_median_mirrors_the_lognormal() -> None:
    prior = read_number(
        GOOD | {"value": -1.0, "prior": {"lognormal": {"median": -1.0, "sd_log": 0.2}}}, Place("f", "k")
    )
    assert prior.prior.support[1] == 0.0


def test_shipped_knowledge_is_the_default_layer() -> None:
    knowledge = Knowledge.load()
    assert knowledge.hash == Knowledge.load({}).hash
    assert knowledge.provenance(KEY) == (Setting("default", knowledge.number(KEY).value, "therapies.toml"),)


def test_knowledge_can_be_sent_to_another_process() -> None:
    for knowledge in (Knowledge.load(), Knowledge.load({"site": {KEY: 4.0}})):
        assert pickle.loads(pickle.dumps(knowledge)) == knowledge


def test_the_hypothesis_of_regrowth_is_part_of_what_is_known() -> None:
    reversal, waking = (Knowledge.load(regrowth=name) for name in REGROWTHS)
    assert reversal.hash == Knowledge.load().hash != waking.hash
    assert reversal != waking


def test_later_layers_win_and_every_layer_is_remembered() -> None:
    layers = {"command line": {KEY: 5}, "site": {"therapies": {"finasteride-oral": {"exposure": {"on_days": 4.0}}}}}
    knowledge = Knowledge.load(layers)
    shipped = therapies()["finasteride-oral"].exposure.on_days
    number = knowledge.number(KEY)
    assert number.value == 5.0
    assert (number.prior.kind, number.is_assumption, number.unit) == ("fixed", True, shipped.unit)
    assert [(step.layer, step.value) for step in knowledge.provenance(KEY)] == [
        ("default", shipped.value),
        ("site", 4.0),
        ("command line", 5.0),
    ]
    assert knowledge.hash != Knowledge.load().hash
    assert knowledge.hash == Knowledge.load(copy.deepcopy(layers)).hash
    assert therapies()["finasteride-oral"].exposure.on_days == shipped


def test_a_parameter_can_be_overridden_with_its_prior() -> None:
    key = next(iter(parameters()))
    prior = {"normal": {"mean": 2.0, "sd": 0.5}}
    knowledge = Knowledge.load({"person": {key: {"value": 2.0, "unit": parameters()[key].unit, "prior": prior}}})
    assert knowledge.parameters[key].prior["sd"] == 0.5
    assert set(knowledge.parameters) == set(parameters())


def test_a_product_text_can_be_overridden() -> None:
    key = "therapies.exosome.product.source_cell"
    knowledge = Knowledge.load({"site": {key: "adipose stem cells"}})
    assert knowledge.therapies["exosome"].product.source_cell == "adipose stem cells"
    assert knowledge.provenance(key)[-1] == Setting("site", "adipose stem cells", "site settings")


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ({"default": {}}, "default settings: unknown layer; allowed: site, person, command line"),
        ({"site": 3}, "site settings: found 3; allowed: a table"),
        ({"site": {"anagen.nonsense": 3.0}}, "site settings: anagen.nonsense: unknown key"),
        ({"site": {"therapies.snake-oil.dose": 3.0}}, "unknown key"),
        ({"person": {"therapies.exosome.name": "x"}}, "unknown key"),
        ({"site": {KEY: "soon"}}, f"site settings: {KEY}: found 'soon'; allowed: a finite number"),
        ({"site": {KEY: float("inf")}}, "allowed: a finite number"),
        ({"site": {KEY: {"value": 3.0, "unit": "week"}}}, "found 'week'; allowed: day"),
        ({"site": {"therapies.exosome.product.route": 3}}, "allowed: a text"),
        ({"site": {"therapies.finasteride-oral.channels.androgen": 1.5}}, "found 1.5 fraction; allowed: 0 to 1"),
    ],
)
def test_a_bad_override_is_refused_in_one_sentence(layers, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        Knowledge.load(layers)
    assert said in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"[a", b"\xff\xfe\x00", b"a = 1\n"])
def test_a_broken_data_file_is_named(tmp_path, content: bytes) -> None:
    path = tmp_path / "parameters.toml"
    path.write_bytes(content)
    if content == b"":
        assert load.read_toml(path) == {}
    elif content == b"a = 1\n":
        with pytest.raises(InputError, match=r"parameters\.toml: a: found 1; allowed: a table"):
            load._read_parameters(load.read_toml(path))
    else:
        with pytest.raises(InputError, match=r"parameters\.toml: not TOML"):
            load.read_toml(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path) -> None:
    for path in (tmp_path / "gone.toml", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            load.read_toml(path)


def test_an_unknown_number_is_refused() -> None:
    for key in ("nothing", "therapies.exosome.harms", "therapies.exosome.nothing.at.all"):
        with pytest.raises(InputError, match="no such number"):
            Knowledge.load().number(key)
