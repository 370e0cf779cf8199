"""The reference page of review.json and forecast.json, made from their records."""

from __future__ import annotations

from follicast.decisions.planning.stored_forecast import StoredForecast
from follicast.decisions.reviewing.record import Review
from follicast.outputs.report.plan_json import record_sections


def reference_page() -> str:
    """docs/reference/review-json.md, written from docstrings and types."""
    lines = [
        "# review.json and forecast.json",
        "",
        "What `follicast review` answers, and what `follicast plan` keeps for it, for machines. This page is made from",
        "`follicast.decisions.reviewing.record` and `follicast.decisions.planning.stored_forecast` by",
        "`python -m follicast.outputs.review.reference`; do not edit it.",
        "",
        "Keys are sorted and numbers have at most six significant digits. forecast.json is never changed: a plan made",
        "anew keeps the earlier one as forecast-1.json, forecast-2.json and so on.",
        "",
        "# review.json",
        "",
        *record_sections(Review),
        "# forecast.json",
        "",
        *record_sections(StoredForecast),
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference_page())
