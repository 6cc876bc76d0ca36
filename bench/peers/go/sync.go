package main

import (
	"runtime"
	"sync"
)

func mpsc() {
	senders, capacity := number("senders", 1), number("capacity", 100)
	messages, rounds := number("messages", 1_000_000), number("rounds", 1)
	each := messages / senders
	measure(rounds, messages, func() {
		channel := make(chan int, capacity)
		var group sync.WaitGroup
		group.Add(senders)
		for range senders {
			go func() {
				for i := range each {
					channel <- i
				}
				group.Done()
			}()
		}
		result := make(chan int, 1)
		go func() {
			sum := 0
			for i := range channel {
				sum += i
			}
			result <- sum
		}()
		group.Wait()
		close(channel)
		if <-result != senders*(each*(each-1)/2) {
			panic("a message was lost")
		}
	})
}

func contend(tasks, increments int, between func()) {
	rounds := number("rounds", 1)
	count := newCountdown()
	var mutex sync.Mutex
	total := 0
	measure(rounds, tasks*increments, func() {
		count.left.Store(int64(tasks))
		for range tasks {
			go func() {
				for range increments {
					mutex.Lock()
					if between != nil {
						between()
					}
					total++
					mutex.Unlock()
				}
				count.one()
			}()
		}
		<-count.done
	})
	if total != tasks*increments*(rounds+1) {
		panic("an increment was lost")
	}
}

func mutexFree() {
	contend(number("tasks", 1), number("increments", 1_000_000), nil)
}

func mutexYield() {
	contend(number("tasks", 10), number("increments", 20_000), runtime.Gosched)
}
