//! What a task that waits costs in memory, and what it costs to wake it.
use crate::measure::{missing, resident, Args, Meter};
use crate::{run, Countdown};
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, Notify};
use tokio::task::yield_now;

/// Until every task has been polled.
async fn settle(begun: &Countdown) {
    while begun.left() > 0 {
        yield_now().await;
    }
}

fn grown(before: usize, tasks: usize) {
    println!(
        "memory {:.1} bytes",
        (resident() - before) as f64 / tasks as f64
    );
}

async fn with_oneshot(tasks: usize, begun: &'static Countdown, count: &'static Countdown) {
    let mut senders: Vec<Option<oneshot::Sender<()>>> = Vec::with_capacity(tasks);
    senders.resize_with(tasks, || None);
    let before = resident();
    for sender in &mut senders {
        let (ours, receiver) = oneshot::channel();
        *sender = Some(ours);
        tokio::spawn(async move {
            begun.one();
            receiver.await.unwrap();
            count.one();
        });
    }
    settle(begun).await;
    grown(before, tasks);
    let meter = Meter::start();
    for sender in &mut senders {
        sender.take().unwrap().send(()).unwrap();
    }
    count.wait().await;
    meter.report(tasks);
}

async fn with_notify(tasks: usize, begun: &'static Countdown, count: &'static Countdown) {
    let notify: &'static Notify = Box::leak(Box::new(Notify::new()));
    let before = resident();
    for _ in 0..tasks {
        tokio::spawn(async move {
            begun.one();
            notify.notified().await;
            count.one();
        });
    }
    settle(begun).await;
    grown(before, tasks);
    let meter = Meter::start();
    notify.notify_waiters();
    count.wait().await;
    meter.report(tasks);
}

pub fn parked(runtime: &Runtime, args: &Args) {
    let tasks = args.number("tasks", 1_000_000);
    let (begun, count) = (Countdown::leak(), Countdown::leak());
    begun.set(tasks);
    count.set(tasks);
    match args.text("kind", "oneshot").as_str() {
        "oneshot" => run(runtime, with_oneshot(tasks, begun, count)),
        "notify" => run(runtime, with_notify(tasks, begun, count)),
        _ => missing(),
    }
}
