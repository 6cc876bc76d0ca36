"""terminal_trials.py - what one client types cannot command another's terminal."""

from servers import CHATS
from trial import Trial

HARMFUL = [
    b"\x1b]0;owned\x07",  # a title
    b"\x1b[2J",  # an empty screen
    b"me\rbob hello",  # a line that is not hers
    b"me\x08\x08bob",
    b"\x7f\x7f",
    b"\x0b\x0c",
]
HARMLESS = ["grüße, 你好, ελ, 👋".encode(), b"a\ttab", b"~ and everything !\"#"]


def refused(server, member, line):
    """The answer to somebody who then may be gone; the member hears nothing."""
    with server.connect() as client:
        client.ask(b"join a")
        client.send(line + b"\n")
        answer = client.line()
    return answer[:5] in (b"error", b"") and member.ask(b"what") == b"error unknown command"


def control_characters(look, name):
    with look.server(name) as server, server.connect() as member:
        member.ask(b"join a")
        for text in HARMFUL:
            for line in (b"post a " + text, b"join " + text, b"post " + text + b" hi"):
                look.equal(f"{line} is refused", True, refused(server, member, line))


def text_of_all_languages(look, name):
    with look.server(name) as server, server.connect() as member:
        member.ask(b"join a")
        for text in HARMLESS:
            member.send(b"post a " + text + b"\n")
            look.equal("a post", sorted([b"ok", b"a " + text]), sorted(member.lines(2)))


TRIALS = [
    Trial(control_characters, CHATS),
    Trial(text_of_all_languages, CHATS),
]
