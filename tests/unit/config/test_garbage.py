from __future__ import annotations

import subprocess
import sys

_LOOK = """
import gc, sys
import django
django.setup()
from acuse.config import garbage
garbage.settle()
loaded = {name for name in sys.modules if name.startswith("acuse.web.")}
import acuse.web.urls, acuse.api.urls
assert loaded == {name for name in sys.modules if name.startswith("acuse.web.")}, "a page came after"
pages = {id(pattern) for pattern in acuse.web.urls.urlpatterns}
print(len(pages), sum(id(one) in pages for one in gc.get_objects()))
"""


def test_every_page_is_loaded_and_nothing_of_it_is_looked_over_for_garbage() -> None:
    """In a process of its own: what is set apart stays so."""
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, timeout=60, check=True)
    pages, looked_over = map(int, done.stdout.split())
    assert pages > 10
    assert looked_over == 0
