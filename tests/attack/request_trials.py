"""request_trials.py - HTTP that is none, or too much, has an answer, too."""

import re

from trial import GET, Trial

OK = b"HTTP/1.1 200"
BAD = b"HTTP/1.1 400"
LARGE = b"HTTP/1.1 431"
# What is sent, in one packet and byte by byte; the first lines that come back.
REQUESTS = [
    (GET, [OK]),
    (GET * 3, [OK] * 3),
    (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", [OK]),
    (b"HEAD / HTTP/1.0\r\n\r\n", [OK]),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 3000 + b"\r\n\r\n", [LARGE]),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 3000, [LARGE]),
    (b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", [BAD]),
    (b"\0", [BAD]),
    (b"GARBAGE\r\n\r\n", [BAD]),
    (b"GET /\r\n\r\n", [BAD]),
    (b"GET / HTTP/1.1\r\n nonsense\r\n\r\n", [BAD]),
    (GET + b"GARBAGE\r\n\r\n" + GET, [OK, BAD]),
    (b"POST / HTTP/1.1\r\nContent-Length: 18\r\n\r\n" + GET + GET, [OK, OK]),
    (b"POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000 + GET, [OK, OK]),
    (b"POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n" + GET, [BAD]),
    (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" + GET, [BAD]),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET,
     [b"HTTP/1.1 501"]),
]


def answers(server, pieces):
    """The status of each answer, and how it ends."""
    with server.connect() as client:
        try:
            for piece in pieces:
                client.send(piece)
            client.end_sending()
        except OSError:
            pass  # it has been refused already
        data, how = client.everything()
    return re.findall(rb"HTTP/1\.1 \d+", data), how


def requests_of_all_kinds(look, name):
    with look.server(name) as server:
        for request, expected in REQUESTS:
            for pieces in ([request], [request[i:i + 1] for i in range(min(len(request), 2000))]):
                if len(pieces) > 1 and len(request) > 2000:
                    continue
                look.equal(f"answers to {request[:40]} in {len(pieces)} pieces",
                           (expected, "end"), answers(server, pieces))
        look.served(server)


TRIALS = [
    Trial(requests_of_all_kinds, ["hello"]),
]
