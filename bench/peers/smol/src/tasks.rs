//! The same as Tokio's own scheduler benchmarks, and spawn with join.
use crate::measure::{Args, Meter};
use crate::run::{run, spawn, Countdown};
use futures_lite::future::yield_now;
use std::hint::black_box;

pub fn spawn_join(args: &Args) {
    let (tasks, rounds) = (args.number("tasks", 10_000), args.number("rounds", 20));

    async fn round(tasks: usize) {
        let mut handles = Vec::with_capacity(tasks);
        let mut sum = 0;
        for i in 0..tasks {
            handles.push(spawn(async move { i }));
        }
        for handle in handles {
            sum += handle.await;
        }
        black_box(sum);
    }
    run(spawn(async move {
        round(tasks).await;
        let meter = Meter::start();
        for _ in 0..rounds {
            round(tasks).await;
        }
        meter.report(tasks * rounds);
    }));
}

pub fn spawn_many_local(args: &Args) {
    let (tasks, rounds) = (args.number("tasks", 10_000), args.number("rounds", 20));
    let count = Countdown::leak();

    let round = || {
        count.set(tasks);
        run(async {
            spawn(async move {
                for _ in 0..tasks {
                    spawn(async { count.one() }).detach();
                }
            })
            .detach();
            count.wait().await;
        });
    };
    round();
    let meter = Meter::start();
    (0..rounds).for_each(|_| round());
    meter.report(tasks * rounds);
}

pub fn spawn_many_remote(args: &Args) {
    let (tasks, rounds) = (args.number("tasks", 10_000), args.number("rounds", 20));
    let count = Countdown::leak();

    let round = || {
        count.set(tasks);
        for _ in 0..tasks {
            spawn(async { count.one() }).detach();
        }
        run(count.wait());
    };
    round();
    let meter = Meter::start();
    (0..rounds).for_each(|_| round());
    meter.report(tasks * rounds);
}

pub fn yield_many(args: &Args) {
    let (tasks, yields) = (args.number("tasks", 200), args.number("yields", 1000));
    let rounds = args.number("rounds", 5);
    let count = Countdown::leak();

    let round = move || async move {
        count.set(tasks);
        for _ in 0..tasks {
            spawn(async move {
                for _ in 0..yields {
                    yield_now().await;
                }
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
        meter.report(tasks * yields * rounds);
    }));
}

pub fn ping_pong(args: &Args) {
    let (pairs, rounds) = (args.number("pairs", 1000), args.number("rounds", 100));
    let count = Countdown::leak();

    let round = move || async move {
        count.set(pairs);
        for _ in 0..pairs {
            spawn(async move {
                let (ping, pinged) = oneshot::channel();
                let (pong, ponged) = oneshot::channel();
                spawn(async move {
                    pinged.await.unwrap();
                    pong.send(()).unwrap();
                })
                .detach();
                ping.send(()).unwrap();
                ponged.await.unwrap();
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
        meter.report(pairs * rounds);
    }));
}

pub fn chained_spawn(args: &Args) {
    let (hops, rounds) = (args.number("hops", 1000), args.number("rounds", 200));
    let count = Countdown::leak();

    fn hop(count: &'static Countdown, left: usize) {
        if left == 0 {
            count.one();
        } else {
            spawn(async move { hop(count, left - 1) }).detach();
        }
    }
    let round = || {
        count.set(1);
        run(async {
            spawn(async move { hop(count, hops - 1) }).detach();
            count.wait().await;
        });
    };
    round();
    let meter = Meter::start();
    (0..rounds).for_each(|_| round());
    meter.report(hops * rounds);
}
