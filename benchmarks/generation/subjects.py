"""The modules that are measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """One module of one package of the registry."""

    package: str
    module: str


SUBJECTS = (
    Subject("aiolimiter", "aiolimiter.leakybucket"),
    Subject("asyncstdlib", "asyncstdlib.itertools"),
    Subject("blinker", "blinker.base"),
    Subject("boltons", "boltons.cacheutils"),
    Subject("boltons", "boltons.fileutils"),
    Subject("boltons", "boltons.iterutils"),
    Subject("boltons", "boltons.statsutils"),
    Subject("cachetools", "cachetools"),
    Subject("humanize", "humanize.number"),
    Subject("humanize", "humanize.time"),
    Subject("inflection", "inflection"),
    Subject("intervaltree", "intervaltree.intervaltree"),
    Subject("isodate", "isodate.isoduration"),
    Subject("jsonpointer", "jsonpointer"),
    Subject("more-itertools", "more_itertools.recipes"),
    Subject("packaging", "packaging.version"),
    Subject("python-dotenv", "dotenv.parser"),
    Subject("python-slugify", "slugify.slugify"),
    Subject("pytimeparse", "pytimeparse.timeparse"),
    Subject("semver", "semver.version"),
    Subject("sortedcontainers", "sortedcontainers.sortedlist"),
    Subject("toml", "toml.decoder"),
    Subject("toolz", "toolz.itertoolz"),
    Subject("transitions", "transitions.core"),
)
