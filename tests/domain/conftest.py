"""Settings of the property tests: a busy machine is no reason for a red test."""

from hypothesis import settings

settings.register_profile("rules", deadline=None)
settings.load_profile("rules")
