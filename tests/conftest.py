"""What holds for every test: a property is not wrong because the machine was busy."""

from hypothesis import HealthCheck, settings

settings.register_profile("careloop", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("careloop")
