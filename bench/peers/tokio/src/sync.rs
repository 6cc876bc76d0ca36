//! Channel and mutex.
use crate::measure::{Args, Meter};
use crate::{run, Countdown};
use std::hint::black_box;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, Mutex};
use tokio::task::yield_now;

pub fn mpsc(runtime: &Runtime, args: &Args) {
    let (senders, capacity) = (args.number("senders", 1), args.number("capacity", 100));
    let (messages, rounds) = (args.number("messages", 1_000_000), args.number("rounds", 1));

    let round = move || async move {
        let (sender, mut receiver) = mpsc::channel(capacity);
        for _ in 0..senders {
            let sender = sender.clone();
            tokio::spawn(async move {
                for i in 0..messages / senders {
                    sender.send(i).await.unwrap();
                }
            });
        }
        drop(sender);
        let receiver = tokio::spawn(async move {
            let mut sum = 0;
            while let Some(i) = receiver.recv().await {
                sum += i;
            }
            sum
        });
        black_box(receiver.await.unwrap());
    };
    run(runtime, async move {
        round().await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round().await;
        }
        meter.report(messages * rounds);
    });
}

fn contend(runtime: &Runtime, args: &Args, default: [usize; 2], yields: bool) {
    let (tasks, rounds) = (args.number("tasks", default[0]), args.number("rounds", 1));
    let increments = args.number("increments", default[1]);
    let count = Countdown::leak();
    let mutex: &'static Mutex<usize> = Box::leak(Box::new(Mutex::new(0)));

    // Two loops, so that neither looks at a flag.
    let round = move || async move {
        count.set(tasks);
        for _ in 0..tasks {
            if yields {
                tokio::spawn(async move {
                    for _ in 0..increments {
                        let mut number = mutex.lock().await;
                        yield_now().await;
                        *number += 1;
                    }
                    count.one();
                });
            } else {
                tokio::spawn(async move {
                    for _ in 0..increments {
                        *mutex.lock().await += 1;
                    }
                    count.one();
                });
            }
        }
        count.wait().await;
    };
    run(runtime, async move {
        round().await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round().await;
        }
        meter.report(tasks * increments * rounds);
        assert_eq!(*mutex.lock().await, tasks * increments * (rounds + 1));
    });
}

pub fn mutex(runtime: &Runtime, args: &Args) {
    contend(runtime, args, [1, 1_000_000], false);
}

pub fn mutex_yield(runtime: &Runtime, args: &Args) {
    contend(runtime, args, [10, 20_000], true);
}
