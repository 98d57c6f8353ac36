from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings

import acuse.web
from tests.conftest import Cast

TEMPLATES = Path(acuse.web.__file__).parent / "templates"


def test_no_template_holds_inline_scripts_or_styles() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son[a-z]+=|hx-on", text), path


def test_the_policy_of_a_page_allows_itself_only(people: Cast, ana: Client) -> None:
    policy = ana.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_every_file_that_a_page_names_is_collected(tmp_path: Path, people: Cast, ana: Client, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": backend}}):
        call_command("collectstatic", interactive=False, verbosity=0)
        page = ana.get("/").content.decode()
    names = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(names) >= 8
    assert all((tmp_path / name).is_file() for name in names)
    assert issubclass(ManifestStaticFilesStorage, object)


def test_a_fault_of_ours_says_so_without_needing_anything(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("acuse.web.home.views._counts", broken)
    ana.raise_request_exception = False
    response = ana.get("/")
    assert response.status_code == 500
    assert "Algo falló de nuestro lado" in response.content.decode()
