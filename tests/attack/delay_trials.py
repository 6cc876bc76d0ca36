"""delay_trials.py - an answer never waits for the peer's acknowledgment.

A peer acknowledges after 40 ms when it has nothing to say itself, and without
TCP_NODELAY a second small packet waits for that. Of twenty exchanges the median
counts: a busy machine delays some, that rule all."""

import time

from servers import ECHOES
from trial import GET, Trial


def median(exchange, times=20):
    """In seconds."""
    took = []
    for _ in range(times):
        begin = time.monotonic()
        exchange()
        took.append(time.monotonic() - begin)
    return sorted(took)[times // 2]


def echo_of_any_size(look, name):
    with look.server(name) as server:
        for size in (64, 2048, 2049, 3000, 8000, 60000):
            with server.connect() as client:

                def exchange(data=b"n" * size, client=client):
                    client.send(data)
                    client.receive(len(data))

                look.below(f"seconds for {size} bytes", 0.02, median(exchange))


def requests_in_one_packet(look, name):
    with look.server(name) as server, server.connect() as client:

        def exchange():
            client.send(GET * 2)
            while b"Hello" not in client.line():
                pass
            while b"Hello" not in client.line():
                pass

        look.below("seconds for two answers", 0.02, median(exchange))


def lines_in_one_packet(look, name):
    with look.server(name) as server, server.connect() as client:

        def exchange():
            client.send(b"%s\n" % (b"word " * 14) * 10)
            client.lines(10)

        look.below("seconds for ten answers", 0.02, median(exchange))


TRIALS = [
    Trial(echo_of_any_size, ECHOES),
    Trial(requests_in_one_packet, ["hello"]),
    Trial(lines_in_one_packet, ["line"]),
]
