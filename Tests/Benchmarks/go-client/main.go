// The same work as OpenMetricsBenchmark, with Prometheus' library for Go, to compare on one machine.
package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// nanoseconds is what one call takes: the best of many short runs of a loop.
func nanoseconds(body func(rounds int)) float64 {
	const rounds = 50000
	best := math.Inf(1)
	for run := 0; run < 400; run++ {
		start := time.Now()
		body(rounds)
		best = math.Min(best, float64(time.Since(start).Nanoseconds())/rounds)
	}
	return best
}

// ofTwo is as nanoseconds, while a second thread does the same without a pause.
func ofTwo(body func(rounds int)) float64 {
	var done atomic.Bool
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		runtime.LockOSThread()
		for !done.Load() {
			body(1000)
		}
	}()
	result := nanoseconds(body)
	done.Store(true)
	group.Wait()
	return result
}

func report(name string, value float64, unit string) {
	fmt.Printf("%-46s%10.2f %s\n", name, value, unit)
}

func allocated() uint64 {
	var statistics runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&statistics)
	return statistics.HeapAlloc
}

func updates() {
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h"})
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g"})
	vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v"}, []string{"method", "status"})
	lines := []struct {
		name string
		body func(rounds int)
	}{
		{"go: counter, Inc()", func(rounds int) {
			for round := 0; round < rounds; round++ {
				counter.Inc()
			}
		}},
		{"go: histogram, Observe()", func(rounds int) {
			for round := 0; round < rounds; round++ {
				histogram.Observe(float64(round&7) * 0.01)
			}
		}},
		{"go: gauge, Set()", func(rounds int) {
			for round := 0; round < rounds; round++ {
				gauge.Set(float64(round))
			}
		}},
		{"go: look-up by values and increment", func(rounds int) {
			for round := 0; round < rounds; round++ {
				vector.WithLabelValues("GET", "200").Inc()
			}
		}},
	}
	for _, line := range lines {
		report(line.name, nanoseconds(line.body), "ns")
		report(line.name+", two threads", ofTwo(line.body), "ns")
	}
}

func families(count int) error {
	registry := prometheus.NewRegistry()
	vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"path"})
	registry.MustRegister(vector)
	names := make([]string, count)
	for index := range names {
		names[index] = "/item/" + strconv.Itoa(index)
	}
	before := allocated()
	start := time.Now()
	for _, name := range names {
		vector.WithLabelValues(name).Inc()
	}
	report(fmt.Sprintf("go: %d label sets, each", count), float64(time.Since(start).Nanoseconds())/float64(count), "ns")
	report("go: memory of a series", float64(allocated()-before)/float64(count), "bytes")
	var buffer bytes.Buffer
	best := math.Inf(1)
	for run := 0; run < 10; run++ {
		buffer.Reset()
		start := time.Now()
		gathered, err := registry.Gather()
		if err != nil {
			return err
		}
		for _, family := range gathered {
			if _, err := expfmt.MetricFamilyToOpenMetrics(&buffer, family); err != nil {
				return err
			}
		}
		best = math.Min(best, float64(time.Since(start).Nanoseconds())/float64(count))
	}
	report("go: gather and OpenMetrics text, a sample", best, "ns")
	runtime.KeepAlive(vector)
	return nil
}

func main() {
	updates()
	for _, count := range []int{10000, 100000} {
		if err := families(count); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
