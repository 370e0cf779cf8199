"""The version, in its only place: read by pyproject.toml, the command line and everything that is cached or written."""

VERSION = "0.1.0"
