"""room_trials.py - a client cannot make a list long that others wait for."""

import threading
import time

from servers import CHATS
from trial import Trial


def join_many(client, count, answers):
    for begin in range(0, count, 20):
        client.send(b"".join(b"join %0480d\n" % i for i in range(begin, begin + 20)))
        answers += client.lines(20)


def many_rooms(look, name):
    """One joins more and more rooms; another's post takes as long as ever."""
    count = look.count(6000, 30000)
    with look.server(name) as server, server.connect() as other:
        other.ask(b"join z")
        before = server.memory()
        client, answers = server.connect(timeout=60), []
        joiner = threading.Thread(target=join_many, args=(client, count, answers))
        joiner.start()
        took = []
        while joiner.is_alive() or len(took) < 20:
            begin = time.monotonic()
            other.send(b"post z hi\n")
            other.lines(2)
            took.append(time.monotonic() - begin)
            time.sleep(0.01)
        look.below("seconds for another's post", 0.005, sorted(took)[len(took) // 2])
        look.below("KiB more", 2048, server.memory() - before)
        look.equal("every line is answered", count, len(answers))
        look.equal("the first is fine", b"ok", answers[0])
        look.equal("the last is refused", b"error", answers[-1][:5])
        client.close()
        look.served(server)


def many_clients_with_rooms(look, name):
    """All in all as many rooms, and each of them a client's own."""
    with look.server(name) as server, server.connect() as other:
        other.ask(b"join z")
        clients = [server.connect() for _ in range(look.count(60, 600))]
        joined = 0
        for number, client in enumerate(clients):
            client.send(b"".join(b"join %d-%d\n" % (number, i) for i in range(16)))
            joined += client.lines(16).count(b"ok")
        look.equal("joined", 16 * len(clients), joined)
        took = []
        for _ in range(50):
            begin = time.monotonic()
            other.send(b"post z hi\n")
            other.lines(2)
            took.append(time.monotonic() - begin)
        look.below("seconds for another's post", 0.005, sorted(took)[25])
        for client in clients:
            client.close()


TRIALS = [
    Trial(many_rooms, CHATS),
    Trial(many_clients_with_rooms, CHATS),
]
