"""trial.py - what a trial is, and what it says: expected and seen."""

import contextlib
import random
import time
import traceback
from dataclasses import dataclass
from typing import Callable

from servers import Server

GET = b"GET / HTTP/1.1\r\n\r\n"


@dataclass
class Trial:
    """One line of a table of trials."""

    run: Callable  # run(look, name of the server)
    servers: list
    waits: bool = False  # for a deadline of the server: others run meanwhile
    unready: tuple = ()  # servers whose fault is not yet mended: see run --all

    @property
    def name(self):
        return self.run.__name__


class Look:
    """What one run of a trial has seen."""

    def __init__(self, folder, seed, name, is_long, patience):
        self.folder, self.is_long, self.patience = folder, is_long, patience
        self.random = random.Random(f"{seed} {name}")
        self.lines, self.failures = [], 0
        self.begin = time.monotonic()

    def count(self, short, long):
        """How much of it: in CI, and by hand."""
        return long if self.is_long else short

    def seconds(self, seconds):
        """A bound; a sanitizer's build gets more of it."""
        return seconds * self.patience

    @contextlib.contextmanager
    def server(self, name, **options):
        """A server that is fit afterwards: it ends with 0 and without a report."""
        with Server(self.folder, name, **options) as server:
            yield server
            if server.status is None:
                self.below("seconds that the stop takes", 8, server.stop(wait=self.seconds(12)))
            self.equal("exit status", 0, server.status)
            self.equal("reports", [], server.reports())

    def _say(self, is_good, what, expected, saw):
        self.failures += not is_good
        self.lines.append((is_good, f"{what}: expected {expected}, saw {saw}"))

    def equal(self, what, expected, saw):
        self._say(expected == saw, what, expected, saw)

    def below(self, what, limit, saw):
        """A bound on seconds, or anything else that a slow build has more of."""
        limit = self.seconds(limit)
        saw_text = f"{saw:.3g}" if isinstance(saw, float) else saw
        self._say(saw <= limit, what, f"at most {limit:g}", saw_text)

    def served(self, server, seconds=5):
        """Somebody else has an answer in time."""
        begin = time.monotonic()
        try:
            answer = ask(server, self.seconds(seconds))
        except OSError as error:
            answer = str(error)
        self.equal("a client's answer", True, answer)
        if answer is True:
            self.below("seconds that it takes", seconds, time.monotonic() - begin)

    def guarded(self, run, name):
        """Runs a trial; a trial that breaks has failed."""
        try:
            run(self, name)
        except Exception:  # pylint: disable=broad-except
            self._say(False, "the trial", "its end", traceback.format_exc())
        return time.monotonic() - self.begin


def ask(server, timeout):
    """True if a new client gets what the server is for; else what it got."""
    with server.connect(timeout=timeout) as client:
        if server.name in ("chat1", "chat6"):
            got = [client.ask(b"join asker"), client.ask(b"leave asker")]
            return got == [b"ok", b"ok"] or got
        if server.name == "hello":
            client.send(GET)
            got = client.receive(15)
            return got == b"HTTP/1.1 200 OK" or got
        got = client.ask(b"HELLO")
        return got == b"HELLO" or got


def until(condition, seconds, pause=0.02):
    """Waits for it; the seconds that took, or None."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > seconds:
            return None
        time.sleep(pause)
    return time.monotonic() - begin
