"""The whole suite: properties draw the same examples in every run; the long searches (`make corpus`) draw new ones."""

from hypothesis import HealthCheck, settings

# How fast examples are drawn says how busy the machine is, and nothing of the code.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")
