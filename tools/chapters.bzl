"""The manifest: every chapter that exists, once, one line each.

Build targets, the learner's board, the workshop's schedule and the checks for
missing pieces are all derived from this table. A chapter needs all chapters
above it to be built; `prerequisites` names the ones that its text leans on.
Shell tools read the table too: keep one chapter a line.
"""

# (folder, title, minutes of lecture, minutes of lab, prerequisites)
CHAPTERS = [
    ("01_blocking_server", "A blocking server", 40, 80, []),
    ("02_future", "Futures and poll", 45, 85, []),
    ("03_waker", "Wakers and block_on", 40, 80, ["02_future"]),
    ("04_executor", "An executor", 45, 85, ["02_future", "03_waker"]),
    ("05_async_await", "Async and await", 40, 85, ["02_future", "03_waker"]),
    ("06_reactor", "A reactor", 54, 136, ["03_waker", "04_executor", "05_async_await"]),
    ("07_timer", "Timers", 40, 94, ["03_waker", "04_executor", "06_reactor"]),
    ("08_channel", "Channels", 44, 112, ["03_waker", "04_executor", "05_async_await"]),
    ("09_mutex", "A mutex and its family", 45, 112, ["04_executor", "05_async_await", "08_channel"]),
    ("10_stream", "Streams", 45, 142, ["02_future", "04_executor", "06_reactor", "07_timer", "08_channel"]),
    ("11_threads", "Threads", 45, 104, ["03_waker", "04_executor", "09_mutex"]),
    ("12_work_stealing", "Work stealing", 50, 136, ["04_executor", "09_mutex", "11_threads"]),
]

# Chapters whose gates explore.
EXPLORING = [
    "03_waker",
    "04_executor",
]

# Chapters that are explored beside their gates, by programs of their own, on the
# same code. Each name is that of a tests/explore/NAME_test.cc.
EXPLORED = {
    "06_reactor": ["acceptor", "reactor", "readiness", "wakeup"],
    "07_timer": ["timer"],
    "08_channel": ["channel"],
    "09_mutex": ["mutex"],
    "10_stream": ["slot_wakers"],
    "11_threads": ["shared_queue", "task", "visits"],
    "12_work_stealing": ["bed", "deque", "idle", "local_queue", "worker"],
}

# Chapters that the explorer runs with rings of four places, whose gates fill
# long ones.
SHORTENED = ["12_work_stealing"]

CHAPTER_NAMES = [chapter[0] for chapter in CHAPTERS]

def previous_chapter(name):
    """The folder of the chapter before `name`, or None for the first."""
    index = CHAPTER_NAMES.index(name)
    return CHAPTER_NAMES[index - 1] if index > 0 else None
