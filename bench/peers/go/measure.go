package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func text(key, otherwise string) string {
	for _, argument := range os.Args[1:] {
		if value, found := strings.CutPrefix(argument, key+"="); found {
			return value
		}
	}
	return otherwise
}

func number(key string, otherwise int) int {
	value, err := strconv.Atoi(text(key, strconv.Itoa(otherwise)))
	if err != nil {
		panic(err)
	}
	return value
}

// usage is user and system time, and the peak of the resident set.
func usage() (user, system time.Duration, peak int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano()), u.Maxrss * 1024
}

// resident is bytes that are resident now.
func resident() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

type meter struct {
	wall time.Time
	cpu  time.Duration
}

func start() meter {
	user, system, _ := usage()
	return meter{time.Now(), user + system}
}

func (m meter) report(operations int) {
	wall := time.Since(m.wall)
	user, system, _ := usage()
	fmt.Printf("wall %.2f ns\n", float64(wall)/float64(operations))
	fmt.Printf("cpu %.2f ns\n", float64(user+system-m.cpu)/float64(operations))
	fmt.Printf("ops %d count\n", operations)
}

// measure makes one round that does not count, then those that do.
func measure(rounds, operations int, round func()) {
	round()
	m := start()
	for range rounds {
		round()
	}
	m.report(operations * rounds)
}

// durations are the deadlines of all programs.
type durations struct {
	state, low, high uint64 // milliseconds
}

func newDurations(low, high uint64) durations {
	return durations{88172645463325252, low, high}
}

func (d *durations) next() time.Duration {
	d.state ^= d.state << 13
	d.state ^= d.state >> 7
	d.state ^= d.state << 17
	return time.Duration(d.low+d.state%(d.high-d.low+1)) * time.Millisecond
}

// answerUsage answers each line of the input, and ends the process at its end.
func answerUsage() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		user, system, peak := usage()
		fmt.Printf("user %d us\n", user.Microseconds())
		fmt.Printf("system %d us\n", system.Microseconds())
		fmt.Printf("rss %d bytes\n", resident())
		fmt.Printf("peak %d bytes\n", peak)
	}
	os.Exit(0)
}
