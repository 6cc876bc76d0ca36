//! Timers that are cancelled, and timers that fire.
use crate::measure::{Args, Durations, Meter};
use crate::run::{run, spawn, Countdown};
use async_io::Timer;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

async fn cancel_round(timers: usize) {
    let mut durations = Durations::new(1_000, 3_600_000);
    let mut all: Vec<Timer> = (0..timers)
        .map(|_| Timer::after(Duration::from_millis(durations.next())))
        .collect();
    poll_fn(|cx| {
        for timer in &mut all {
            assert!(Pin::new(timer).poll(cx).is_pending());
        }
        Poll::Ready(())
    })
    .await;
}

pub fn cancel(args: &Args) {
    let (timers, rounds) = (args.number("timers", 100_000), args.number("rounds", 5));

    run(spawn(async move {
        cancel_round(timers).await;
        let meter = Meter::start();
        for _ in 0..rounds {
            cancel_round(timers).await;
        }
        meter.report(timers * rounds);
    }));
}

pub fn fire(args: &Args) {
    let (timers, rounds) = (args.number("timers", 100_000), args.number("rounds", 1));
    let count = Countdown::leak();

    let round = move || async move {
        let mut durations = Durations::new(1, 1_000);
        count.set(timers);
        for _ in 0..timers {
            let duration = Duration::from_millis(durations.next());
            spawn(async move {
                Timer::after(duration).await;
                count.one();
            })
            .detach();
        }
        count.wait().await;
    };
    run(spawn(async move {
        round().await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round().await;
        }
        meter.report(timers * rounds);
    }));
}
