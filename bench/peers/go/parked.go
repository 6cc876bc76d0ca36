package main

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
)

func parked() {
	tasks := number("tasks", 1_000_000)
	count := newCountdown()
	count.left.Store(int64(tasks))
	var begun atomic.Int64
	park := func(wake chan struct{}) {
		begun.Add(1)
		<-wake
		count.one()
	}
	senders := make([]chan struct{}, tasks)
	together := make(chan struct{})
	for i := range senders { // resident before the tasks are
		senders[i] = together
	}
	before := resident()
	oneshot := text("kind", "oneshot") == "oneshot"
	if !oneshot && text("kind", "") != "notify" {
		os.Exit(3)
	}
	for i := range senders {
		if oneshot {
			senders[i] = make(chan struct{}, 1)
		}
		go park(senders[i])
	}
	for begun.Load() < int64(tasks) {
		runtime.Gosched()
	}
	fmt.Printf("memory %.1f bytes\n", float64(resident()-before)/float64(tasks))
	m := start()
	if oneshot {
		for _, sender := range senders {
			sender <- struct{}{}
		}
	} else {
		close(together) // wakes all who receive
	}
	<-count.done
	m.report(tasks)
}
