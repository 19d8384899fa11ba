"""The modules that are measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """One module of one package of the registry."""

    package: str
    module: str


SUBJECTS = (
    Subject("inflection", "inflection"),
    Subject("python-slugify", "slugify.slugify"),
    Subject("semver", "semver.version"),
    Subject("isodate", "isodate.isoduration"),
    Subject("cachetools", "cachetools"),
    Subject("toolz", "toolz.itertoolz"),
)
