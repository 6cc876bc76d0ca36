#!/bin/sh
# yielding_waits_for_sixty_polls.sh - who is polite in Tokio waits for 60 polls of
# a neighbour that is not, each time.
#
# Seen: tokio 1.54.1 (Rust 1.95), current_thread, and multi_thread with one worker.
# A task that calls yield_now() does not go to the end of the queue: it is put aside,
# and woken when the runtime has asked the system for events, which beside a busy
# neighbour it does after 61 polls (event_interval). A task that has spent its budget
# of 128 operations is put aside in the same way. So beside a task that wakes
# itself in every poll, yield_now() returns after 60 polls of it, and ten budgets of
# a semaphore's permits cost 600. If the neighbour yields, too, the two alternate.
# What to do: where turns should alternate, all have to yield, or all to wake
# themselves; a smaller event_interval makes the difference smaller.
#
# Needs cargo; downloads three pinned crates (1 MB).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src

cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.1.0"
edition = "2021"

[dependencies]
tokio = { version = "=1.54.1", features = ["rt-multi-thread", "sync"] }
pin-project-lite = "=0.2.18"
END

cat >src/main.rs <<'END'
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

static POLLS: AtomicUsize = AtomicUsize::new(0);
static STOP: AtomicBool = AtomicBool::new(false);

async fn wakes_itself() {
    poll_fn(|context| {
        POLLS.fetch_add(1, SeqCst);
        if STOP.load(SeqCst) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

async fn yields() {
    while !STOP.load(SeqCst) {
        POLLS.fetch_add(1, SeqCst);
        yield_now().await;
    }
}

async fn ten_yields() {
    for _ in 0..10 {
        yield_now().await;
    }
}

/* Ten turns are spent, and the eleventh has one operation. */
async fn ten_budgets() {
    let semaphore = Semaphore::new(1);
    for _ in 0..10 * 128 + 1 {
        drop(semaphore.acquire().await.unwrap());
    }
}

/* Polls of a neighbour while a task does its work, once both have begun. */
fn polls_during<N, W>(runtime: &Runtime, neighbour: N, work: W) -> usize
where
    N: std::future::Future<Output = ()> + Send + 'static,
    W: std::future::Future<Output = ()> + Send + 'static,
{
    STOP.store(false, SeqCst);
    let task = async move {
        let neighbour = tokio::spawn(neighbour);
        yield_now().await;
        let before = POLLS.load(SeqCst);
        work.await;
        let polls = POLLS.load(SeqCst) - before;
        STOP.store(true, SeqCst);
        neighbour.await.unwrap();
        polls
    };
    runtime.block_on(async { tokio::spawn(task).await.unwrap() })
}

fn main() {
    let one = Builder::new_current_thread().build().unwrap();
    let worker = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    for (name, runtime) in [("current_thread", &one), ("one worker", &worker)] {
        let waking = polls_during(runtime, wakes_itself(), ten_yields());
        let yielding = polls_during(runtime, yields(), ten_yields());
        let budgets = polls_during(runtime, wakes_itself(), ten_budgets());
        println!("{name}: ten yields beside a neighbour that wakes itself: {waking}");
        println!("{name}: ten yields beside a neighbour that yields: {yielding}");
        println!("{name}: ten budgets beside a neighbour that wakes itself: {budgets}");
    }
}
END

cat >expected <<'END'
current_thread: ten yields beside a neighbour that wakes itself: 600
current_thread: ten yields beside a neighbour that yields: 10
current_thread: ten budgets beside a neighbour that wakes itself: 600
one worker: ten yields beside a neighbour that wakes itself: 600
one worker: ten yields beside a neighbour that yields: 10
one worker: ten budgets beside a neighbour that wakes itself: 600
END
cargo run --quiet | tee said
cmp -s expected said || { echo 'expected:' && cat expected && exit 1; }
echo 'as seen with tokio 1.54.1'
