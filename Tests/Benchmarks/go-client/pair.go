package main

import (
	"math"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// nanosecondsOfTwo is what one call takes while a second thread, on a processor of its own, makes the same calls. Both
// start together at a barrier, and the clock runs from the first's start to the last's end. Rounds that did not begin
// together are not counted.
func nanosecondsOfTwo(body func(rounds int)) float64 {
	const rounds, times = 20000, 480
	var arrived atomic.Int64
	measure := func(processor int, starts, ends []int64) {
		runtime.LockOSThread()
		// Not unlocked: the thread ends with the goroutine, and nothing else runs on that processor alone.
		keepTo(processor)
		for index := range starts {
			arrived.Add(1)
			for arrived.Load() < int64(2*(index+1)) {
			}
			starts[index] = int64(time.Since(epoch))
			body(rounds)
			ends[index] = int64(time.Since(epoch))
		}
	}
	var starts, ends [2][]int64
	done := make(chan struct{})
	for thread := range starts {
		starts[thread], ends[thread] = make([]int64, times), make([]int64, times)
		go func(thread int) {
			measure(thread, starts[thread], ends[thread])
			done <- struct{}{}
		}(thread)
	}
	<-done
	<-done
	best := math.Inf(1)
	for index := 0; index < times; index++ {
		one, other := starts[0][index], starts[1][index]
		first, last := min(one, other), max(one, other)
		total := float64(max(ends[0][index], ends[1][index]) - first)
		if float64(last-first) < total*0.03 {
			best = math.Min(best, total/rounds)
		}
	}
	return best
}

var epoch = time.Now()

// keepTo has this thread run on the processor with this number among those it may use.
func keepTo(number int) {
	var set [128]uint8
	size, address := uintptr(len(set)), uintptr(unsafe.Pointer(&set[0]))
	if _, _, failure := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, size, address); failure != 0 {
		return
	}
	var kept [128]uint8
	for processor := 0; processor < len(set)*8; processor++ {
		if set[processor/8]&(1<<(processor%8)) == 0 {
			continue
		}
		if number == 0 {
			kept[processor/8] = 1 << (processor % 8)
			syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, size, uintptr(unsafe.Pointer(&kept[0])))
			return
		}
		number--
	}
}

func min(left, right int64) int64 {
	if left < right {
		return left
	}
	return right
}

func max(left, right int64) int64 {
	if left > right {
		return left
	}
	return right
}
