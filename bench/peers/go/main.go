// Go's side of the benchmarks. See bench/README.md for the protocol.
package main

import (
	"os"
	"runtime"
)

var workloads = map[string]func(){
	"spawn_join":       spawnJoin,
	"spawn_many_local": spawnManyLocal,
	"yield":            yieldMany,
	"ping_pong":        pingPong,
	"chained_spawn":    chainedSpawn,
	"mpsc":             mpsc,
	"mutex":            mutexFree,
	"mutex_yield":      mutexYield,
	"timer_cancel":     timerCancel,
	"timer_fire":       timerFire,
	"parked":           parked,
	"echo":             echo,
}

func main() {
	// Go has no outside from which a thread could spawn, and no runtime
	// without threads: workers=1 is the nearest to flavor=current.
	if len(os.Args) < 2 || text("flavor", "current") != "multi" {
		os.Exit(3)
	}
	run := workloads[os.Args[1]]
	if run == nil {
		os.Exit(3)
	}
	runtime.GOMAXPROCS(number("workers", 2))
	run()
}
