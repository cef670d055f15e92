"""The one error of this package: what was asked for cannot be built, and the message says why."""


class NotPackaged(Exception):
    """Nothing usable was made."""
