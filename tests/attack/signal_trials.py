"""signal_trials.py - a process that is stopped and continued loses nothing.

epoll_wait() and calls with a timeout end with EINTR at each SIGCONT (signal(7)),
whatever handlers there are."""

import signal
import threading
import time

from servers import ALL
from trial import Trial, ask


def stop_and_go(server, is_over):
    while not is_over.is_set():
        server.tell(signal.SIGSTOP)
        server.tell(signal.SIGCONT)
        time.sleep(0.001)


def signal_storm(look, name):
    with look.server(name) as server:
        is_over = threading.Event()
        storm = threading.Thread(target=stop_and_go, args=(server, is_over))
        storm.start()
        good = sum(ask(server, 10) is True for _ in range(look.count(100, 3000)))
        is_over.set()
        storm.join()
        look.equal("answered", look.count(100, 3000), good)


TRIALS = [
    Trial(signal_storm, ALL),
]
