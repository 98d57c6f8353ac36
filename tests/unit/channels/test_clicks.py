"""Meta's clicks, in their one file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

import acuse.web
from acuse.channels.whatsapp.onboarding import clicks
from acuse.channels.whatsapp.onboarding.progress import Step

DRAWINGS = Path(acuse.web.__file__).parent / "templates" / "web" / "whatsapp" / "drawings"
ROW = '[[click]]\nstep = "needs"\ntitle = "T"\nchecked = 2026-11-24\nurl = "https://x"\nlink = "L"\nlines = ["a"]\n'


def test_every_step_that_has_clicks_in_meta_has_them_with_a_link_there() -> None:
    found = clicks.everything()
    steps = {one.step for one in found}
    assert steps >= {Step.NEEDS, Step.CREDENTIALS, Step.NUMBER, Step.WEBHOOK, Step.TEMPLATE, Step.HEALTH}
    for one in found:
        assert one.title
        assert one.link
        assert one.lines
        assert urlsplit(one.url).hostname in ("business.facebook.com", "developers.facebook.com")


def test_each_drawing_exists_and_is_used() -> None:
    used = {one.drawing for one in clicks.everything()} - {""}
    assert used == {path.stem for path in DRAWINGS.glob("*.svg")}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (('step = "needs"', 'step = "nada"'), ValueError),
        (("checked = 2026-11-24", 'checked = "ayer"'), ValueError),
        (('title = "T"\n', ""), TypeError),
        (('title = "T"', 'titulo = "T"'), TypeError),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_refused(change: tuple[str, str], error: type[Exception]) -> None:
    assert len(clicks.read(ROW)) == 1
    with pytest.raises(error):
        clicks.read(ROW.replace(*change))
