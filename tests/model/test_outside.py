"""Endpoints, commands, entities, interactions and flows, each from a few lines of code; and sources that mean harm."""

import random
from collections.abc import Mapping

import pytest

from qtest import treesitter
from qtest.ingest import filters
from qtest.languages import PARSERS
from qtest.model.build import build
from qtest.records.record import digest_of
from qtest.records.source import Project, RawSourceBundle, Revision, SourceFile
from qtest.records.system import SystemModel


def model(files: Mapping[str, str | bytes], scripts: tuple[tuple[str, str], ...] = ()) -> SystemModel:
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    store = {digest_of(content): content for content in data.values()}
    bundle = RawSourceBundle(
        revision=Revision(kind="folder", name="x"),
        files=tuple(
            SourceFile(
                path=path,
                sha256=digest_of(content),
                size=len(content),
                language=filters.language(path, content),
                role="source",
            )
            for path, content in data.items()
        ),
        projects=(Project(root="", language="python", name="x", layout="flat", import_roots=("",), scripts=scripts),),
    )
    return build(bundle, store.__getitem__, PARSERS)


def doors(system: SystemModel, kind: str) -> set[tuple[str, str]]:
    return {(entry.name, entry.symbol) for entry in system.entries if entry.kind == kind}


def test_routers_have_a_prefix_for_each_place_they_are_included() -> None:
    users = """
from fastapi import APIRouter
router = APIRouter(prefix="/users")
@router.get("/{id}")
def read(id: int): ...
"""
    main = """
from fastapi import FastAPI
from app import users
app = FastAPI()
app.include_router(users.router, prefix="/v1")
app.include_router(users.router, prefix="/v2")
@app.api_route("/ping", methods=["GET", "HEAD"])
def ping(): ...
"""
    found = doors(model({"app/__init__.py": "", "app/users.py": users, "app/main.py": main}), "endpoint")
    assert found == {
        ("GET /v1/users/{id}", "app.users:read"),
        ("GET /v2/users/{id}", "app.users:read"),
        ("GET /ping", "app.main:ping"),
        ("HEAD /ping", "app.main:ping"),
    }


def test_view_classes_answer_with_their_methods() -> None:
    text = """
from flask import Flask
from flask.views import MethodView
app = Flask(__name__)
class Users(MethodView):
    def get(self): ...
    def post(self): ...
app.add_url_rule("/users", view_func=Users.as_view("users"))
"""
    assert doors(model({"a.py": text}), "endpoint") == {("GET /users", "a:Users.get"), ("POST /users", "a:Users.post")}


def test_an_object_that_is_no_frameworks_has_no_endpoints() -> None:
    text = "from other import thing\napp = thing()\n@app.route('/x')\ndef f(): ...\n@app.command()\ndef g(): ...\n"
    system = model({"a.py": text})
    assert not doors(system, "endpoint") and not doors(system, "cli command")


def test_subcommands_of_argparse_lead_to_their_functions() -> None:
    text = """
import argparse
class Parser(argparse.ArgumentParser): ...
def sync(options): ...
def main():
    parser = Parser()
    commands = parser.add_subparsers()
    one = commands.add_parser("sync")
    one.set_defaults(func=sync)
    deeper = commands.add_parser("db").add_subparsers()
    inner = one.add_subparsers()
    inner.add_parser("all")
"""
    assert doors(model({"a.py": text}, (("tool", "a:main"),)), "cli command") == {
        ("tool", "a:main"),
        ("tool sync", "a:sync"),
        ("tool sync all", "a:main"),
        ("tool db", "a:main"),
    }


def test_commands_are_found_under_the_group_that_adds_them() -> None:
    text = "import click\n@click.command()\ndef clean_up(): ...\n@click.group()\ndef cli(): ...\ncli.add_command(clean_up)\n"
    assert doors(model({"a.py": text}), "cli command") == {("cli", "a:cli"), ("cli clean-up", "a:clean_up")}


ENTITIES = """
import attr, attrs, dataclasses
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypedDict
from pydantic import BaseModel
from sqlalchemy import Column, Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, mapped_column

@dataclass
class A:
    x: int
    K: ClassVar[int] = 1
@dataclasses.dataclass(frozen=True)
class B(A):
    y: str = ""
class P(BaseModel):
    model_config = {}
    a: int = 1
    _hidden: int = 2
class Q(P):
    b: str
@attr.s
class Old:
    x = attr.ib()
    y: int = 3
@attrs.define
class New:
    x: int
class T(TypedDict):
    k: str
class N(NamedTuple):
    n: int
class Base(DeclarativeBase): ...
class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
Legacy = declarative_base()
class Past(Legacy):
    id = Column(Integer)
class Plain:
    z: int = 0
"""


def test_entities_have_their_fields_in_order() -> None:
    found = {
        item.symbol.partition(":")[2]: (item.kind, [field.name for field in item.fields])
        for item in model({"a.py": ENTITIES}).entities
    }
    assert found == {
        "A": ("dataclass", ["x"]),
        "B": ("dataclass", ["x", "y"]),
        "P": ("pydantic", ["a"]),
        "Q": ("pydantic", ["a", "b"]),
        "Old": ("attrs", ["x"]),
        "New": ("attrs", ["x"]),
        "T": ("typed dict", ["k"]),
        "N": ("named tuple", ["n"]),
        "Row": ("sqlalchemy", ["id"]),
        "Past": ("sqlalchemy", ["id"]),
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("import requests\ndef f(): requests.get('x')", ("http", "requests", "requests.get")),
        ("import httpx\ndef f():\n with httpx.Client() as c:\n  c.post('x')", ("http", "httpx", "c.post")),
        ("from sqlalchemy.orm import Session\ndef f(s: Session): s.add(1)", ("database", "sqlalchemy", "s.add")),
        ("import sqlite3 as s\ndef g(): return s.connect('x')\ndef f(): g().execute('y')", ("database", "sqlite3", "")),
        ("import redis\nr = redis.Redis()\ndef f(): r.incr('x')", ("cache", "redis", "r.incr")),
        ("import boto3\ndef f(): boto3.client('s3').put_object()", ("cloud", "boto3", "")),
        ("import smtplib\ndef f():\n s = smtplib.SMTP()\n s.send_message(1)", ("mail", "smtplib", "s.send_message")),
        (
            "from celery import shared_task\n@shared_task\ndef t(): ...\ndef f(): t.delay()",
            ("queue", "celery", "t.delay"),
        ),
        (
            "from django.db import models\nclass M(models.Model): ...\ndef f(): M.objects.filter(x=1)",
            ("database", "django", "M.objects.filter"),
        ),
    ],
)
def test_a_call_of_a_service_is_followed_to_its_library(text: str, wanted: tuple[str, str, str]) -> None:
    found = [item for item in model({"a.py": text}).interactions if item.symbol == "a:f"]
    kind, library, cause = wanted
    assert [(item.kind, item.library) for item in found] == [(kind, library)]
    assert not cause or found[0].cause == cause


def test_what_only_sounds_like_a_service_is_none() -> None:
    text = (
        "from urllib.parse import urlparse\nimport requests\ndef f(session): session.get(1), urlparse('x'), {}.get(1)\n"
    )
    assert model({"a.py": text}).interactions == ()


def test_flows_end_in_circles_and_name_no_symbol_twice() -> None:
    text = "def f(): g()\ndef g(): h(); f()\ndef h(): g(); print(1)\n"
    assert [flow.chain for flow in model({"a.py": text}).flows] == [("a:f", "a:g", "a:h"), ("a:g", "a:h")]


HOSTILE = {
    "deep brackets": "x = " + "(" * 5_000 + ")" * 5_000,
    "deep calls": "x = " + "f(" * 2_000 + ")" * 2_000,
    "long chain": "import flask\nx = flask" + ".a()" * 3_000,
    "long sum": "x = " + "1+" * 50_000 + "1",
    "null bytes": "x = 1\0",
    "undecodable": b"\xff\xfe\xfa",
    "one line": "x=1;" * 20_000,
    "huge number": "x = " + "9" * 10_000,
    "syntax": "def f(:",
    "cyclic classes": "class A(B): ...\nclass B(A):\n def m(self): return self.n()\n",
    "cyclic names": "import click\na = b\nb = a\n@a.command()\ndef f(): ...\n",
    "decorators": "@(lambda f: f)\n@[x for x in y][0].z\n@a[1](2).b\ndef f(): ...\n",
    "stars": "from a import *\nfrom b import *\n",
    "many": "".join(f"def f{number}(): f{number + 1}()\n" for number in range(5_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_python_is_a_model_or_a_problem(name: str) -> None:
    system = model({"a.py": HOSTILE[name], "b.py": "from a import *\n"})
    assert len(system.modules) + len(system.problems) == 2


def test_a_table_of_megabytes_is_a_problem_at_once() -> None:
    assert "larger than" in model({"a.py": "x=1;" * 1_300_000}).problems[0].reason


@pytest.mark.parametrize("grammar", sorted(treesitter.GRAMMARS))
def test_garbage_never_ends_a_grammar(grammar: str) -> None:
    chance = random.Random(7)
    for size in (0, 1, 10, 1_000, 30_000):
        for data in (chance.randbytes(size), b"(" * size, b"{a<'" * (size // 4), b'"' * size):
            try:
                treesitter.read(grammar, data)
            except SyntaxError as error:
                assert str(error)
