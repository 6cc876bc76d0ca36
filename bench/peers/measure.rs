//! What the Rust peers share: arguments, time, memory and an echo server's
//! side of the protocol. See bench/README.md.
#![allow(dead_code)]

use std::collections::HashMap;
use std::time::Instant;

pub struct Args {
    pub workload: String,
    values: HashMap<String, String>,
}

impl Args {
    pub fn parse() -> Args {
        let mut arguments = std::env::args().skip(1);
        let workload = arguments.next().unwrap_or_default();
        let values = arguments
            .filter_map(|a| a.split_once('=').map(|(k, v)| (k.into(), v.into())))
            .collect();
        Args { workload, values }
    }

    pub fn number(&self, key: &str, default: usize) -> usize {
        self.values
            .get(key)
            .map_or(default, |v| v.parse().expect(key))
    }

    pub fn text(&self, key: &str, default: &str) -> String {
        self.values.get(key).map_or(default, |v| v).to_string()
    }
}

/// Exit status of a program that does not have a workload.
pub fn missing() -> ! {
    std::process::exit(3)
}

/// With a second thread, malloc and locks cost what they do in real programs.
pub fn second_thread() {
    std::thread::spawn(|| loop {
        std::thread::park()
    });
}

fn usage() -> libc::rusage {
    unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    }
}

fn micros(time: libc::timeval) -> i64 {
    time.tv_sec as i64 * 1_000_000 + time.tv_usec as i64
}

fn cpu_micros() -> i64 {
    let usage = usage();
    micros(usage.ru_utime) + micros(usage.ru_stime)
}

/// Started after the warm-up, it reports a number of operations.
pub struct Meter {
    start: Instant,
    cpu: i64,
}

impl Meter {
    pub fn start() -> Meter {
        Meter {
            cpu: cpu_micros(),
            start: Instant::now(),
        }
    }

    pub fn report(self, operations: usize) {
        let wall = self.start.elapsed().as_nanos() as f64;
        let cpu = (cpu_micros() - self.cpu) as f64 * 1000.0;
        println!("wall {:.2} ns", wall / operations as f64);
        println!("cpu {:.2} ns", cpu / operations as f64);
        println!("ops {} count", operations);
    }
}

/// Bytes that are resident now.
pub fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// The deadlines of all programs, in milliseconds.
pub struct Durations {
    state: u64,
    low: u64,
    high: u64,
}

impl Durations {
    pub fn new(low: u64, high: u64) -> Durations {
        Durations {
            state: 88172645463325252,
            low,
            high,
        }
    }

    pub fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.low + self.state % (self.high - self.low + 1)
    }
}

/// Answers each line of the input; ends the process at its end.
pub fn answer_usage() {
    std::thread::spawn(|| {
        let mut line = String::new();
        while std::io::stdin().read_line(&mut line).unwrap_or(0) > 0 {
            let usage = usage();
            println!("user {} us", micros(usage.ru_utime));
            println!("system {} us", micros(usage.ru_stime));
            println!("rss {} bytes", resident());
            println!("peak {} bytes", usage.ru_maxrss * 1024);
        }
        std::process::exit(0);
    });
}
