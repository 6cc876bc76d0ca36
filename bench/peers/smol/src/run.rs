//! The two executors behind one spawn: LocalExecutor for flavor=current,
//! Executor for flavor=multi, with a thread more for each further worker.
use crate::measure::{missing, Args};
use async_channel::{Receiver, Sender};
use async_executor::{Executor, LocalExecutor, Task};
use async_io::block_on;
use futures_lite::future::pending;
use std::cell::Cell;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static SHARED: Executor<'static> = Executor::new();
static IS_LOCAL: AtomicBool = AtomicBool::new(true);

thread_local! {
    static LOCAL: Cell<Option<&'static LocalExecutor<'static>>> = const { Cell::new(None) };
}

pub fn choose(args: &Args) {
    match args.text("flavor", "current").as_str() {
        "current" => LOCAL.set(Some(Box::leak(Box::new(LocalExecutor::new())))),
        "multi" => {
            IS_LOCAL.store(false, Ordering::Relaxed);
            for _ in 1..args.number("workers", 2) {
                std::thread::spawn(|| block_on(SHARED.run(pending::<()>())));
            }
        }
        _ => missing(),
    }
}

pub fn spawn<T, F>(future: F) -> Task<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    if IS_LOCAL.load(Ordering::Relaxed) {
        LOCAL.get().unwrap().spawn(future)
    } else {
        SHARED.spawn(future)
    }
}

/// Runs a future on this thread, with the executor's tasks.
pub fn run<F: Future>(future: F) -> F::Output {
    match LOCAL.get() {
        Some(local) => block_on(local.run(future)),
        None => block_on(SHARED.run(future)),
    }
}

/// Counts tasks that end; tells who waits when the last one does.
pub struct Countdown {
    left: AtomicUsize,
    done: (Sender<()>, Receiver<()>),
}

impl Countdown {
    /// It lives as long as the program, so that tasks need not count it.
    pub fn leak() -> &'static Countdown {
        let done = async_channel::bounded(1);
        Box::leak(Box::new(Countdown {
            left: AtomicUsize::new(0),
            done,
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
            self.done.0.try_send(()).unwrap();
        }
    }

    pub async fn wait(&self) {
        self.done.1.recv().await.unwrap()
    }
}
