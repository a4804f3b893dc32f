"""The whole suite: properties draw the same examples in every run; the long searches (`make corpus`) draw new ones."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
