"""The manifest: every chapter that exists, once, one line each.

Build targets, the learner's board, the workshop's schedule and the checks for
missing pieces are all derived from this table. A chapter needs all chapters
above it to be built; `prerequisites` names the ones that its text leans on.
Shell tools read the table too: keep one chapter a line.
"""

# (folder, title, minutes of lecture, minutes of lab, prerequisites)
CHAPTERS = [
    ("01_blocking_server", "A blocking server", 40, 85, []),
    ("02_future", "Futures and poll", 45, 85, []),
    ("03_waker", "Wakers and block_on", 40, 80, ["02_future"]),
    ("04_executor", "An executor", 45, 85, ["02_future", "03_waker"]),
    ("05_async_await", "Async and await", 40, 85, ["02_future", "03_waker"]),
    ("06_reactor", "A reactor", 54, 140, ["03_waker", "04_executor", "05_async_await"]),
    ("07_timer", "Timers", 40, 94, ["03_waker", "04_executor", "06_reactor"]),
    ("08_channel", "Channels", 44, 112, ["03_waker", "04_executor", "05_async_await"]),
    ("09_mutex", "A mutex and its family", 45, 112, ["04_executor", "05_async_await", "08_channel"]),
    ("10_stream", "Streams", 45, 142, ["02_future", "04_executor", "06_reactor", "07_timer", "08_channel"]),
    ("11_threads", "Threads", 45, 104, ["03_waker", "04_executor", "09_mutex"]),
    ("12_work_stealing", "Work stealing", 50, 136, ["04_executor", "09_mutex", "11_threads"]),
]

# The files of a chapter's code: what a learner edits or is given. These names
# alone are built, so a copy that lies beside (a backup, another attempt, an
# editor's) is never linked in their place. A header here is the learner's to
# write; it is included with <>, so that each build finds its own.
SOURCES = {
    "01_blocking_server": ["chat.c", "echo.c", "group.c", "line.c", "net.c", "outbox.c", "request.c", "server.c", "thread_cost.c"],
    "02_future": ["countdown.c", "join.c", "map.c", "purchase.c", "ready.c", "select.c", "then.c"],
    "03_waker": ["block_on.c", "completion.c", "counted_flag.c", "flag_waker.c", "parker.c", "waker.c", "waker_cell.c"],
    "04_executor": ["executor.c", "join_handle.c", "remote_queue.c", "run_queue.c", "task.c", "task_state.c", "task_waker.c", "yield.c"],
    "05_async_await": ["async.c", "async_macros.h", "average.c", "bridge.c", "sum.c", "sum_by_hand.c", "transfer.c", "tree.c", "word.c"],
    "06_reactor": ["acceptor.c", "alarm.c", "chat_hall.c", "chat_task.c", "drain.c", "echo_task.c", "halves.c", "io_operation.c", "io_source.c", "linger.c", "mailbox.c", "patience.c", "reactor.c", "readiness.c", "serve.c", "socket.c", "source_table.c", "tcp.c", "udp.c", "wakeup.c"],
    "07_timer": ["clock.c", "interval.c", "runtime.c", "sleep.c", "timeout.c", "timer.c", "wheel.c"],
    "08_channel": ["blocking.c", "broadcast.c", "channel.c", "oneshot.c", "permit.c", "receive.c", "ring.c", "send.c", "waiter.c", "watch.c"],
    "09_mutex": ["barrier.c", "lock_report.c", "mutex.c", "notify.c", "once.c", "rwlock.c", "semaphore.c", "shared_mutex.c"],
    "10_stream": ["array_stream.c", "buffered.c", "channel_sink.c", "chunks.c", "codec.c", "fold.c", "forward.c", "framed.c", "map.c", "merge.c", "next.c", "slot_wakers.c", "source.c", "take.c", "throttle.c"],
    "11_threads": ["confined.c", "cpus.c", "home.c", "named.c", "pool.c", "shared_queue.c", "spawner.c", "turn.c", "visits.c"],
    "12_work_stealing": ["bed.c", "budgeted.c", "deque.c", "idle.c", "injector.c", "local_queue.c", "work_stealing.c", "worker.c"],
}

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
