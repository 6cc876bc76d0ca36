//! Timers that are cancelled, and timers that fire.
use crate::measure::{Args, Durations, Meter};
use crate::{run, Countdown};
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::coop::unconstrained;
use tokio::time::{sleep, Sleep};

/// The sleeps stand in one vector, without a box for each.
async fn cancel_round(timers: usize) {
    let mut durations = Durations::new(1_000, 3_600_000);
    let mut sleeps: Vec<Sleep> = Vec::with_capacity(timers);
    for _ in 0..timers {
        sleeps.push(sleep(Duration::from_millis(durations.next())));
    }
    poll_fn(|cx| {
        for sleep in &mut sleeps {
            // They do not move until the vector is dropped.
            assert!(unsafe { Pin::new_unchecked(sleep) }.poll(cx).is_pending());
        }
        Poll::Ready(())
    })
    .await;
}

pub fn cancel(runtime: &Runtime, args: &Args) {
    let (timers, rounds) = (args.number("timers", 100_000), args.number("rounds", 5));

    // With a budget of 128 polls most sleeps would not register.
    run(
        runtime,
        unconstrained(async move {
            cancel_round(timers).await;
            let meter = Meter::start();
            for _ in 0..rounds {
                cancel_round(timers).await;
            }
            meter.report(timers * rounds);
        }),
    );
}

pub fn fire(runtime: &Runtime, args: &Args) {
    let (timers, rounds) = (args.number("timers", 100_000), args.number("rounds", 1));
    let count = Countdown::leak();

    let round = move || async move {
        let mut durations = Durations::new(1, 1_000);
        count.set(timers);
        for _ in 0..timers {
            let duration = Duration::from_millis(durations.next());
            tokio::spawn(async move {
                sleep(duration).await;
                count.one();
            });
        }
        count.wait().await;
    };
    run(runtime, async move {
        round().await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round().await;
        }
        meter.report(timers * rounds);
    });
}
