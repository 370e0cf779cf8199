"""`follicast plan`, half a year later `follicast review`: as a stranger would run them."""

import json
from pathlib import Path

from tests.program import run

PERSON = """as_of = 2026-01-10
considers = ["minoxidil-topical-5"]
[person]
sex = "male"
age = 36
years_of_loss = 5
[[grades]]
system = "norwood-hamilton"
grade = "IV"
date = 2026-01-10
[[measurements]]
site = "vertex"
date = 2026-01-10
quantity = "nonvellus_density"
value = 150
unit = "hairs/cm2"
method = "phototrichogram"
"""
LATER = """[[measurements]]
site = "vertex"
date = 2026-06-01
quantity = "nonvellus_density"
value = 115
unit = "hairs/cm2"
method = "phototrichogram"
matched_site = true
"""


def test_plan_then_review(tmp_path: Path) -> None:
    person = tmp_path / "man.toml"
    person.write_text(PERSON)
    cache = str(tmp_path / "cache")
    code, _, err = run("plan", person, "--quiet", here=tmp_path, FOLLICAST_CACHE=cache)
    assert code == 0, err
    kept = tmp_path / "man-plan" / "forecast.json"
    before = kept.read_bytes()
    assert json.loads(before)["as_of"] == "2026-01-10"

    code, _, err = run("review", person, "--no-replan", here=tmp_path, FOLLICAST_CACHE=cache)
    assert code == 2
    assert "no measurement or grade after 2026-01-10" in err
    assert not (tmp_path / "man-review").exists()

    person.write_text(PERSON + LATER)
    words = ("review", person, "--on", "2026-06-01", "--json")
    code, out, err = run(*words, here=tmp_path, FOLLICAST_CACHE=cache)
    assert code == 0, err
    told = json.loads(out)
    assert told["verdict"] == "below"
    assert told["replanned"]["words"]
    assert out.encode() == (tmp_path / "man-review" / "review.json").read_bytes()
    assert "Below the forecast" in (tmp_path / "man-review" / "review.html").read_text()
    assert kept.read_bytes() == before

    code, _, err = run(
        "plan", person, "--seed", "1", "--quiet", "--out", "man-plan", here=tmp_path, FOLLICAST_CACHE=cache
    )
    assert code == 2
    assert "in the future" in err
    person.write_text(PERSON)
    code, _, err = run(
        "plan", person, "--seed", "1", "--quiet", "--out", "man-plan", here=tmp_path, FOLLICAST_CACHE=cache
    )
    assert code == 0, err
    assert (tmp_path / "man-plan" / "forecast-1.json").read_bytes() == before
    assert kept.read_bytes() != before


def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path) -> None:
    person = tmp_path / "man.toml"
    person.write_text(PERSON)
    for words, why in (
        (("--on", "soon"), "--on soon: is not a date"),
        (("--plan", "nowhere"), "--plan nowhere: no such folder"),
        (("--on", "2025-01-01"), "is before as_of"),
        (("--out", str(person)), "this is a file"),
    ):
        code, out, err = run("review", person, *words, here=tmp_path)
        assert (code, out) == (2, "")
        assert why in err
        assert len(err.strip().splitlines()[-1]) < 400
