"""What is measured, on whom, and how it is shown: for bench/run and bench/render.

A row is a workload with its parameters. A view is a row and one of the things
that were measured, as a line of a table.
"""

import os
import re
import statistics

HERE = os.path.dirname(os.path.abspath(__file__))

# name in the results -> (program, arguments, heading)
CONTENDERS = {
    "floor": ("floor", "", "bare C"),
    "ours-ct": ("ours", "flavor=current", "**ours**"),
    "ours-1": ("ours", "flavor=multi workers=1", "**ours**, 1 worker"),
    "ours-2": ("ours", "flavor=multi workers=2", "**ours**"),
    "tokio-ct": ("tokio", "flavor=current", "Tokio current-thread"),
    "tokio-1": ("tokio", "flavor=multi workers=1", "Tokio 1 worker"),
    "tokio-2": ("tokio", "flavor=multi workers=2", "Tokio"),
    "smol-ct": ("smol", "flavor=current", "smol local"),
    "smol-1": ("smol", "flavor=multi workers=1", "smol 1 thread"),
    "smol-2": ("smol", "flavor=multi workers=2", "smol"),
    "go-1": ("go", "flavor=multi workers=1", "Go, 1 processor"),
    "go-2": ("go", "flavor=multi workers=2", "Go"),
    "libuv": ("libuv", "", "libuv"),
}

# id -> (title, workload and parameters, those of --quick; further floors)
ROWS = {
    "spawn_join_10k": (
        "spawn and join 10,000", "spawn_join tasks=10000 rounds=50", "rounds=20",
        ["locked"]),
    "spawn_join_1m": (
        "spawn and join 1,000,000", "spawn_join tasks=1000000 rounds=2", "rounds=1", []),
    "spawn_local": (
        "spawn_many, local", "spawn_many_local rounds=50", "rounds=20", []),
    "spawn_remote": (
        "spawn_many, remote", "spawn_many_remote rounds=50", "rounds=20", []),
    "yield": (
        "yield, 200 × 1,000", "yield rounds=10", "rounds=5", []),
    "ping_pong": (
        "ping_pong, a pair", "ping_pong rounds=200", "rounds=100", []),
    "chained_spawn": (
        "chained_spawn, a hop", "chained_spawn rounds=500", "rounds=200", []),
    "mpsc_1_100": (
        "mpsc 1:1, capacity 100", "mpsc capacity=100 rounds=2", "rounds=1",
        ["spin", "condvar"]),
    "mpsc_1_1000": (
        "mpsc 1:1, capacity 1,000", "mpsc capacity=1000 rounds=2", "rounds=1",
        ["spin", "condvar"]),
    "mpsc_4_100": (
        "mpsc 4:1, capacity 100", "mpsc senders=4 capacity=100 rounds=2", "rounds=1", []),
    "mpsc_4_1000": (
        "mpsc 4:1, capacity 1,000", "mpsc senders=4 capacity=1000 rounds=2", "rounds=1", []),
    "mutex_free": (
        "mutex, uncontended", "mutex rounds=3", "rounds=1", ["cas"]),
    "mutex_10": (
        "mutex, 10 × 100,000", "mutex tasks=10 increments=100000 rounds=3", "rounds=1", []),
    "mutex_yield": (
        "mutex held across a yield", "mutex_yield rounds=3", "rounds=1", []),
    "timer_cancel": (
        "timer: insert and cancel", "timer_cancel rounds=10", "rounds=5", []),
    "timer_fire": (
        "timer: insert, fire, wake", "timer_fire rounds=2", "rounds=1", []),
    "parked_oneshot": (
        "parked task, by a oneshot", "parked kind=oneshot", "", []),
    "parked_notify": (
        "parked task, by a notify", "parked kind=notify", "", []),
    "echo_50": (
        "echo, 50 connections", "echo connections=50 requests=500000 warmup=50000",
        "requests=200000 warmup=20000", []),
    "echo_1000": (
        "echo, 1,000 connections", "echo connections=1000 requests=500000 warmup=50000",
        "requests=200000 warmup=20000", []),
    "echo_10000": (
        "echo, 10,000 connections", "echo connections=10000 requests=500000 warmup=50000",
        "requests=200000 warmup=20000", []),
}

ONE = ["floor", "ours-ct", "tokio-ct", "tokio-1", "smol-ct", "smol-1", "go-1"]
TWO = ["ours-2", "tokio-2", "smol-2", "go-2"]
ECHO_ONE = ["floor", "ours-ct", "libuv", "tokio-ct", "tokio-1", "go-1"]
ECHO_TWO = ["ours-2", "tokio-2", "go-2"]
ECHO_METRICS = ["user", "cpu", "p50", "p99", "throughput"]
WORK = [row for row in ROWS if not row.startswith("echo")]
ECHO = [row for row in ROWS if row.startswith("echo")]

# (heading, contenders, what is said of it, views)
SECTIONS = [
    ("One thread", ONE,
     "CPU time, in nanoseconds an operation; memory in bytes a task.",
     [v for row in WORK for v in
      ([(row, "memory"), (row, "cpu")] if row.startswith("parked") else [(row, "cpu")])]),
    ("Two workers", TWO,
     "CPU time of both, and wall time, in nanoseconds an operation.",
     [(row, metric) for row in WORK for metric in
      (["memory", "cpu", "wall"] if row.startswith("parked") else ["cpu", "wall"])
      if (row, metric) != ("timer_fire", "wall")]),
    ("Servers on one thread", ECHO_ONE,
     "user and cpu: of the server, in nanoseconds a request; p50 and p99 in microseconds; "
     "throughput in requests a second; memory in bytes a connection.",
     [(row, m) for row in ECHO for m in ECHO_METRICS] + [("echo_10000", "memory")]),
    ("Servers on two workers", ECHO_TWO, "",
     [(row, m) for row in ECHO for m in ECHO_METRICS] + [("echo_10000", "memory")]),
]

# What the lesson shows: ours beside Tokio, on one thread and on two workers.
SHORT = [(row, "cpu") for row in [
    "spawn_join_10k", "spawn_join_1m", "yield", "ping_pong", "chained_spawn",
    "mpsc_1_100", "mpsc_4_1000", "mutex_free", "mutex_yield", "timer_cancel", "timer_fire",
]] + [("parked_notify", "memory"), ("echo_1000", "user"), ("echo_1000", "cpu"),
      ("echo_1000", "p99")]

# Of all other things less is better.
MORE_IS_BETTER = {"throughput"}


def is_ours(contender):
    return contender.startswith("ours")


def is_peer(contender):
    return not is_ours(contender) and not contender.startswith("floor")


def median(results, row, contender, metric):
    """The median of what was measured, or None."""
    values = results["rows"].get(row, {}).get(contender, {}).get(metric)
    return statistics.median(values) if values else None


def spread(results, row, contender, metric):
    values = results["rows"][row][contender][metric]
    return min(values), max(values)


def ratio(ours, peer, metric):
    """Ours to the peer's; below 1 is better for ours, whatever the metric."""
    if not ours or not peer:
        return None
    return peer / ours if metric in MORE_IS_BETTER else ours / peer


def best_of(results, row, contenders, metric):
    """(contender, median) of the best of them, or None."""
    found = [(median(results, row, c, metric), c) for c in contenders]
    found = [(value, c) for value, c in found if value]
    if not found:
        return None
    value, contender = (max if metric in MORE_IS_BETTER else min)(found)
    return contender, value


def best_peer(results, row, contenders, metric):
    """The same, of the peers among them."""
    return best_of(results, row, filter(is_peer, contenders), metric)


def targets():
    """(row, metric, ours) -> [(peers, limit), ...], from targets.txt."""
    found = {}
    with open(os.path.join(HERE, "targets.txt"), encoding="utf-8") as file:
        for line in file:
            words = re.sub("#.*", "", line).split()
            if not words:
                continue
            row, metric, ours, peers, limit = words
            if row not in ROWS or ours not in CONTENDERS:
                raise SystemExit("targets.txt: no such row or contender: " + line.strip())
            found.setdefault((row, metric, ours), []).append((peers.split(","), float(limit)))
    return found


def number(value):
    """Three digits, roughly: 3.05, 131, 2,840."""
    if value is None:
        return ""
    if value < 10:
        return "%.2f" % value
    return "%.1f" % value if value < 100 else "{:,.0f}".format(value)


def title(row, metric):
    return "%s: %s" % (ROWS[row][0], metric)
