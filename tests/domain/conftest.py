"""Property tests measure no time: a busy machine is no fault of the rule."""

from hypothesis import settings

settings.register_profile("desk", deadline=None)
settings.load_profile("desk")
