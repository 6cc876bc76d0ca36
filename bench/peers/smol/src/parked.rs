//! What a task that waits costs in memory, and what it costs to wake it.
use crate::measure::{missing, resident, Args, Meter};
use crate::run::{run, spawn, Countdown};
use event_listener::Event;
use futures_lite::future::yield_now;

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
        spawn(async move {
            begun.one();
            receiver.await.unwrap();
            count.one();
        })
        .detach();
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

async fn with_event(tasks: usize, begun: &'static Countdown, count: &'static Countdown) {
    let event: &'static Event = Box::leak(Box::new(Event::new()));
    let before = resident();
    for _ in 0..tasks {
        spawn(async move {
            let listener = event.listen();
            begun.one();
            listener.await;
            count.one();
        })
        .detach();
    }
    settle(begun).await;
    grown(before, tasks);
    let meter = Meter::start();
    event.notify(usize::MAX);
    count.wait().await;
    meter.report(tasks);
}

pub fn parked(args: &Args) {
    let tasks = args.number("tasks", 1_000_000);
    let (begun, count) = (Countdown::leak(), Countdown::leak());
    begun.set(tasks);
    count.set(tasks);
    match args.text("kind", "oneshot").as_str() {
        "oneshot" => run(spawn(with_oneshot(tasks, begun, count))),
        "notify" => run(spawn(with_event(tasks, begun, count))),
        _ => missing(),
    }
}
