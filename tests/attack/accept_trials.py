"""accept_trials.py - an acceptor outlives whatever accepting meets."""

import signal
import time

from servers import ALL
from trial import Trial, until


def no_descriptor_left(look, name):
    """The limit sinks while nobody, or somebody, is connected; and is back."""
    for connected in (0, 1):
        with look.server(name) as server:
            look.served(server)
            some = [server.connect() for _ in range(connected)]
            time.sleep(0.1)
            most = server.limit_descriptors(server.descriptors())
            waiting = server.connect()
            time.sleep(0.3)
            look.equal("it is alive", True, server.is_alive())
            if not server.is_alive():
                return
            server.limit_descriptors(most)
            look.served(server)
            for client in [waiting, *some]:
                client.close()


def few_descriptors(look, name):
    """64 in all, and 200 clients: each has its turn, and none costs time."""
    with look.server(name) as server:
        server.limit_descriptors(64)
        clients = [server.connect() for _ in range(200)]
        time.sleep(0.5)
        before = server.processor()
        time.sleep(0.5)
        look.below("seconds of processor time while full", 0.1, server.processor() - before)
        for client in clients:
            client.close()
        look.served(server)


def connect_and_close(look, name):
    with look.server(name) as server:
        look.served(server)
        before = until_idle(server)
        refused = 0
        for _ in range(look.count(1000, 20000)):
            try:
                server.connect().close()
            except OSError:
                refused += 1
        look.equal("refused", 0, refused)
        gone = until(lambda: server.descriptors() <= before, look.seconds(5))
        look.equal("nothing is left", True, gone is not None)
        look.served(server)


def until_idle(server):
    """Its descriptors when nobody is connected."""
    time.sleep(0.2)
    return server.descriptors()


def connected_while_stopped(look, name):
    """A queue of connections, each of which has said something."""
    with look.server(name) as server:
        server.tell(signal.SIGSTOP)
        clients = [server.connect() for _ in range(look.count(100, 120))]
        word = {"hello": b"GET / HTTP/1.1\r\n\r\n"}.get(name, b"HELLO\n")
        for client in clients:
            client.send(word)
        time.sleep(look.count(0.5, 12))
        server.tell(signal.SIGCONT)
        look.equal("answered", len(clients), sum(client.receive(1) != b"" for client in clients))
        for client in clients:
            client.close()


TRIALS = [
    Trial(no_descriptor_left, ALL),
    Trial(few_descriptors, ALL),
    Trial(connect_and_close, ALL),
    Trial(connected_while_stopped, ALL),
]
