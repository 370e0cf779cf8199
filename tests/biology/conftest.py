"""Generated examples are the same on every run, and the first may wait for the compiler."""

from hypothesis import settings

settings.register_profile("follicast", deadline=None, derandomize=True)
settings.load_profile("follicast")
