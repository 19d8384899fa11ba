"""How a file comes into a session: by a real shell, which here writes into a folder of the test's own."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from gates.lay import lay
from qtest.errors import QTestError
from qtest.fakes import FakeSession
from qtest.records.baseline import Setting
from qtest.records.file import WrittenFile
from qtest.records.sandbox import Completed


class Shell(FakeSession):
    """Runs commands as they are, with no walls around them."""

    def __init__(self) -> None:
        super().__init__(lambda command: Completed(code=0))

    def run(self, command: Sequence[str], *, wall_s: float | None = None, stdin: bytes = b"") -> Completed:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        return Completed(code=done.returncode, stderr=done.stderr.decode())


@pytest.fixture
def here(setting: Setting, tmp_path: Path) -> Setting:
    return setting.model_copy(update={"folder": str(tmp_path)})


def written(name: str, text: str) -> WrittenFile:
    return WrittenFile(path=name, text=text)


def test_the_file_lies_in_the_settings_folder_with_its_text_as_it_is(here: Setting) -> None:
    lay(Shell(), here, written("tests/deep/test_é m.py", "x = '$1 ü'\n"))
    assert Path(here.folder, "tests/deep/test_é m.py").read_bytes() == "x = '$1 ü'\n".encode()


def test_what_a_link_of_that_name_leads_to_is_left_alone(here: Setting) -> None:
    other = Path(here.folder, "other")
    other.write_text("mine")
    Path(here.folder, "test_m.py").symlink_to(other)
    lay(Shell(), here, written("test_m.py", "new"))
    assert (other.read_text(), Path(here.folder, "test_m.py").read_text()) == ("mine", "new")


def test_another_text_has_another_time_of_change_and_the_same_text_the_same(here: Setting) -> None:
    times = []
    for text in ("a = 1\n", "a = 2\n", "a = 1\n"):
        lay(Shell(), here, written("test_m.py", text))
        times.append(int(Path(here.folder, "test_m.py").stat().st_mtime))
    assert times[0] == times[2] != times[1]


def test_a_session_that_does_not_take_it_is_an_error_with_the_beginning_of_the_reason(setting: Setting) -> None:
    full = FakeSession(lambda command: Completed(code=1, stderr=f"\n{'no space ' * 40}\n"))
    with pytest.raises(QTestError) as caught:
        lay(full, setting, written("tests/test_m.py", ""))
    assert str(caught.value) == "tests/test_m.py could not be written into the sandbox: " + ("no space " * 40)[:200]


def test_a_reason_is_told_without_the_space_around_it(setting: Setting) -> None:
    with pytest.raises(QTestError) as caught:
        lay(FakeSession(lambda command: Completed(code=1, stderr=" full\n")), setting, written("t.py", ""))
    assert str(caught.value).endswith(" sandbox: full")
