"""peer_trials.py - peers that leave, dawdle or say nothing stop nobody."""

import time

from servers import ALL, ECHOES
from trial import GET, Trial, until


def word_of(server):
    return GET if server.name == "hello" else b"join a\npost a hi\n"


def resets(look, name):
    """At once, after a word, after an answer, in the middle of one, twice."""

    def at_once(_):
        pass

    def after_a_word(client):
        client.send(word_of(server))

    def after_an_answer(client):
        client.send(word_of(server))
        client.receive(1)

    def in_the_middle(client):
        client.send(word_of(server)[:5])
        time.sleep(0.001)

    def with_much_unread(client):
        client.send(word_of(server) * 100)

    with look.server(name) as server:
        look.served(server)
        before = until_idle(server)
        for _ in range(look.count(20, 200)):
            for phase in (at_once, after_a_word, after_an_answer, in_the_middle, with_much_unread):
                client = server.connect()
                phase(client)
                client.reset()
        look.served(server)
        gone = until(lambda: server.descriptors() <= before, look.seconds(5))
        look.equal("nothing is left", True, gone is not None)


def until_idle(server):
    """Its descriptors when nobody is connected."""
    time.sleep(0.2)
    return server.descriptors()


def half_closed(look, name):
    """Who has no more to say still gets all its answers, and then the end."""
    words = {"hello": (GET * 3, b"Hello, World!", 3), "line": (b"abc\n" * 3, b"ABC\n", 3),
             "chat1": (b"join a\nleave a\n", b"ok\n", 2), "chat6": (b"join a\nleave a\n", b"ok\n", 2)}
    word, part, times = words.get(name, (b"abc\n" * 3, b"abc\n", 3))
    with look.server(name) as server:
        for _ in range(look.count(50, 400)):
            with server.connect() as client:
                client.send(word)
                client.end_sending()
                data, how = client.everything()
                if (data.count(part), how) != (times, "end"):
                    look.equal("answers and end", (times, "end"), (data.count(part), how))
        look.served(server)


def byte_by_byte(look, name):
    word = {"hello": GET}.get(name, b"join abc\r\n")
    with look.server(name) as server:
        clients = [server.connect() for _ in range(look.count(30, 200))]
        for byte in word:
            for client in clients:
                client.send(bytes([byte]))
        firsts = {client.receive(1) for client in clients}
        look.equal("answers", 1, len(firsts - {b""}))
        for client in clients:
            client.close()


def silent_clients(look, name):
    """They cost memory, no time, and nobody's answer."""
    with look.server(name) as server:
        look.served(server)
        clients = [server.connect() for _ in range(look.count(200, 2000))]
        time.sleep(0.3)
        before = server.processor()
        time.sleep(0.5)
        look.below("seconds of processor time", 0.1, server.processor() - before)
        look.served(server, 1)
        for client in clients:
            client.close()


def readers_that_come_late(look, name):
    """Buffers are full in both directions; then they read: no byte is lost."""
    with look.server(name) as server:
        clients = [server.connect(timeout=20) for _ in range(look.count(5, 50))]
        sent = [client.push(b"0123456789" * 6000) for client in clients]
        for client, size in zip(clients, sent):
            client.end_sending()
            data, how = client.everything()
            look.equal("bytes and end", (size, "end"), (len(data), how))
            client.close()


TRIALS = [
    Trial(resets, ALL),
    Trial(half_closed, ALL),
    Trial(byte_by_byte, ALL),
    Trial(silent_clients, ALL),
    Trial(readers_that_come_late, ECHOES),
]
