"""clients.py - a peer that can be as rude as the network allows."""

import os
import socket
import struct


class Client:
    """A connection over the loopback, with what has been read and not used."""

    def __init__(self, port, timeout=10, receive_buffer=None, send_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if send_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(timeout)
        self.rest = b""
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, size):
        """Exactly so many bytes, or what came before the end."""
        while len(self.rest) < size:
            more = self.socket.recv(65536)
            if not more:
                break
            self.rest += more
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def line(self):
        """The next line, without its newline; what is left at the end."""
        while b"\n" not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                break
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def ask(self, line):
        """A line, and the line that comes back."""
        self.send(line + b"\n")
        return self.line()

    def everything(self):
        """All that comes, and how it ends: "end", "timeout" or an error."""
        data, self.rest = [self.rest], b""
        try:
            while more := self.socket.recv(65536):
                data.append(more)
            how = "end"
        except TimeoutError:
            how = "timeout"
        except OSError as error:
            how = os.strerror(error.errno)
        return b"".join(data), how

    def push(self, data, most=1 << 30):
        """Sends again and again until nothing more is taken; how many bytes."""
        sent, patience = 0, self.socket.gettimeout()
        self.socket.settimeout(0.3)
        try:
            while sent < most:
                sent += self.socket.send(data)
        except OSError:
            pass
        self.socket.settimeout(patience)
        return sent

    def end_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends the connection with a reset instead of an orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.socket.close()
