"""Paths as inputs: which parameters take one, what it leads to, and the steps of set-up that put it there."""

import ast
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from qtest.generate.search.kinds import ANY, LIST, TEXT, FunctionNode, Kind, Wanted
from qtest.generate.search.trial import Trial
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    EnvValue,
    Expression,
    Operate,
    Ref,
    Step,
    Text,
)
from qtest.records.system import Parameter

PATH, FILE_NAME = Kind("path"), Kind("file name")
_STREAMS = ("io:StringIO", "io:BytesIO")
_TOUCHES = re.compile(
    r"(?<![\w.])(io\.|codecs\.|os\.)?open\(|\.(open|(read|write)_(text|bytes))\(|\bshutil\.\w+\(|\.(iterdir|r?glob|is_file|is_dir|mkdir)\("
    r"|\bos\.(listdir|walk|scandir|makedirs|mkdir|remove|unlink|stat|lstat|rename|replace|rmdir|access)\("
    r"|\bos\.path\.(l?exists|isfile|isdir|getsize|getmtime|samefile)\("
)
_OPENS = re.compile(
    r"(?:open|listdir|walk|scandir|makedirs|mkdir|remove|unlink|l?stat|rename|replace|rmdir|access|l?exists|isfile|isdir|getsize|getmtime"
    r"|copy\w*|move|rmtree|Path|fspath)"
)
_OWNERS = frozenset(("os", "path", "io", "codecs", "shutil", "pathlib", "gzip", "zipfile", "tarfile", "bz2", "lzma"))
_NAMED = re.compile(
    r"_*((\w+_)?(path|paths|filename|fname|file|filepath|folder|directory|dirname|dir|root_dir|pathname)\w?|path_\w+|file_\w+|src|dst|dest"
    r"|source|destination|target|root|fn|fp)"
)
_FOLDERS = re.compile(r".*(dir|folder|directory|dirname|root|tree)s?|cwd|top|base")
_NEW = re.compile(r".*(dst|dest|destination|target|out|output|new)(_?(path|file|dir|folder|name))?")
_NEW_NAMES = frozenset(("copy", "missing", "new", "out"))  # stems of paths that nothing lies at
_DOCUMENTS: dict[str, tuple[str, ...]] = {
    ".txt": ("first line\nsecond line\n", "hello", "one\n\n  two\nthree", "", "# comment\nvalue\n"),
    ".md": ("# Title\n\nSome *text*.\n", "- one\n- two"),
    ".json": ('{"name": "Ada", "age": 36}\n', "[1, 2, 3]", "{}"),
    ".ini": (
        "[server]\nhost = localhost\nport = 8080\n",
        "[a]\nx = 1\n\n[b]\ny=2 # note",
        "; comment\n[a]\nx: one\n  two\n",
    ),
    ".toml": ('title = "demo"\n\n[server]\nport = 8080\n', "x = 1"),
    ".yaml": ("name: Ada\nitems:\n  - 1\n  - 2\n", "a: 1"),
    ".env": (
        "NAME=Ada\nexport DEBUG='1'\n",
        "# comment\nURL=http://${HOST}/\nHOST=example.org",
        'A="two words" # note\nB\n',
        "A=1\nB=2\n",
    ),
    ".csv": ("name,age\nAda,36\n", "a;b\n1;2"),
    ".xml": ("<root><item id='1'>one</item></root>\n", "<a/>"),
    ".html": ("<p class='x'>Hi &amp; bye</p>\n",),
    ".py": ("def f(x):\n    return x + 1\n", "import os\n"),
    ".log": ("2024-02-29 12:34:56 INFO started\n2024-02-29 12:35:00 ERROR failed\n",),
}
_STEMS = {".ini": "config", ".toml": "config", ".json": "data", ".csv": "table", ".yaml": "config", ".py": "module"}
_WRITTEN_AS = {".cfg": ".ini", ".conf": ".ini", ".yml": ".yaml", ".htm": ".html"}
_PLAIN_NAME = re.compile(r"\w[\w-]*\.[a-z]{1,5}|\.[a-z]{2,8}")
_EXTENSION = re.compile(r"""["']\*?(\.[a-z]{2,4})["']""")


def touches(source: str) -> bool:
    """Whether the code deals with files, and not with their names alone."""
    return _TOUCHES.search(source) is not None


def with_places(found: Wanted, parameter: Parameter, body: FunctionNode | None, *, touching: bool) -> Wanted:
    """What is known of a parameter, and before it that it takes the name of a file where the body or its own name says so."""
    if PATH in found.kinds or not (set(found.kinds) & {TEXT, ANY, LIST} or not found.kinds):
        return found
    if found.declared and TEXT not in found.kinds:
        return found
    used = body is not None and any(_opens(node, parameter.name) for node in ast.walk(body))
    named = touching and _NAMED.fullmatch(parameter.name.lower()) is not None
    if not used and not named:
        return found
    others = tuple(kind for kind in found.kinds if kind not in (LIST, ANY) or found.declared)
    return replace(found, kinds=(FILE_NAME, *others))


def _opens(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=called), args=args) | ast.Call(func=ast.Attribute(attr=called), args=args):
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            last = getattr(owner, "attr", getattr(owner, "id", ""))
            plain = owner is None and called in ("open", "Path", "fspath")
            if plain or (last in _OWNERS and _OPENS.fullmatch(called)):
                return any(isinstance(given, ast.Name) and given.id == name for given in args[:2])
    return False


class Places:
    """Draws paths and what lies there. `spoken` are texts that people wrote: documents among them are put into files."""

    def __init__(self, module: str, source: str, spoken: Iterable[str], rng: random.Random) -> None:
        self.touching = touches(source)
        self._spoken, self._rng = spoken, rng
        self._extensions = tuple(_extensions(module, source)) or (".txt",)

    def path(self, name: str) -> EnvValue:
        """For a parameter of that name: mostly what lies there already, for a destination mostly what does not."""
        rng, lower = self._rng, name.lower()
        dice = 1.0 if _NEW.fullmatch(lower) and rng.random() < 0.7 else rng.random()
        if _FOLDERS.fullmatch(lower):
            if dice < 0.55:
                return EnvValue("scratch folder")
            return EnvValue("scratch folder", "docs") if dice < 0.8 else EnvValue("scratch folder", "new")
        if dice < 0.75:
            return EnvValue("scratch file", self._named())
        if dice < 0.82:
            return EnvValue("scratch folder")
        return EnvValue("scratch file", rng.choice(("missing", "new", "out")) + self._extensions[0])

    def lying(self, value: Expression) -> Expression:
        """The name of a file that somebody wrote, as one that lies in the scratch folder."""
        if isinstance(value, Text) and _PLAIN_NAME.fullmatch(value.value):
            return Operate("str", (EnvValue("scratch file", value.value),))
        return value

    def document(self) -> str:
        """The content of a file, or of a stream."""
        spoken = [text for text in self._spoken if "\n" in text and len(text) <= 300]
        if spoken and self._rng.random() < 0.4:
            return self._rng.choice(spoken)
        chosen = self._extensions[0] if self._rng.random() < 0.75 else ".txt"
        return self._rng.choice(_DOCUMENTS[_WRITTEN_AS.get(chosen, chosen)])

    def furnished(self, trial: Trial) -> Trial:
        """The trial with steps before it that put there what its paths lead to, as far as its own steps do not; what the input may
        write to has a name, so that it can be looked at."""
        trial = _held(trial)
        made = {_made(step) for step in trial.setup}
        steps: list[Step] = []
        for part in dict.fromkeys(part for part in walk((trial.setup, trial.input)) if isinstance(part, EnvValue)):
            if part in made or part.what == "clock" or _stem(part.name) in _NEW_NAMES:
                continue
            made.add(part)
            if part.what == "scratch file":
                steps.append(self._write(part))
            elif part.name:
                steps += [_mkdir(part), self._write(EnvValue("scratch file", f"{part.name}/{self._named()}"))]
            elif (
                not any(item is not None and item.what == "scratch file" for item in made) and self._rng.random() < 0.8
            ):
                steps.append(self._write(EnvValue("scratch file", self._named())))
        return replace(trial, setup=(*steps, *trial.setup)) if steps else trial

    def _named(self) -> str:
        chosen = self._extensions[0] if self._rng.random() < 0.85 else ".txt"
        return chosen if chosen == ".env" else _STEMS.get(chosen, "notes") + chosen

    def _write(self, path: EnvValue) -> Step:
        content = self.document()
        encoding = () if content.isascii() else (Argument(Text("utf-8"), "encoding"),)
        return Step(Call("pathlib:Path.write_text", (Argument(Text(content)), *encoding), path))


def _mkdir(path: EnvValue) -> Step:
    return Step(Call("pathlib:Path.mkdir", (), path))


def _made(step: Step) -> EnvValue | None:
    match step.does:
        case Call("pathlib:Path.write_text" | "pathlib:Path.write_bytes" | "pathlib:Path.mkdir", _, EnvValue() as path):
            return path
    return None


def _held(trial: Trial) -> Trial:
    """Streams among the arguments of the call become steps."""
    given = trial.input
    if not isinstance(given, Call | Construct):
        return trial
    taken = {step.name for step in trial.setup}
    steps, arguments = [], []
    for argument in given.arguments:
        value = argument.value
        if isinstance(value, Construct) and value.symbol in _STREAMS and not argument.spread:
            name = next(name for name in ("stream", "other_stream", "third_stream", argument.name) if name not in taken)
            taken.add(name)
            steps.append(Step(value, name))
            value = Ref(name)
        arguments.append(replace(argument, value=value))
    if not steps:
        return trial
    return replace(trial, setup=(*trial.setup, *steps), input=replace(given, arguments=tuple(arguments)))


def _stem(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def _extensions(module: str, source: str) -> Iterator[str]:
    """Of the files that the module deals with, likeliest first."""
    known = (*_DOCUMENTS, *_WRITTEN_AS)
    words = re.split(r"[._]", module.lower())
    yield from (extension for extension in known if any(word.endswith(extension[1:]) for word in words))
    yield from (extension for extension in _EXTENSION.findall(source) if extension in known)
