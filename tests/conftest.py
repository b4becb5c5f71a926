"""What holds for every test: a property is not wrong because the machine was busy, and it looks at the same examples every time.

CARELOOP_DEEP=N looks at N times as many, at others each time: `CARELOOP_DEEP=50 pytest tests/outreach/properties`.
"""

import os

from hypothesis import HealthCheck, settings

DEEP = int(os.environ.get("CARELOOP_DEEP", "0"))
settings.register_profile("careloop", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=not DEEP, max_examples=100 * max(1, DEEP))
settings.load_profile("careloop")
