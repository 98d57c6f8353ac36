from __future__ import annotations

from hypothesis import HealthCheck, settings

# The first call loads the numbering plans, and a busy machine is slow: nothing fails for its time alone.
settings.register_profile("unit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")
