package main

import "time"

func timerCancel() {
	timers, rounds := number("timers", 100_000), number("rounds", 5)
	never := func() { panic("too early") }
	measure(rounds, timers, func() {
		durations := newDurations(1_000, 3_600_000)
		all := make([]*time.Timer, timers)
		for i := range all {
			all[i] = time.AfterFunc(durations.next(), never)
		}
		for _, timer := range all {
			timer.Stop()
		}
	})
}

func timerFire() {
	timers, rounds := number("timers", 100_000), number("rounds", 1)
	count := newCountdown()
	measure(rounds, timers, func() {
		durations := newDurations(1, 1_000)
		count.left.Store(int64(timers))
		for range timers {
			duration := durations.next()
			go func() {
				time.Sleep(duration)
				count.one()
			}()
		}
		<-count.done
	})
}
