from __future__ import annotations

from hypothesis import settings

# The first call loads the numbering plans, and a busy machine is slow: no example fails for its time alone.
settings.register_profile("kernel", deadline=None)
settings.load_profile("kernel")
