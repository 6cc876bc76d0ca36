//! Tokio's own scheduler benchmarks, and spawn with join.
use crate::measure::{Args, Meter};
use crate::{run, Countdown};
use std::hint::black_box;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::yield_now;

pub fn spawn_join(runtime: &Runtime, args: &Args) {
    let (tasks, rounds) = (args.number("tasks", 10_000), args.number("rounds", 20));

    async fn round(tasks: usize) {
        let mut handles = Vec::with_capacity(tasks);
        let mut sum = 0;
        for i in 0..tasks {
            handles.push(tokio::spawn(async move { i }));
        }
        for handle in handles {
            sum += handle.await.unwrap();
        }
        black_box(sum);
    }
    run(runtime, async move {
        round(tasks).await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round(tasks).await;
        }
        meter.report(tasks * rounds);
    });
}

pub fn spawn_many_local(runtime: &Runtime, args: &Args) {
    let (tasks, rounds) = (args.number("tasks", 10_000), args.number("rounds", 20));
    let count = Countdown::leak();

    let round = || {
        count.set(tasks);
        runtime.block_on(async {
            tokio::spawn(async move {
                for _ in 0..tasks {
                    tokio::spawn(async { count.one() });
                }
            });
            count.wait().await;
        });
    };
    round();
    let meter = Meter::start();
    (0..rounds).for_each(|_| round());
    meter.report(tasks * rounds);
}

pub fn spawn_many_remote(runtime: &Runtime, args: &Args) {
    let (tasks, rounds) = (args.number("tasks", 10_000), args.number("rounds", 20));
    let count = Countdown::leak();

    let round = || {
        count.set(tasks);
        for _ in 0..tasks {
            runtime.spawn(async { count.one() });
        }
        runtime.block_on(count.wait());
    };
    round();
    let meter = Meter::start();
    (0..rounds).for_each(|_| round());
    meter.report(tasks * rounds);
}

pub fn yield_many(runtime: &Runtime, args: &Args) {
    let (tasks, yields) = (args.number("tasks", 200), args.number("yields", 1000));
    let rounds = args.number("rounds", 5);
    let count = Countdown::leak();

    let round = move || async move {
        count.set(tasks);
        for _ in 0..tasks {
            tokio::spawn(async move {
                for _ in 0..yields {
                    yield_now().await;
                }
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
        meter.report(tasks * yields * rounds);
    });
}

pub fn ping_pong(runtime: &Runtime, args: &Args) {
    let (pairs, rounds) = (args.number("pairs", 1000), args.number("rounds", 100));
    let count = Countdown::leak();

    let round = move || async move {
        count.set(pairs);
        for _ in 0..pairs {
            tokio::spawn(async move {
                let (ping, pinged) = oneshot::channel();
                let (pong, ponged) = oneshot::channel();
                tokio::spawn(async move {
                    pinged.await.unwrap();
                    pong.send(()).unwrap();
                });
                ping.send(()).unwrap();
                ponged.await.unwrap();
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
        meter.report(pairs * rounds);
    });
}

pub fn chained_spawn(runtime: &Runtime, args: &Args) {
    let (hops, rounds) = (args.number("hops", 1000), args.number("rounds", 200));
    let count = Countdown::leak();

    fn hop(count: &'static Countdown, left: usize) {
        if left == 0 {
            count.one();
        } else {
            tokio::spawn(async move { hop(count, left - 1) });
        }
    }
    let round = || {
        count.set(1);
        runtime.block_on(async {
            tokio::spawn(async move { hop(count, hops - 1) });
            count.wait().await;
        });
    };
    round();
    let meter = Meter::start();
    (0..rounds).for_each(|_| round());
    meter.report(hops * rounds);
}
