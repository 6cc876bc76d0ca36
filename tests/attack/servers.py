"""servers.py - the course's servers as programs: started, watched, ended.

Only processes that were started here are ever ended. Loopback only."""

import os
import re
import resource
import signal
import subprocess
import tempfile
import time

from clients import Client

# Name, path below bazel-bin, arguments. Each says "... port N ..." at first.
PROGRAMS = {
    "echo1": ("solutions/01_blocking_server/echo_server", []),
    "chat1": ("solutions/01_blocking_server/chat_server", []),
    "echo6": ("solutions/06_reactor/echo_server", []),
    "chat6": ("solutions/06_reactor/chat_server", []),
    "hello": ("solutions/07_timer/hello_server", []),
    "line": ("solutions/10_stream/line_server", []),
    "bench": ("bench/ours/ours", ["echo", "flavor=multi", "workers=2", "port=0"]),
}
ALL = list(PROGRAMS)
ECHOES = ["echo1", "echo6", "bench"]
CHATS = ["chat1", "chat6"]

# What a sanitizer or a panic says.
BAD_WORDS = [b"ERROR: ", b"runtime error", b"panic at", b"WARNING: ThreadSanitizer"]

_alive = []  # processes that were started and not yet waited for


def targets():
    """What Bazel has to build."""
    return ["//" + ":".join(path.rsplit("/", 1)) for path, _ in PROGRAMS.values()]


def end_all():
    """For whoever gives up: no server outlives the run."""
    for process in list(_alive):
        process.kill()


class Server:
    """One server. As a context: it is stopped at the end, if it still runs."""

    def __init__(self, folder, name, stdout=subprocess.PIPE, stderr=None, arguments=()):
        path, given = PROGRAMS[name]
        self.name, self.status, self.said = name, None, b""
        self.errors = tempfile.TemporaryFile() if stderr is None else stderr
        self.process = subprocess.Popen([os.path.join(folder, path), *given, *arguments],
                                        stdin=subprocess.PIPE, stdout=stdout,
                                        stderr=self.errors, bufsize=0)
        _alive.append(self.process)
        self.port = self._port()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            self.stop()

    def _port(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.process.stdout.read(1)
            if not byte:
                self.stop()
                raise OSError(f"{self.name} does not start: {line + self.said}")
            line += byte
        return int(re.search(rb"port (\d+)", line).group(1))

    def connect(self, **options):
        return Client(self.port, **options)

    def tell(self, number):
        self.process.send_signal(number)

    def is_alive(self):
        return self.process.poll() is None

    def stop(self, number=signal.SIGTERM, wait=15):
        """Asks it to end; the seconds that takes. `status` and `said` tell more."""
        begin = time.monotonic()
        if self.is_alive() and self.name == "bench" and number == signal.SIGTERM:
            self.process.stdin.close()  # this one ends with its input
        elif self.is_alive():
            self.tell(number)
        try:
            self.status = self.process.wait(wait)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.status = "none: it hangs"
        _alive.remove(self.process)
        if hasattr(self.errors, "seek"):
            self.errors.seek(0)
            self.said = self.errors.read()
        return time.monotonic() - begin

    def reports(self):
        """Words in its log that should be in no log."""
        return [word.decode() for word in BAD_WORDS if word in self.said]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def limit_descriptors(self, count):
        """From here on; the limit that was is the result."""
        return resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE,
                                (count, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))[0]

    def memory(self):
        """KiB that are resident."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def processor(self):
        """Seconds of processor time so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
