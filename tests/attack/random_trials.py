"""random_trials.py - random bytes, and random good clients for a while."""

import time

from servers import ALL, CHATS, ECHOES
from trial import GET, Trial, until

PIECES = [b"join ", b"post ", b"leave ", b"a", b"b ", b"\n", b"\r\n", b"\0", b"\x1b[2J", b"x" * 511,
          b"x" * 512, b"x" * 513, b" ", b"\t", b"\xff\xfe", b"GET / HTTP/1.1\r\n", b"\r\n\r\n",
          b"Content-Length: 5\r\n", b"Connection: close\r\n", b"HTTP/1.0", b"\n" * 100]


def some_input(random):
    return b"".join(random.choice(PIECES) for _ in range(random.randint(1, 30)))


def one_rude_client(server, random):
    """Says something, in pieces, reads a little or nothing, and leaves."""
    client = server.connect(timeout=0.05)
    try:
        for _ in range(random.randint(1, 4)):
            client.send(some_input(random))
            if random.random() < 0.2:
                client.socket.recv(random.choice((1, 100, 65536)))
        if random.random() < 0.3:
            client.end_sending()
    except OSError:
        pass  # the server has had enough of it, or has nothing to say
    if random.random() < 0.5:
        client.reset()
    else:
        client.close()


def random_bytes(look, name):
    with look.server(name) as server:
        before = server.descriptors()
        end = time.monotonic() + look.count(2, 75)
        while time.monotonic() < end:
            one_rude_client(server, look.random)
        look.served(server)
        gone = until(lambda: server.descriptors() <= before + 1, look.seconds(13))
        look.equal("nothing is left", True, gone is not None)


def echo_something(client, random):
    data = random.randbytes(random.randint(1, 5000))
    client.send(data)
    return client.receive(len(data)) == data


def chat_something(client, random):
    """In a room of its own, which only it knows."""
    room = b"%x" % client.socket.getsockname()[1]
    text = b"%x" % random.getrandbits(64)
    if client.ask(b"join " + room) != b"ok":
        return False
    client.send(b"post %s %s\n" % (room, text))
    if sorted(client.lines(2)) != sorted([b"ok", room + b" " + text]):
        return False
    return client.ask(b"leave " + room) == b"ok"


def soak(look, name):
    """Clients come and go and are right; memory and descriptors stay."""
    something = echo_something if name in ECHOES else chat_something
    with look.server(name) as server:
        clients, wrong, memory, count = [], 0, [], 0
        end = time.monotonic() + look.count(4, 300)
        while time.monotonic() < end:
            if len(clients) < 20 and look.random.random() < 0.3:
                clients.append(server.connect())
            elif clients:
                client = look.random.choice(clients)
                wrong += not something(client, look.random)
                if look.random.random() < 0.2:
                    clients.remove(client)
                    client.close()
            count += 1
            if count % 200 == 0:
                memory.append(server.memory())
        look.equal("wrong answers", 0, wrong)
        if look.patience == 1:  # a sanitizer keeps what was freed
            look.below("KiB grown in the second half", 600,
                       memory[-1] - memory[len(memory) // 2])
        for client in clients:
            client.close()


TRIALS = [
    Trial(random_bytes, ALL),
    Trial(soak, ECHOES + CHATS),
]
