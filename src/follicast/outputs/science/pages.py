"""All pages and figures of docs/science, by name."""

from __future__ import annotations

from follicast.outputs.science.calibration_page import calibration_page
from follicast.outputs.science.data_page import data_page
from follicast.outputs.science.limits_page import index_page, limits_page
from follicast.outputs.science.material import Material
from follicast.outputs.science.model_page import model_page
from follicast.outputs.science.people_page import people_page
from follicast.outputs.science.regrowth_page import regrowth_page
from follicast.outputs.science.review_page import review_page
from follicast.outputs.science.schedule_page import schedule_page
from follicast.outputs.science.validation_page import validation_page


def contents(material: Material) -> dict[str, bytes]:
    """Pages by file name and figures by "figures/name.svg"."""
    made = {
        "calibration.md": calibration_page(material),
        "validation.md": validation_page(material),
        "people.md": people_page(material),
        "review.md": review_page(material),
        "regrowth.md": regrowth_page(material),
        "schedule.md": schedule_page(material),
    }
    plain = {
        "README.md": index_page(material),
        "model.md": model_page(material),
        "data.md": data_page(material),
        "limits.md": limits_page(material),
    }
    files = {name: text.encode() for name, text in plain.items()}
    for name, (text, figures) in made.items():
        files[name] = text.encode()
        files |= {f"figures/{key}.svg": drawn.encode() for key, drawn in figures.items()}
    return files
