"""burst_trials.py - much at once is no reason to be cut off; not reading is."""

import threading
import time

from servers import CHATS
from trial import Trial, until


def gather(client, into):
    """Reads all the time."""
    into.append(client.everything())


def posts_in_one_packet(look, name):
    """Everybody reads all the time: so everybody gets all of it."""
    for count in look.count((40, 1000), (40, 1000, 20000)):
        with look.server(name) as server:
            clients = [server.connect(timeout=30) for _ in range(4)]
            for client in clients:
                client.ask(b"join a")
            got = []
            readers = [threading.Thread(target=gather, args=(client, got)) for client in clients]
            for reader in readers:
                reader.start()
            clients[0].send(b"".join(b"post a %05d %s\n" % (i, b"x" * 480) for i in range(count)))
            clients[0].end_sending()
            readers[0].join()
            for client in clients[1:]:
                client.end_sending()
            for reader in readers[1:]:
                reader.join()
            look.equal(f"how {count} posts end", ["end"] * 4, [how for _, how in got])
            look.equal("posts that arrive", [count] * 4,
                       [data.count(b"a 0") for data, _ in got])
            look.equal("posts acknowledged", count,
                       sum(data.count(b"ok\n") for data, _ in got))


def commands_in_one_packet(look, name):
    """A client's own answers cut it off no more than others' posts."""
    count = look.count(5000, 100000)
    with look.server(name) as server, server.connect(timeout=20) as client:
        got = []
        reader = threading.Thread(target=gather, args=(client, got))
        reader.start()
        client.send(b"\n" * count)
        client.end_sending()
        reader.join()
        data, how = got[0]
        look.equal("answers", count, data.count(b"error"))
        look.equal("what follows", "end", how)


def commands_of_one_that_reads_late(look, name):
    """It sends all it can before it reads: then it has every answer."""
    most = look.count(300000, 3000000)
    with look.server(name) as server, server.connect(receive_buffer=8192) as client:
        sent = client.push(b"\n" * 4096, most)
        client.end_sending()
        client.socket.settimeout(20)
        data, how = client.everything()
        look.equal("answers", sent, data.count(b"error"))
        look.equal("what follows", "end", how)


def members_that_never_read(look, name):
    """They are cut off after a while, and hold a poster up for no longer."""
    deaf_count = look.count(20, 200)
    with look.server(name) as server:
        before = server.descriptors()
        deaf = [server.connect(receive_buffer=4096) for _ in range(deaf_count)]
        for member in deaf:
            member.ask(b"join a")
        with server.connect(timeout=30) as poster:
            poster.ask(b"join a")
            begin, acknowledged = time.monotonic(), 0
            while server.descriptors() > before + 1 and time.monotonic() - begin < 40:
                poster.send(b"post a %s\n" % (b"x" * 480) * 20)
                acknowledged += poster.lines(40).count(b"ok")
            look.below("seconds until they are gone", 20, time.monotonic() - begin)
            look.equal("the poster is served", b"ok", poster.ask(b"leave a"))
        for member in deaf:
            member.close()


def the_rest_of_one_that_was_cut_off(look, name):
    """What was taken in for it before is still there when it reads: whole
    posts, in order, and an end."""
    with look.server(name) as server:
        before = server.descriptors()
        late = server.connect(receive_buffer=8192)
        late.ask(b"join a")
        with server.connect(timeout=30) as poster:
            poster.ask(b"join a")
            number = 0
            while number < 60000 and server.descriptors() == before + 2:
                for _ in range(20):
                    poster.send(b"post a %06d %s\n" % (number, b"x" * 480))
                    poster.lines(2)
                    number += 1
        data, how = late.everything()
        numbers = [int(line[2:8]) for line in data.split(b"\n")[:-1]]
        look.equal("posts in order", True, numbers == list(range(len(numbers))))
        if name == "chat6":  # 01's sender is cut off in the middle of what it sends
            look.equal("the last is whole", b"x\n", data[-2:])
        look.equal("what follows", "end", how)


TRIALS = [
    Trial(posts_in_one_packet, CHATS),
    Trial(commands_in_one_packet, CHATS),
    Trial(commands_of_one_that_reads_late, CHATS),
    Trial(members_that_never_read, CHATS, waits=True),
    Trial(the_rest_of_one_that_was_cut_off, CHATS, waits=True),
]
