//! Tokio's side of the benchmarks. See bench/README.md for the protocol.

#[path = "../../measure.rs"]
mod measure;

mod echo;
mod parked;
mod sync;
mod tasks;
mod timers;

use measure::{missing, second_thread, Args};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

/// Counts tasks that end; tells who waits when the last one does.
pub struct Countdown {
    left: AtomicUsize,
    done: Notify,
}

impl Countdown {
    /// It lives as long as the program, so that tasks need not count it.
    pub fn leak() -> &'static Countdown {
        Box::leak(Box::new(Countdown {
            left: AtomicUsize::new(0),
            done: Notify::new(),
        }))
    }

    pub fn set(&self, count: usize) {
        self.left.store(count, Ordering::Relaxed);
    }

    pub fn left(&self) -> usize {
        self.left.load(Ordering::Acquire)
    }

    pub fn one(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.done.notify_one();
        }
    }

    pub async fn wait(&self) {
        self.done.notified().await
    }
}

/// Runs a future as a task, so that it is on a worker where there are some.
pub fn run<F>(runtime: &Runtime, future: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    runtime.block_on(async { tokio::spawn(future).await.unwrap() })
}

fn build(args: &Args) -> Runtime {
    match args.text("flavor", "current").as_str() {
        "current" => Builder::new_current_thread().enable_all().build().unwrap(),
        "multi" => Builder::new_multi_thread()
            .worker_threads(args.number("workers", 2))
            .enable_all()
            .build()
            .unwrap(),
        _ => missing(),
    }
}

fn main() {
    let args = Args::parse();
    let runtime = build(&args);
    second_thread();
    match args.workload.as_str() {
        "spawn_join" => tasks::spawn_join(&runtime, &args),
        "spawn_many_local" => tasks::spawn_many_local(&runtime, &args),
        "spawn_many_remote" => tasks::spawn_many_remote(&runtime, &args),
        "yield" => tasks::yield_many(&runtime, &args),
        "ping_pong" => tasks::ping_pong(&runtime, &args),
        "chained_spawn" => tasks::chained_spawn(&runtime, &args),
        "mpsc" => sync::mpsc(&runtime, &args),
        "mutex" => sync::mutex(&runtime, &args),
        "mutex_yield" => sync::mutex_yield(&runtime, &args),
        "timer_cancel" => timers::cancel(&runtime, &args),
        "timer_fire" => timers::fire(&runtime, &args),
        "parked" => parked::parked(&runtime, &args),
        "echo" => echo::echo(&runtime, &args),
        _ => missing(),
    }
    // As a server does at its end: without taking a million tasks apart.
    std::process::exit(0);
}
