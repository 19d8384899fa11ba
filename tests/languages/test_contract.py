"""What every language of the house must do, shown on its own samples: a module, cases of it, and the file they become."""

import json
from pathlib import Path

import pytest

from qtest.languages import LANGUAGES
from qtest.ports import Language
from qtest.records import case as dsl
from qtest.records.case import CallCase
from qtest.records.file import TestStyle
from qtest.records.source import Project

HERE = Path(__file__).parent
SAMPLE, CASES = "shop", "shop.json"

each_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))


def project(language: Language) -> Project:
    return Project(root="", language=language.name, name="sample", layout="module", import_roots=("",))


def sample(language: Language) -> tuple[str, str]:
    path = f"{SAMPLE}{language.suffixes[0]}"
    return path, (HERE / language.name / "golden" / path).read_text("utf-8")


def cases(language: Language) -> list[CallCase]:
    text = (HERE / language.name / "golden" / CASES).read_text("utf-8")
    return [CallCase.model_validate(case) for case in json.loads(text)]


@pytest.mark.parametrize("name", list(LANGUAGES))
def test_a_row_is_named_as_its_language(name: str) -> None:
    assert LANGUAGES[name].name == name
    assert all(suffix.startswith(".") for suffix in LANGUAGES[name].suffixes)


@each_language
def test_the_symbols_that_cases_target_are_found_in_the_module(language: Language) -> None:
    path, text = sample(language)
    module = language.parse(text, path, project(language))
    assert module.path == path
    assert {case.target for case in cases(language)} <= {symbol.id for symbol in module.symbols}


@each_language
def test_what_is_no_code_is_a_syntax_error_with_a_line(language: Language) -> None:
    with pytest.raises(SyntaxError) as caught:
        language.parse("def (:\n", f"broken{language.suffixes[0]}", project(language))
    assert caught.value.lineno == 1


@each_language
def test_mutants_are_distinct_edits_of_the_text_in_order(language: Language) -> None:
    path, text = sample(language)
    mutants = language.mutate(text, path, SAMPLE)
    assert mutants
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    assert [mutant.start for mutant in mutants] == sorted(mutant.start for mutant in mutants)
    for mutant in mutants:
        assert text[mutant.start : mutant.end] == mutant.original
        assert (mutant.original == mutant.replacement) <= (mutant.control == "no-op")
    assert {mutant.control for mutant in mutants} == {"", "no-op", "raise"}


@each_language
def test_the_cases_become_the_file_beside_them(language: Language) -> None:
    own = cases(language)
    path = f"test_{SAMPLE}{language.suffixes[0]}"
    file = language.render(own, SAMPLE, path, TestStyle())
    assert file.text == (HERE / language.name / "golden" / path).read_text("utf-8")
    assert (file.path, file.language, file.module) == (path, language.name, SAMPLE)
    assert sorted(case.id for test in file.tests for case in test.cases) == sorted(case.id for case in own)


@each_language
def test_kinds_that_are_spoken_are_kinds_of_the_dsl(language: Language) -> None:
    kinds = {
        member.__dataclass_fields__["kind"].default
        for union in (dsl.Expression.__value__, dsl.Expectation)
        for member in union.__args__[0].__args__
    }
    assert language.speaks <= kinds
    assert {"int", "text", "call", "equals"} <= language.speaks


@each_language
def test_a_phrase_stands_in_the_rendered_test(language: Language) -> None:
    case = cases(language)[0].model_copy(update={"expect": (dsl.IsNan(),)})
    text = language.phrase(case.input, SAMPLE)
    assert text in language.render((case,), SAMPLE, f"test_{SAMPLE}{language.suffixes[0]}", TestStyle()).text
