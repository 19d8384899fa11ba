"""A revision of a repository comes here by real git: over a path, over HTTP with and without a login, and once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtest.adapters.git.fetcher import GitFetcher, Limits
from qtest.adapters.store import FolderStore
from qtest.errors import FetchError, UsageError
from qtest.ingest.bundle import ingest
from qtest.records.source import Repository

if TYPE_CHECKING:
    from conftest import Made, Served

OUTER = {"PATH": os.environ["PATH"]}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def fetch(cache: Path, spec: str, outer: dict[str, str] | None = None, limits: Limits | None = None) -> Repository:
    return GitFetcher(cache, OUTER | (outer or {}), limits or Limits()).fetch(spec)


def refused(cache: Path, spec: str, outer: dict[str, str] | None = None, limits: Limits | None = None) -> str:
    """What is said, in one line; nothing is left of the attempt."""
    with pytest.raises(FetchError) as caught:
        fetch(cache, spec, outer, limits)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert not list(cache.rglob(".fetch-*"))
    return str(caught.value)


def reasons(found: Repository) -> dict[str, str]:
    return {item.path: item.reason for item in found.omitted}


def names(found: Repository) -> list[str]:
    return sorted(str(path.relative_to(found.folder)) for path in Path(found.folder).rglob("*") if not path.is_dir())


@pytest.fixture
def shop(made: "Made") -> "Made":
    made.commit("The price", {"shop/__init__.py": "PRICE = 1\n", "run.sh": "#!/bin/sh\n"})
    made.git("tag", "--annotate", "v1", "--message", "one")
    made.git("checkout", "--quiet", "-b", "feature/half")
    made.commit("Half of it", {"shop/__init__.py": "PRICE = 2\n", "shop/ä name.py": ""})
    made.git("update-ref", "refs/pull/12/head", "HEAD")
    made.git("checkout", "--quiet", "main")
    made.commit("Dearer", {"shop/__init__.py": "PRICE = 3\n"})
    made.publish()
    return made


@pytest.mark.parametrize(
    ("wanted", "version", "price"),
    [
        ("", "main", 3),
        ("@main", "main", 3),
        ("@refs/heads/main", "refs/heads/main", 3),
        ("@v1", "v1", 1),
        ("@feature/half", "feature/half", 2),
        ("@pr/12", "pr/12", 2),
        ("#12", "pr/12", 2),
    ],
)
def test_a_branch_a_tag_and_a_pull_request_name_a_commit(
    shop: "Made", cache: Path, wanted: str, version: str, price: int
) -> None:
    found = fetch(cache, f"file://{shop.bare}{wanted}")
    ref = {"": "main", "pr/12": "refs/pull/12/head"}.get(version, version)
    assert Path(found.folder, "shop/__init__.py").read_text() == f"PRICE = {price}\n"
    assert found.revision.kind == "git"
    assert (found.revision.name, found.revision.version) == (f"file://{shop.bare}", version)
    assert found.revision.sha256 == shop.git("rev-parse", f"{ref}^{{commit}}")
    assert Path(found.folder).name == "sample"


def test_a_path_to_a_bare_repository_and_a_work_tree_at_a_revision_are_fetched(shop: "Made", cache: Path) -> None:
    assert fetch(cache, str(shop.bare)).revision == fetch(cache, f"file://{shop.bare}").revision
    assert fetch(cache, f"{shop.folder}@v1").commits[0].subject == "The price"


def test_the_repository_of_another_user_is_fetched(shop: "Made", cache: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in (shop.bare, *shop.bare.rglob("*")):
        os.chown(path, 12345, 12345)
    assert fetch(cache, str(shop.bare)).commits


def test_a_sha_is_fetched_whole_and_a_short_one_where_a_branch_stands(shop: "Made", cache: Path) -> None:
    first, last = shop.git("rev-parse", "main"), shop.commit("Cheaper", {"shop/__init__.py": ""})
    shop.publish()
    assert fetch(cache, f"file://{shop.bare}@{first}").revision.sha256 == first
    assert fetch(cache, f"file://{shop.bare}@{last[:9]}").revision.sha256 == last
    assert "40 digits" in refused(cache, f"file://{shop.bare}@{first[:9]}")


def test_the_history_is_newest_first_without_merges_and_with_paths(shop: "Made", cache: Path) -> None:
    shop.git("merge", "--quiet", "-s", "ours", "--no-edit", "feature/half")
    shop.commit("Nothing", {})
    shop.publish()
    found = fetch(cache, str(shop.bare))
    assert [(commit.subject, commit.paths) for commit in found.commits] == [
        ("Nothing", ()),
        ("Dearer", ("shop/__init__.py",)),
        ("Half of it", ("shop/__init__.py", "shop/ä name.py")),
        ("The price", ("run.sh", "shop/__init__.py")),
    ]
    assert found.commits[0].when == shop.when
    assert ingest(found, FolderStore(cache / "store")).commits == found.commits


@pytest.mark.parametrize("partial", [True, False])
def test_the_second_run_of_a_revision_asks_for_the_ref_and_fetches_nothing(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]", partial: bool
) -> None:
    shop.git("config", "uploadpack.allowFilter", str(partial).lower(), where=shop.bare)
    served = serve(shop.bare.parent)
    first = fetch(cache, f"{served.url}@main")
    assert served.asked.count("fetch") >= 2
    served.asked.clear()
    assert fetch(cache, f"{served.url}@main") == first
    assert served.asked == ["ls-refs"]
    served.asked.clear()
    assert fetch(cache, f"{served.url}@{first.revision.sha256}").commits == first.commits
    assert served.asked == []


def test_a_pull_request_over_http_and_a_branch_that_moved(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]"
) -> None:
    served = serve(shop.bare.parent)
    assert fetch(cache, f"{served.url}#12").commits[0].subject == "Half of it"
    before = fetch(cache, served.url)
    shop.commit("Cheaper", {"shop/__init__.py": "PRICE = 0\n"})
    shop.publish()
    after = fetch(cache, served.url)
    assert after.commits[1:] == before.commits
    assert Path(before.folder, "shop/__init__.py").read_text() == "PRICE = 3\n"


def test_what_was_cut_off_in_the_cache_is_fetched_anew(shop: "Made", cache: Path) -> None:
    found = fetch(cache, str(shop.bare))
    Path(found.folder).parents[1].joinpath("tree.json").write_text('{"omi')
    next(cache.rglob("*-history.json")).write_text("")
    Path(found.folder, "shop/__init__.py").unlink()
    assert fetch(cache, str(shop.bare)) == found
    assert Path(found.folder, "shop/__init__.py").exists()


# --- logins --------------------------------------------------------------------------------------------------------


def everything_below(folder: Path) -> bytes:
    return b"".join(
        os.fsencode(path) + (path.read_bytes() if path.is_file() else b"") for path in sorted(folder.rglob("*"))
    )


def test_a_login_in_the_address_works_and_is_kept_nowhere(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]"
) -> None:
    served = serve(shop.bare.parent)
    served.ask_for("me", "s3cret/w@rd")
    found = fetch(cache, f"http://me:s3cret%2Fw%40rd@{served.host}/sample.git@main")
    assert served.wanted in served.logins
    assert (found.spec, found.revision.name) == (f"{served.url}@main", served.url)
    assert b"s3cret" not in found.to_json().encode() + everything_below(cache)


@pytest.mark.parametrize(
    ("address", "outer", "user"),
    [
        ("http://{host}/sample.git", {"QTEST_GIT_TOKEN": "s3cret\n"}, "x-access-token"),
        ("http://me@{host}/sample.git", {"QTEST_GIT_TOKEN": "s3cret"}, "me"),
        (
            "http://{host}/sample.git",
            {"GITHUB_TOKEN": "s3cret", "GITHUB_SERVER_URL": "http://{host}"},
            "x-access-token",
        ),
    ],
)
def test_a_token_of_the_environment_is_shown_to_the_server(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]", address: str, outer: dict[str, str], user: str
) -> None:
    served = serve(shop.bare.parent)
    served.ask_for(user, "s3cret")
    found = fetch(cache, address.format(host=served.host), {k: v.format(host=served.host) for k, v in outer.items()})
    assert found.commits
    assert b"s3cret" not in found.to_json().encode() + everything_below(cache)


def test_the_token_of_github_is_shown_to_no_other_host_and_the_line_says_what_to_do(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]"
) -> None:
    served = serve(shop.bare.parent)
    served.ask_for("x-access-token", "s3cret")
    said = refused(cache, served.url, {"GITHUB_TOKEN": "s3cret"})
    assert "wants a login" in said
    assert "QTEST_GIT_TOKEN" in said
    assert set(served.logins) == {None}


def test_a_login_does_not_follow_to_another_host(shop: "Made", cache: Path, serve: "Callable[[Path], Served]") -> None:
    first, other = serve(shop.bare.parent), serve(shop.bare.parent)
    first.ask_for("me", "s3cret")
    first.onward = f"http://{other.host}"
    other.ask_for("me", "s3cret")
    refused(cache, f"http://me:s3cret@{first.host}/sample.git", {"QTEST_GIT_TOKEN": "s3cret"})
    assert set(other.logins) == {None}


def test_a_wrong_password_is_not_said(shop: "Made", cache: Path, serve: "Callable[[Path], Served]") -> None:
    served = serve(shop.bare.parent)
    served.ask_for("me", "right")
    said = refused(cache, f"http://me:wr0ng@{served.host}/sample.git")
    assert "wants a login" in said
    assert "wr0ng" not in said + repr(GitFetcher(cache, {"QTEST_GIT_TOKEN": "wr0ng"}))


def test_the_users_own_helpers_are_asked_only_when_it_is_wished(
    shop: "Made", cache: Path, tmp_path: Path, serve: "Callable[[Path], Served]"
) -> None:
    served = serve(shop.bare.parent)
    served.ask_for("me", "s3cret")
    (tmp_path / ".git-credentials").write_text(f"http://me:s3cret@{served.host}\n")
    (tmp_path / ".gitconfig").write_text("[credential]\nhelper = store\n")
    assert "wants a login" in refused(cache, served.url, {"HOME": str(tmp_path)})
    assert fetch(cache, served.url, {"HOME": str(tmp_path), "QTEST_GIT_HELPERS": "1"}).commits


def test_no_command_line_shows_a_login(
    shop: "Made", cache: Path, tmp_path: Path, serve: "Callable[[Path], Served]"
) -> None:
    """A git that writes down how it is called stands before the real one."""
    served = serve(shop.bare.parent)
    served.ask_for("me", "s3cret")
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(
        f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/called\nexec {shutil.which("git")} "$@"\n',
    )
    wrapper.chmod(0o755)
    outer = {"PATH": f"{wrapper.parent}:{os.environ['PATH']}"}
    assert fetch(cache, f"http://me:s3cret@{served.host}/sample.git", outer).commits
    called = (tmp_path / "called").read_text()
    assert "fetch" in called
    assert "s3cret" not in called


# --- what cannot be had ---------------------------------------------------------------------------------------------


def test_a_branch_that_is_not_there_is_answered_with_names_near_it(shop: "Made", cache: Path) -> None:
    assert "near it are feature/half" in refused(cache, f"file://{shop.bare}@feature/hal")
    assert "there are feature/half, main, v1" in refused(cache, f"file://{shop.bare}@zzz")
    assert "no pull request 13" in refused(cache, f"file://{shop.bare}#13")
    assert "there is no commit 0000" in refused(cache, f"file://{shop.bare}@{'0' * 39}1")


def test_an_empty_repository_and_a_head_that_leads_nowhere_are_said(made: "Made", cache: Path) -> None:
    made.publish()
    assert "is empty" in refused(cache, str(made.bare))
    made.commit("One", {"a.py": ""})
    made.git("branch", "--move", "main", "trunk")
    made.publish()
    made.git("symbolic-ref", "HEAD", "refs/heads/gone", where=made.bare)
    assert "such as trunk" in refused(cache, str(made.bare))


def test_a_repository_without_python_is_the_users_mistake(made: "Made", cache: Path) -> None:
    made.commit("One", {"a.txt": ""})
    made.publish()
    with pytest.raises(UsageError, match="no Python file"):
        ingest(fetch(cache, str(made.bare)), FolderStore(cache / "store"))


def test_a_server_that_does_not_answer_is_given_up(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]"
) -> None:
    served = serve(shop.bare.parent)
    served.silent = True
    assert "did not answer within" in refused(cache, served.url, limits=Limits(answer_s=0.5))
    assert "cannot be reached" in refused(cache, "http://127.0.0.1:1/sample.git")


def test_an_address_without_a_repository_is_said(shop: "Made", cache: Path, serve: "Callable[[Path], Served]") -> None:
    served = serve(shop.bare.parent)
    assert "no git repository" in refused(cache, f"http://{served.host}/other.git")
    assert "no git repository" in refused(cache, f"file://{shop.bare}/none.git")


def test_too_many_bytes_and_too_many_files_are_refused(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]"
) -> None:
    shop.commit("Noise", {"noise.txt": os.urandom(1 << 20).hex()})
    shop.commit("Zeros", {"noise.txt": "", "zeros.txt": "0" * (3 << 20)})
    shop.publish()
    served = serve(shop.bare.parent)
    limits = Limits(most_bytes=1 << 20)
    assert "more than 1 MiB" in refused(cache, f"{served.url}@{shop.git('rev-parse', 'main~1')}", limits=limits)
    assert "its files hold more than 1 MiB" in refused(cache, served.url, limits=limits)
    assert "more than 2 files" in refused(cache, served.url, limits=Limits(most_files=2))


def test_a_history_that_is_too_large_is_left_out_and_asked_for_again(
    shop: "Made", cache: Path, serve: "Callable[[Path], Served]"
) -> None:
    shop.commit("Noise", {"noise.txt": os.urandom(1 << 20).hex()})
    shop.commit("None", {"noise.txt": ""})
    shop.publish()
    served = serve(shop.bare.parent)  # does not leave blobs out
    found = fetch(cache, served.url, limits=Limits(most_bytes=1 << 20))
    assert found.commits == ()
    assert "no history" in reasons(found)[".git"]
    assert len(fetch(cache, served.url).commits) == 4


def test_a_few_trees_that_stand_for_billions_of_files_are_refused(made: "Made", cache: Path) -> None:
    below = made.tree(*(("100644", b"%d" % n, made.blob(b"x")) for n in range(10)))
    for _ in range(9):
        below = made.tree(*(("40000", b"%d" % n, below) for n in range(10)))
    made.commit_tree(("40000", b"a", below))
    made.publish()
    assert "more than 50000 files" in refused(cache, str(made.bare))


def test_a_cache_that_cannot_be_written_is_said(shop: "Made", tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot hold" in refused(tmp_path / "file", str(shop.bare))


# --- what must not be trusted ---------------------------------------------------------------------------------------


def test_names_that_lead_out_and_git_folders_are_not_written(made: "Made", cache: Path) -> None:
    code, evil = made.blob(b"x = 1\n"), made.blob(b"evil\n")
    inner = made.tree(("100644", b"evil.py", evil))
    made.commit_tree(
        ("100644", b"../../evil.py", evil),
        ("40000", b"..", inner),
        ("40000", b".GIT", inner),
        ("40000", b".git", inner),
        ("100644", b"/evil.py", evil),
        ("100644", b"a.py", code),
        ("100644", b"b\xff.py", code),
        ("100644", b"n" * 300, code),
    )
    made.publish()
    found = fetch(cache, str(made.bare))
    assert names(found) == ["a.py"]
    assert not list(cache.parent.rglob("evil.py"))
    assert reasons(found)["b\\xff.py"] == "its name is not valid text"
    assert (
        reasons(found)["../evil.py"] == reasons(found)[".GIT/evil.py"] == "its name is one that git does not check out"
    )
    assert "cannot be written" in reasons(found)["n" * 300]


def test_links_never_lead_a_file_outside(made: "Made", cache: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    code, away = made.blob(b"x = 1\n"), made.blob(os.fsencode(outside))
    inner = made.tree(("100644", b"evil.py", code), ("120000", b"link", made.blob(b"evil.py")))
    deep = made.tree(("120000", b"d", made.blob(b"../../../top")), ("120000", b"e", made.blob(b"d/../../secret")))
    deeper = made.tree(("40000", b"z", deep))
    made.commit_tree(
        ("120000", b"a", away),
        ("40000", b"a", inner),
        ("120000", b"b", away),
        ("120000", b"c.py", made.blob(b"near.py")),
        ("120000", b"empty", made.blob(b"")),
        ("120000", b"zero", made.blob(b"a\0b")),
        ("120000", b"loop", made.blob(b"loop")),
        ("100644", b"near.py", code),
        ("40000", b"top", inner),
        ("40000", b"x", made.tree(("40000", b"y", deeper))),
    )
    made.publish()
    found = fetch(cache, str(made.bare))
    assert list(outside.iterdir()) == []
    assert names(found) == ["a/evil.py", "a/link", "c.py", "loop", "near.py", "top/evil.py", "top/link"]
    assert reasons(found) == {
        "a": "another entry has its name",
        "b": "a link that leads out of the repository",
        "empty": "a link to an impossible path",
        "zero": "cannot be written: Invalid argument",
        "x/y/z/e": "a link that leads out of the repository",
    }


def test_filters_attributes_and_hooks_do_not_run_or_change_a_byte(shop: "Made", cache: Path) -> None:
    attributes = (
        "*.py filter=evil diff=evil text eol=crlf ident working-tree-encoding=UTF-16\nhidden.py export-ignore\n"
    )
    shop.commit("Evil", {"id.py": "# $Id$\n", "hidden.py": "x = 1\n"})
    shop.git("update-index", "--add", "--cacheinfo", f"100644,{shop.blob(attributes.encode())},.gitattributes")
    shop.git("commit", "--quiet", "--message", "Attributes")
    shop.publish()
    ran = shop.plant(shop.bare)
    found = fetch(cache, str(shop.bare))
    assert Path(found.folder, "id.py").read_bytes() == b"# $Id$\n"
    assert Path(found.folder, "hidden.py").read_bytes() == b"x = 1\n"
    assert not ran.exists()


def test_what_is_missing_in_a_hostile_repository_is_not_fetched_by_its_own_commands(shop: "Made", cache: Path) -> None:
    shop.publish()
    lost = shop.git("rev-parse", "main:shop/__init__.py")
    (shop.bare / "objects" / lost[:2] / lost[2:]).unlink()
    ran = shop.plant(shop.bare)
    refused(cache, str(shop.bare))
    assert not ran.exists()


def test_submodules_and_large_files_are_named(shop: "Made", cache: Path) -> None:
    modules = '[submodule "a"]\n\tpath = libs/a\n\turl = https://me:s3cret@example.org/a.git\n'
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 3\n"
    shop.commit("Parts", {".gitmodules": modules, "model.bin": pointer, "zeros.bin": "0" * ((16 << 20) + 1)})
    shop.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},libs/a")
    shop.git("commit", "--quiet", "--message", "A submodule")
    shop.publish()
    found = fetch(cache, str(shop.bare))
    bundle = ingest(found, FolderStore(cache / "store"))
    assert {item.path: item.reason for item in bundle.omitted} == {
        "libs/a": "a submodule, which is a repository of its own, of https://example.org/a.git",
        "model.bin": "a Git LFS pointer: its content is kept elsewhere and was not fetched",
        "zeros.bin": "larger than 16 MiB",
    }


def test_ssh_is_asked_without_questions(shop: "Made", cache: Path, tmp_path: Path) -> None:
    """A program in ssh's place runs the command here."""
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/called\nfor last; do :; done\nexec sh -c "$last"\n')
    ssh.chmod(0o755)
    outer = {"PATH": f"{ssh.parent}:{os.environ['PATH']}"}
    found = fetch(cache, f"ssh://git@example.org{shop.bare}@v1", outer)
    assert found.revision.name == f"ssh://git@example.org{shop.bare}"
    assert "BatchMode=yes" in (tmp_path / "called").read_text()


def test_a_repository_that_counts_by_sha256_is_fetched(made: "Made", cache: Path) -> None:
    shutil.rmtree(made.folder / ".git")
    made.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    made.commit("One", {"a.py": "x = 1\n"})
    made.publish()
    assert len(fetch(cache, str(made.bare)).revision.sha256) == 64
