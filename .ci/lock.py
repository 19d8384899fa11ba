"""Writes serve/lock-cpu.txt: `python .ci/lock.py`, on Linux x86-64 with the Python that .ci/run uses, pip's find-links holding PyTorch's CPU build.

The engine's CPU build asks for CUDA's builds of some packages, which break beside PyTorch's CPU build; so everything is resolved once,
they are left out, and the list is installed with --no-deps.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WANTED = ("ray[default,serve]==2.60.0", "torch==2.13.0+cpu", "setuptools==78.1.1")
LEFT_OUT = {"qtest", "torchaudio", "torchcodec", "torchvision", "triton"}
HEAD = """\
# Written by .ci/lock.py; do not edit. The engine on a CPU with everything that QTest needs, for Linux x86-64 and Python 3.11:
#   pip install --no-deps --require-hashes -r serve/lock-cpu.txt && pip install --no-deps .
# PyTorch's CPU build is not on PyPI: pip's find-links or an extra index must offer it.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed")
        subprocess.run([*pip, "--report", str(report), *WANTED, "-e", f"{ROOT}[dev,cpu]"], check=True)
        found = json.loads(report.read_text("utf-8"))["install"]
    lines = sorted(line(one) for one in found if one["metadata"]["name"].lower() not in LEFT_OUT)
    (ROOT / "serve" / "lock-cpu.txt").write_text(HEAD + "".join(lines), "utf-8")


def line(package: dict) -> str:
    name, version = package["metadata"]["name"].lower().replace("_", "-"), package["metadata"]["version"]
    digest = package["download_info"]["archive_info"]["hashes"]["sha256"]
    return f"{name}=={version} --hash=sha256:{digest}\n"


if __name__ == "__main__":
    main()
