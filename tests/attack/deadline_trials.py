"""deadline_trials.py - nobody holds a connection by not reading or not writing.

These take as long as the servers' deadlines, and nearly no processor time."""

import time

from trial import GET, Trial, until


def met(server, before):
    """Waits until the server has taken the connection in."""
    until(lambda: server.descriptors() > before, 5, 0.005)


def gone(look, server, before, seconds, pause=0.2, meanwhile=lambda: None):
    """The seconds until its connection is closed."""

    def is_gone():
        meanwhile()
        return server.descriptors() <= before

    took = until(is_gone, look.seconds(seconds + 8), pause)
    look.below("seconds until it is gone", seconds, 999.0 if took is None else took)


def a_peer_that_takes_nothing(look, name):
    """It has asked for more than the buffers hold, and reads none of it."""
    word = GET if name == "hello" else b"some words\n" * 100
    with look.server(name) as server:
        before = server.descriptors()
        with server.connect(receive_buffer=4096) as client:
            client.push(word * 50)
            gone(look, server, before, {"echo1": 7}.get(name, 13))


def a_byte_now_and_then(look, name):
    """A request that never ends; each byte comes before the idle time is over."""
    with look.server(name) as server:
        before = server.descriptors()
        with server.connect() as client:
            met(server, before)
            word = list(GET[:-1] if name == "hello" else b"x" * 70)

            def say_one():
                try:
                    client.send(bytes([word.pop(0)]) if word else b"")
                except OSError:
                    pass  # it is over

            gone(look, server, before, 17, 1, say_one)


def a_peer_that_says_nothing(look, name):
    with look.server(name) as server:
        before = server.descriptors()
        with server.connect():
            met(server, before)
            gone(look, server, before, 17)


def a_peer_that_never_ends(look, name):
    """It has its last answer and the end, and sends on and on, or nothing."""
    for word in (b"", b"x"):
        with look.server(name) as server:
            before = server.descriptors()
            with server.connect() as client:
                met(server, before)
                client.send(GET[:-2] + b"Connection: close\r\n\r\n")

                def go_on():
                    try:
                        client.socket.send(word * 10)
                    except OSError:
                        pass  # it is over

                gone(look, server, before, 13, 0.2, go_on)


def a_slow_reader(look, name):
    """It reads all the time, a little: it has everything, or an end after 5 s
    in which the kernel could not send."""
    with look.server(name) as server, server.connect(receive_buffer=65536) as client:
        count = look.count(40, 200)
        sent = client.push(b"n" * 65536)
        received = 0
        for _ in range(count):
            received += len(client.socket.recv(16384))
            time.sleep(0.02)
        client.end_sending()
        client.socket.settimeout(20)
        data, how = client.everything()
        look.equal("bytes", sent, received + len(data))
        look.equal("what follows", "end", how)


TRIALS = [
    Trial(a_peer_that_takes_nothing, ["echo1", "echo6", "hello", "line", "bench"],
          waits=True),
    Trial(a_byte_now_and_then, ["hello", "line"], waits=True),
    Trial(a_peer_that_says_nothing, ["hello"], waits=True),
    Trial(a_peer_that_never_ends, ["hello"], waits=True),
    Trial(a_slow_reader, ["echo1", "echo6", "bench"], waits=True),
]
