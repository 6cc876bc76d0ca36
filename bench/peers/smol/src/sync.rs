//! Channel and mutex.
use crate::measure::{Args, Meter};
use crate::run::{run, spawn, Countdown};
use async_lock::Mutex;
use futures_lite::future::yield_now;
use std::hint::black_box;

pub fn mpsc(args: &Args) {
    let (senders, capacity) = (args.number("senders", 1), args.number("capacity", 100));
    let (messages, rounds) = (args.number("messages", 1_000_000), args.number("rounds", 1));

    let round = move || async move {
        let (sender, receiver) = async_channel::bounded(capacity);
        for _ in 0..senders {
            let sender = sender.clone();
            spawn(async move {
                for i in 0..messages / senders {
                    sender.send(i).await.unwrap();
                }
            })
            .detach();
        }
        drop(sender);
        let receiver = spawn(async move {
            let mut sum = 0;
            while let Ok(i) = receiver.recv().await {
                sum += i;
            }
            sum
        });
        black_box(receiver.await);
    };
    run(spawn(async move {
        round().await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round().await;
        }
        meter.report(messages * rounds);
    }));
}

fn contend(args: &Args, default: [usize; 2], yields: bool) {
    let (tasks, rounds) = (args.number("tasks", default[0]), args.number("rounds", 1));
    let increments = args.number("increments", default[1]);
    let count = Countdown::leak();
    let mutex: &'static Mutex<usize> = Box::leak(Box::new(Mutex::new(0)));

    // Two loops, so that neither looks at a flag.
    let round = move || async move {
        count.set(tasks);
        for _ in 0..tasks {
            if yields {
                spawn(async move {
                    for _ in 0..increments {
                        let mut number = mutex.lock().await;
                        yield_now().await;
                        *number += 1;
                    }
                    count.one();
                })
                .detach();
            } else {
                spawn(async move {
                    for _ in 0..increments {
                        *mutex.lock().await += 1;
                    }
                    count.one();
                })
                .detach();
            }
        }
        count.wait().await;
    };
    run(spawn(async move {
        round().await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round().await;
        }
        meter.report(tasks * increments * rounds);
        assert_eq!(*mutex.lock().await, tasks * increments * (rounds + 1));
    }));
}

pub fn mutex(args: &Args) {
    contend(args, [1, 1_000_000], false);
}

pub fn mutex_yield(args: &Args) {
    contend(args, [10, 20_000], true);
}
