"""log_trials.py - a log that nobody reads, and one whose reader has gone.

A pipe of one page is full after some hundred bad clients; as large as pipes
usually are it takes 2,048."""

import fcntl
import os
import subprocess

from servers import ALL
from trial import GET, Trial

BAD_LINES = {"line": b"\x01\n", "hello": b"GARBAGE\0\r\n\r\n"}
F_SETPIPE_SZ = 1031  # fcntl.h; Python knows it from 3.10 on


def bad_client(server):
    """Says what ends its connection with an error, and leaves with a reset."""
    with server.connect(timeout=2) as client:
        client.send(BAD_LINES.get(server.name, b"\0\n"))
        try:
            client.socket.recv(10)
        except ConnectionResetError:
            pass
        client.reset()


def how_many(server, count):
    """Bad clients that find a server: all, or as many as came before."""
    for done in range(count):
        try:
            bad_client(server)
        except OSError as error:
            return f"{done}, then {error}"
    return count


def nobody_reads_the_log(look, name):
    count = look.count(300, 4000)
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
    with look.server(name, stderr=writer) as server:
        os.close(writer)
        fcntl.fcntl(server.process.stdout, F_SETPIPE_SZ, 4096)
        look.equal("bad clients", count, how_many(server, count))
        look.served(server)
    os.close(reader)


def the_logs_reader_has_gone(look, name):
    reader, writer = os.pipe()
    with look.server(name, stdout=subprocess.PIPE, stderr=writer) as server:
        os.close(writer)
        os.close(reader)
        server.process.stdout.close()
        look.equal("bad clients", 30, how_many(server, 30))
        look.equal("it is alive", True, server.is_alive())
        look.served(server)


LOGGED = [name for name in ALL if name != "bench"]  # which tells its port only
TRIALS = [
    Trial(nobody_reads_the_log, LOGGED),
    Trial(the_logs_reader_has_gone, LOGGED),
]
