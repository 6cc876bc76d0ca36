#!/bin/sh
# elapsed_timeout_keeps_lock.sh - Tokio's timeout around lock() is handed the mutex
# after it has said that time is up.
#
# Seen: tokio 1.54.1 (Rust 1.95). A Timeout whose time is up keeps the future that
# it timed until it is dropped itself. Where it is a temporary (timeout(..).await)
# that is at once. Where it is pinned, as for select! in a loop, the lock() in it
# stays in the mutex's queue: when the guard goes, the mutex is handed to a future
# that nobody will poll again. Everybody else waits, with nobody in sight who has
# the lock, until the Timeout goes out of scope.
# What to do: drop the Timeout as soon as it has given its result (Pin<Box>, or
# Pin::set() of an Option to None).
#
# Needs cargo; downloads two pinned crates (1 MB). Takes no time: the clock is paused.
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
tokio = { version = "=1.54.1", features = ["rt", "sync", "time", "test-util"] }
pin-project-lite = "=0.2.18"
END

cat >src/main.rs <<'END'
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

async fn run() {
    let second = Duration::from_secs(1);
    let mutex = Mutex::new(());
    let guard = mutex.lock().await;
    let mut waiting = Box::pin(timeout(second, mutex.lock()));
    println!("time is up: {}", (&mut waiting).await.is_err());
    drop(guard);
    println!("try_lock refused: {}", mutex.try_lock().is_err());
    let waits = timeout(60 * second, mutex.lock()).await.is_err();
    println!("lock() of somebody else in vain: {waits}");
    drop(waiting);
    println!("without the Timeout refused: {}", mutex.try_lock().is_err());
}

fn main() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap().block_on(run());
}
END

cat >expected <<'END'
time is up: true
try_lock refused: true
lock() of somebody else in vain: true
without the Timeout refused: false
END
cargo run --quiet | tee said
cmp -s expected said || { echo 'expected:' && cat expected && exit 1; }
echo 'as seen with tokio 1.54.1'
