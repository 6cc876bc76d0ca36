"""argument_trials.py - a port that is none is said to be none."""

import os
import subprocess

from servers import ALL, PROGRAMS
from trial import Trial

NO_PORTS = ["70000", "65536", "-1", "abc", "80x", "", " 80", "0x50", "99999999999999999999"]


def ports_that_are_none(look, name):
    path, _ = PROGRAMS[name]
    for text in NO_PORTS:
        try:
            done = subprocess.run([os.path.join(look.folder, path), text], check=False,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=0.5)
            saw = done.returncode != 0 and done.stderr != b"" and b"port" in done.stderr.lower()
        except subprocess.TimeoutExpired as late:
            saw = f"it serves: {late.stdout}"
        look.equal(f"'{text}' is an error", True, saw)


TRIALS = [
    Trial(ports_that_are_none, [name for name in ALL if name != "bench"]),
]
