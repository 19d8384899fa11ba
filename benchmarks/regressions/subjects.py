"""Real bugs: two neighbouring releases of a package, between which a changelog or a diff says that one was mended.

Taken as found in the changelogs of small packages without compiled parts, of many kinds, before any tool was asked about them; the order is that of finding.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """`changed` are the functions that were mended, by their qualified name in `module` of the fixed release.
    `reproduction` raises in the buggy release and does not in the fixed one."""

    package: str
    buggy: str
    fixed: str
    module: str
    changed: tuple[str, ...]
    kind: str
    bug: str
    reproduction: str

    @property
    def name(self) -> str:
        return f"{self.package} {self.fixed} {self.module}"


PAIRS = (
    Pair(
        "portion",
        "2.6.2",
        "2.6.3",
        "portion.dict",
        ("IntervalDict.pop",),
        "containers",
        "pop with the default None raises KeyError",
        "import portion as P\nassert P.IntervalDict({P.closed(0, 1): 'a'}).pop(5, None) is None",
    ),
    Pair(
        "python-dotenv",
        "1.2.3",
        "1.2.4",
        "dotenv.parser",
        ("parse_binding",),
        "parsers",
        "a comment after an empty value becomes the value",
        "import io; from dotenv import dotenv_values\n"
        "assert dotenv_values(stream=io.StringIO('KEY= # comment'))['KEY'] == ''",
    ),
    Pair(
        "boltons",
        "26.1.0",
        "26.2.0",
        "boltons.timeutils",
        ("isoparse",),
        "dates",
        "a fraction of a second is read as so many microseconds",
        "from boltons.timeutils import isoparse\nassert isoparse('1970-01-01T00:00:00.851').microsecond == 851000",
    ),
    Pair(
        "munch",
        "2.4.0",
        "2.5.0",
        "munch",
        ("Munch.get",),
        "containers",
        "get of a DefaultMunch ignores the default it is given",
        "from munch import DefaultMunch\nassert DefaultMunch('x').get('missing', 1) == 1",
    ),
    Pair(
        "humanize",
        "4.12.3",
        "4.13.0",
        "humanize.time",
        ("precisedelta", "_quotient_and_remainder"),
        "numbers",
        "a value that rounds up to a whole larger unit stays in the smaller one",
        "import datetime, humanize\n"
        "assert humanize.precisedelta(datetime.timedelta(minutes=59, seconds=59), 'minutes', format='%0.0f') == '1 hour'",
    ),
    Pair(
        "transitions",
        "0.9.2",
        "0.9.3",
        "transitions.core",
        ("Machine.dispatch",),
        "state machines",
        "dispatch stops at the first model whose trigger gives False",
        "from transitions import Machine; M = type('M', (), {}); a, b = M(), M(); m = Machine([a, b], ['x', 'y'], initial='x')\n"
        "seen = []; a.go = lambda: False; b.go = lambda: seen.append(b); m.dispatch('go'); assert seen == [b]",
    ),
    Pair(
        "cachelib",
        "0.13.0",
        "0.14.0",
        "cachelib.simple",
        ("SimpleCache.add",),
        "caches",
        "add does not replace a key that has expired",
        "import time; from cachelib import SimpleCache; c = SimpleCache(); c.set('a', 1, timeout=1)\n"
        "time.sleep(1.1); c.add('a', 2); assert c.get('a') == 2",
    ),
    Pair(
        "async-lru",
        "2.0.4",
        "2.0.5",
        "async_lru",
        ("_LRUCacheWrapper._task_done_callback", "_LRUCacheWrapper.__call__"),
        "async",
        "a call that raised stays in the cache",
        "import asyncio; from async_lru import alru_cache\n"
        "@alru_cache\nasync def bad():\n    raise ValueError\n"
        "async def size():\n    await asyncio.gather(bad(), return_exceptions=True)\n    return bad.cache_info().currsize\n"
        "assert asyncio.run(size()) == 0",
    ),
    Pair(
        "texttable",
        "1.6.1",
        "1.6.2",
        "texttable",
        ("Texttable._fmt_auto",),
        "text",
        "a table cannot be drawn when a number in it is NaN",
        "from texttable import Texttable; t = Texttable(); t.add_rows([['a'], [float('nan')]])\nassert 'nan' in t.draw()",
    ),
    Pair(
        "parse",
        "1.21.0",
        "1.21.1",
        "parse",
        ("date_convert",),
        "dates",
        "the last microsecond of a time is lost in a float",
        "import parse\nassert parse.parse('{:ti}', '2011-02-03T10:21:36.000249')[0].microsecond == 249",
    ),
    Pair(
        "boltons",
        "25.0.0",
        "26.0.0",
        "boltons.iterutils",
        ("split_iter",),
        "iterators",
        "with maxsplit 0 the one group holds the source itself",
        "from boltons.iterutils import split\nassert split(iter([1, 2]), 1, maxsplit=0) == [[1, 2]]",
    ),
    Pair(
        "dictdiffer",
        "0.8.0",
        "0.8.1",
        "dictdiffer",
        ("diff", "diff.<locals>._diff_recursive"),
        "containers",
        "sets that differ are told a second time, as a change",
        "from dictdiffer import diff\nassert list(diff({1}, {2})) == [('add', '', [(0, {2})]), ('remove', '', [(0, {1})])]",
    ),
    Pair(
        "price-parser",
        "0.3.3",
        "0.3.4",
        "price_parser.parser",
        ("extract_price_text", "get_decimal_separator"),
        "numbers",
        "a price that begins with its decimal point loses it",
        "from price_parser.parser import extract_price_text\nassert extract_price_text('$.75') == '.75'",
    ),
    Pair(
        "tomlkit",
        "0.15.1",
        "0.15.2",
        "tomlkit.items",
        ("Bool.__eq__",),
        "containers",
        "two booleans never equal each other",
        "import tomlkit\nd = tomlkit.parse('a = true\\nb = true'); assert d.item('a') == d.item('b')",
    ),
    Pair(
        "boltons",
        "26.0.0",
        "26.1.0",
        "boltons.setutils",
        ("IndexedSet.iter_slice", "IndexedSet.__getitem__", "IndexedSet._get_real_index"),
        "containers",
        "a slice after a removal begins and ends at the wrong items",
        "from boltons.setutils import IndexedSet; s = IndexedSet(range(10)); s.discard(1)\n"
        "assert list(s[2:5]) == [3, 4, 5]",
    ),
    Pair(
        "sqlparse",
        "0.5.3",
        "0.5.4",
        "sqlparse.filters.others",
        ("StripCommentsFilter._process",),
        "parsers",
        "of a text that is nothing but comments some are left",
        "import sqlparse\nassert sqlparse.format('-- a\\n-- b\\n', strip_comments=True) == ''",
    ),
    Pair(
        "croniter",
        "6.2.0",
        "6.2.1",
        "croniter.croniter",
        ("croniter._calc.<locals>.proc_day_of_month",),
        "dates",
        "going back from March misses 29 February",
        "from datetime import datetime; from croniter import croniter\n"
        "assert croniter('0 0 29 * *', datetime(2024, 3, 15)).get_prev(datetime) == datetime(2024, 2, 29)",
    ),
    Pair(
        "unidiff",
        "1.0.0",
        "1.0.1",
        "unidiff.patch",
        ("PatchSet._parse",),
        "parsers",
        "files added in a row are taken for one",
        "from unidiff import PatchSet\n"
        "assert len(PatchSet('--- /dev/null\\n+++ b/a\\n@@ -0,0 +1 @@\\n+x\\n--- /dev/null\\n+++ b/b\\n@@ -0,0 +1 @@\\n+y\\n')) == 2",
    ),
    Pair(
        "wcwidth",
        "0.8.1",
        "0.8.2",
        "wcwidth._wcswidth",
        ("wcswidth", "wcstwidth"),
        "text",
        "a count beyond the end of the text raises IndexError",
        "from wcwidth import wcswidth\nassert wcswidth('ab\u65e5', 10) == 4",
    ),
    Pair(
        "xmltodict",
        "1.0.2",
        "1.0.3",
        "xmltodict",
        ("_emit",),
        "text",
        "an attribute that is None is written as the word None",
        "import xmltodict\nassert 'None' not in xmltodict.unparse({'a': {'@b': None}})",
    ),
    Pair(
        "more-itertools",
        "10.8.0",
        "11.0.0",
        "more_itertools.more",
        ("numeric_range.__getitem__",),
        "iterators",
        "a slice with a negative step is empty or wrong",
        "from more_itertools import numeric_range\nassert list(numeric_range(0, 5)[::-1]) == [4, 3, 2, 1, 0]",
    ),
    Pair(
        "validators",
        "0.35.0",
        "0.36.0",
        "validators.finance",
        ("_isin_checksum",),
        "numbers",
        "the check digit of an ISIN is not looked at",
        "import validators\nassert not validators.isin('US0378331004')",
    ),
    Pair(
        "python-dotenv",
        "1.2.2",
        "1.2.3",
        "dotenv.main",
        ("set_key",),
        "file handling",
        "a backslash does not survive being written and read back",
        "import os, tempfile; from dotenv import get_key, set_key; p = os.path.join(tempfile.mkdtemp(), 'e'); "
        "open(p, 'w').close()\nset_key(p, 'a', 'b\\\\\\\\c'); assert get_key(p, 'a') == 'b\\\\\\\\c'",
    ),
    Pair(
        "boltons",
        "26.1.0",
        "26.2.0",
        "boltons.jsonutils",
        ("reverse_iter_lines",),
        "file handling",
        "the encoding it is given is ignored",
        "import io; from boltons.jsonutils import reverse_iter_lines\n"
        "assert list(reverse_iter_lines(io.BytesIO('\u00e9'.encode('latin-1')), encoding='latin-1')) == ['\u00e9']",
    ),
    Pair(
        "boltons",
        "26.1.0",
        "26.2.0",
        "boltons.cacheutils",
        ("ThresholdCounter.most_common",),
        "caches",
        "without a limit no pairs are given",
        "from boltons.cacheutils import ThresholdCounter; c = ThresholdCounter(); c.update('aab')\n"
        "assert c.most_common() == [('a', 2), ('b', 1)]",
    ),
    Pair(
        "asyncstdlib",
        "3.12.5",
        "3.13.0",
        "asyncstdlib.contextlib",
        ("ExitStack.push",),
        "async",
        "what is no context manager is refused by an assert",
        "from asyncstdlib import ExitStack\ntry: ExitStack().push(1)\nexcept TypeError: pass",
    ),
    Pair(
        "isodate",
        "0.6.0",
        "0.6.1",
        "isodate.duration",
        ("Duration.__add__",),
        "dates",
        "a parsed duration with years cannot be added to a date",
        "import datetime, isodate\n"
        "assert isodate.parse_duration('P1Y') + datetime.date(2000, 1, 1) == datetime.date(2001, 1, 1)",
    ),
    Pair(
        "pathspec",
        "0.8.1",
        "0.9.0",
        "pathspec.patterns.gitwildmatch",
        ("GitWildMatchPattern.pattern_to_regex",),
        "parsers",
        "two double asterisks in a row ask for a folder between them",
        "from pathspec.patterns import GitWildMatchPattern\n"
        "assert list(GitWildMatchPattern('**/**/b').match(['b'])) == ['b']",
    ),
    Pair(
        "h11",
        "0.14.0",
        "0.16.0",
        "h11._readers",
        ("ChunkedReader.__call__",),
        "state machines",
        "whatever two bytes end a chunk are thrown away",
        "from h11._readers import ChunkedReader; from h11._receivebuffer import ReceiveBuffer; import h11; b = ReceiveBuffer(); b += b'1\\r\\naXY0\\r\\n\\r\\n'; r = ChunkedReader(); r(b)\n"
        "try: r(b)\nexcept h11.LocalProtocolError: pass\nelse: assert False",
    ),
    Pair(
        "transitions",
        "0.8.7",
        "0.8.8",
        "transitions.extensions.asyncio",
        ("AsyncMachine.remove_model",),
        "async",
        "a model that is removed stays in the list of models",
        "from transitions.extensions.asyncio import AsyncMachine; M = type('M', (), {}); a = M(); m = AsyncMachine(a, ['x'], initial='x')\n"
        "m.remove_model(a); assert m.models == []",
    ),
    Pair(
        "texttable",
        "1.6.3",
        "1.6.4",
        "texttable",
        ("Texttable.set_deco",),
        "text",
        "lines keep the decoration of the first drawing",
        "from texttable import Texttable; t = Texttable(); t.add_rows([['a', 'b']] * 3); t.draw()\n"
        "t.set_deco(Texttable.HLINES); assert '+' not in t.draw()",
    ),
    Pair(
        "parse",
        "1.22.1",
        "1.22.2",
        "parse",
        ("Parser._handle_field",),
        "numbers",
        "what is not a number is not read by the format of numbers with a point",
        "import parse\nassert parse.parse('{:F}', 'nan') is not None",
    ),
)
