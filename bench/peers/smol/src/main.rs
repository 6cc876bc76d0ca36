//! smol's side of the benchmarks. See bench/README.md for the protocol.

#[path = "../../measure.rs"]
mod measure;

mod parked;
mod run;
mod sync;
mod tasks;
mod timers;

use measure::{missing, second_thread, Args};

fn main() {
    let args = Args::parse();
    run::choose(&args);
    second_thread();
    match args.workload.as_str() {
        "spawn_join" => tasks::spawn_join(&args),
        "spawn_many_local" => tasks::spawn_many_local(&args),
        "spawn_many_remote" => tasks::spawn_many_remote(&args),
        "yield" => tasks::yield_many(&args),
        "ping_pong" => tasks::ping_pong(&args),
        "chained_spawn" => tasks::chained_spawn(&args),
        "mpsc" => sync::mpsc(&args),
        "mutex" => sync::mutex(&args),
        "mutex_yield" => sync::mutex_yield(&args),
        "timer_cancel" => timers::cancel(&args),
        "timer_fire" => timers::fire(&args),
        "parked" => parked::parked(&args),
        _ => missing(),
    }
    std::process::exit(0);
}
