"""What of a caller's paths is shown to the code inside."""

from pathlib import Path

from qtest.adapters.sandbox.asked import inner
from qtest.records.sandbox import SandboxSpec


def test_a_link_in_a_shown_folder_comes_with_it_and_what_it_leads_to_is_shown_in_its_place(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "environment", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.write_text("")
    (folder / "own").write_text("")
    (folder / "link").symlink_to(elsewhere)
    tmp_path.chmod(0o755)
    asked = SandboxSpec(readable=(str(folder), str(folder / "link"), str(folder / "own")))
    assert inner(asked, identity=1)["readable"] == [
        (str(folder), str(folder)),
        (str(elsewhere), str(elsewhere)),
    ]
