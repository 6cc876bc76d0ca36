"""closing_trials.py - a close beside unread bytes destroys nothing.

When close() finds bytes that nobody has read, the kernel sends a reset and
throws away what it had still to send. The peer here has a lot to read, and has
sent more than the server will ever read."""

import signal
import threading
import time

from servers import CHATS
from trial import GET, Trial


def unread_posts(server, look, group=b"a"):
    """A member with so many acknowledged posts that it has not read."""
    member = server.connect(receive_buffer=8192)
    member.ask(b"join " + group)
    acknowledged = 0
    with server.connect() as poster:
        poster.ask(b"join " + group)
        for _ in range(look.count(50, 500)):
            poster.send(b"".join(b"post %s %s\n" % (group, b"x" * 400) for _ in range(20)))
            acknowledged += poster.lines(40).count(b"ok")
    return member, acknowledged


def posts(data):
    """Whole posts to group a in what was received."""
    return sum(line.startswith(b"a ") for line in data.split(b"\n")[:-1])


def after_a_last_word(look, name, word):
    with look.server(name) as server:
        member, acknowledged = unread_posts(server, look)
        member.send(word)
        time.sleep(0.2)
        data, how = member.everything()
        member.close()
        look.equal("posts that arrive", acknowledged, posts(data))
        look.equal("what follows", "end", how)


def after_an_overlong_line(look, name):
    after_a_last_word(look, name, b"A" * 3000)


def after_a_zero_byte_and_more(look, name):
    after_a_last_word(look, name, b"\0\n" + b"leave b\n" * 100)


def type_on_and_on(client, seconds):
    """Without a look at the answers; it may be over before."""
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            client.send(b"leave b\n")
            time.sleep(0.0001)
    except OSError:
        pass


def beside_a_stop(look, name):
    """The member says something just when the server is told to stop."""
    with look.server(name) as server:
        member, acknowledged = unread_posts(server, look)
        typist = threading.Thread(target=type_on_and_on, args=(member, 0.2))
        typist.start()
        time.sleep(0.05)
        server.tell(signal.SIGTERM)
        typist.join()
        data, how = member.everything()
        member.close()
        look.equal("posts that arrive", acknowledged, posts(data))
        look.equal("what follows", "end", how)


def after_the_last_answer(look, name):
    requests = look.count(2000, 10000)
    with look.server(name) as server, server.connect(receive_buffer=8192) as client:
        client.send(GET * requests + GET[:-2] + b"Connection: close\r\n\r\n" + GET * 100)
        time.sleep(0.5)
        data, how = client.everything()
        look.equal("answers", requests + 1, data.count(b"Hello"))
        look.equal("what follows", "end", how)


def after_a_line_that_is_none(look, name):
    """Every line before it was good, and has its answer; in one packet, too."""
    lines = look.count(1000, 10000)
    with look.server(name) as server:
        for good in (1, lines):
            with server.connect(receive_buffer=8192) as client:
                client.send(b"abc\n" * good + b"\x01\n" + b"more\n" * 1000)
                time.sleep(0.2)
                data, how = client.everything()
                look.equal("answers", good, data.count(b"ABC\n"))
                look.equal("what follows", "end", how)


TRIALS = [
    Trial(after_an_overlong_line, CHATS),
    Trial(after_a_zero_byte_and_more, CHATS),
    Trial(beside_a_stop, CHATS),
    Trial(after_the_last_answer, ["hello"]),
    Trial(after_a_line_that_is_none, ["line"]),
]
