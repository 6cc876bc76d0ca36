"""stop_trials.py - at a stop, what was acknowledged arrives.

Members of a room stay and read; one posts on and on; the server is told to stop
in the middle of it. Each `ok` that the poster gets stands for a post that
every member gets."""

import signal
import threading
import time

from servers import ALL, CHATS
from trial import Trial, until


def post_on_and_on(client, acknowledged):
    """Until the connection ends; tells how many were acknowledged."""
    number = 0
    try:
        while True:
            client.send(b"".join(b"post a %d\n" % (number + i) for i in range(10)))
            number += 10
            while acknowledged[0] < number:
                line = client.line()
                if not line:
                    return
                acknowledged[0] += line == b"ok"
    except OSError:
        pass
    finally:
        client.close()


def one_stop(server, members, delay):
    """How many posts were acknowledged, and how many each member got."""
    got = [0] * len(members)
    acknowledged = [0]

    def read_all(index):
        data, how = members[index].everything()
        members[index].close()
        got[index] = data.count(b"a ") if how == "end" else how

    poster = server.connect()
    poster.ask(b"join a")
    threads = [threading.Thread(target=read_all, args=(i,)) for i in range(len(members))]
    threads.append(threading.Thread(target=post_on_and_on, args=(poster, acknowledged)))
    for thread in threads:
        thread.start()
    time.sleep(delay)
    server.stop()
    for thread in threads:
        thread.join()
    return acknowledged[0], got


def posts_at_a_stop(look, name):
    for _ in range(look.count(12, 100)):
        with look.server(name) as server:
            members = [server.connect() for _ in range(3)]
            for member in members:
                member.ask(b"join a")
            acknowledged, got = one_stop(server, members, look.random.uniform(0.02, 0.1))
            lost = [acknowledged - count if isinstance(count, int) else count for count in got]
            look.equal(f"lost of {acknowledged}",
                       True, all(not isinstance(x, str) and x <= 0 for x in lost) or lost)


def both_signals_twice(look, name):
    """In the middle of requests; and whoever is connected reads an end."""
    with look.server(name) as server:
        clients = [server.connect() for _ in range(look.count(50, 400))]
        for client in clients:
            client.send(b"join a\nhel")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            server.tell(number)
        took = until(lambda: not server.is_alive(), look.seconds(8))
        look.equal("it ends in time", True, took is not None)
        for client in clients:
            client.close()


TRIALS = [
    Trial(posts_at_a_stop, CHATS),
    Trial(both_signals_twice, [name for name in ALL if name != "bench"])  # no handler,
]
