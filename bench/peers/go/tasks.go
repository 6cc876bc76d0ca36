package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

func spawnJoin() {
	tasks, rounds := number("tasks", 10_000), number("rounds", 20)
	// A goroutine has no handle: a slice for the results and a WaitGroup
	// are what its user would take.
	measure(rounds, tasks, func() {
		results := make([]int, tasks)
		var group sync.WaitGroup
		group.Add(tasks)
		for i := range tasks {
			go func() {
				results[i] = i
				group.Done()
			}()
		}
		group.Wait()
		sum := 0
		for _, result := range results {
			sum += result
		}
		if sum != tasks*(tasks-1)/2 {
			panic("a result is wrong")
		}
	})
}

// countdown tells on `done` when the last of its tasks has ended.
type countdown struct {
	left atomic.Int64
	done chan struct{}
}

func newCountdown() *countdown {
	return &countdown{done: make(chan struct{}, 1)}
}

func (c *countdown) one() {
	if c.left.Add(-1) == 0 {
		c.done <- struct{}{}
	}
}

func spawnManyLocal() {
	tasks, rounds := number("tasks", 10_000), number("rounds", 20)
	count := newCountdown()
	measure(rounds, tasks, func() {
		count.left.Store(int64(tasks))
		go func() {
			for range tasks {
				go count.one()
			}
		}()
		<-count.done
	})
}

func yieldMany() {
	tasks, yields, rounds := number("tasks", 200), number("yields", 1000), number("rounds", 5)
	count := newCountdown()
	measure(rounds, tasks*yields, func() {
		count.left.Store(int64(tasks))
		for range tasks {
			go func() {
				for range yields {
					runtime.Gosched()
				}
				count.one()
			}()
		}
		<-count.done
	})
}

func pingPong() {
	pairs, rounds := number("pairs", 1000), number("rounds", 100)
	count := newCountdown()
	measure(rounds, pairs, func() {
		count.left.Store(int64(pairs))
		for range pairs {
			go func() {
				ping, pong := make(chan struct{}, 1), make(chan struct{}, 1)
				go func() {
					<-ping
					pong <- struct{}{}
				}()
				ping <- struct{}{}
				<-pong
				count.one()
			}()
		}
		<-count.done
	})
}

func chainedSpawn() {
	hops, rounds := number("hops", 1000), number("rounds", 200)
	count := newCountdown()
	var hop func(left int)
	hop = func(left int) {
		if left == 0 {
			count.one()
		} else {
			go hop(left - 1)
		}
	}
	measure(rounds, hops, func() {
		count.left.Store(1)
		go hop(hops - 1)
		<-count.done
	})
}
