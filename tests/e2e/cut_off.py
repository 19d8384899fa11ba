"""A run of `qtest mutate` that ends with signal 9 when it has judged so many. As a script: FOLDER RUN STORE OUT DONE [SAMPLE]."""

import os
import signal
import sys
import time

from qtest import judged
from qtest.commands.mutate import place
from qtest.config import load_for
from qtest.mutating import MutateRun
from qtest.records.judging import Judging


def main(spec: str, run: str, store: str, out: str, done: str, sample: str = "") -> None:
    flags = {
        "target": {"repository": spec},
        "where": {"store": store},
        "output": {"out": out},
        "mutate": {"ask_s": 0} | ({"sample": int(sample)} if sample else {}),
    }
    config = load_for(spec, flags)

    def listen(said: Judging) -> None:
        if said.done >= int(done):
            os.kill(os.getpid(), signal.SIGKILL)

    judged.KEPT_S = 0.0  # what was judged is on disk, so that this does not depend on the time it takes
    with place(config) as (house, ledger, width):
        MutateRun(house, ledger, config, run, width, listen, time.monotonic()).report(spec)


if __name__ == "__main__":
    main(*sys.argv[1:])
