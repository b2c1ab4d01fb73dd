// The same work as OpenMetricsBenchmark, with Prometheus' library for Go, to compare on one machine.
package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
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
		report(line.name+", two threads", nanosecondsOfTwo(line.body), "ns")
	}
}

// costs are those of a family, in nanoseconds and bytes a series.
type costs struct{ registering, writing, memory float64 }

func families(count int, best *costs) error {
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
	best.registering = math.Min(best.registering, float64(time.Since(start).Nanoseconds())/float64(count))
	best.memory = math.Min(best.memory, float64(allocated()-before)/float64(count))
	var buffer bytes.Buffer
	for run := 0; run < 4; run++ {
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
		best.writing = math.Min(best.writing, float64(time.Since(start).Nanoseconds())/float64(count))
	}
	runtime.KeepAlive(vector)
	return nil
}

func main() {
	updates()
	counts := []int{10000, 100000}
	best := []costs{{math.Inf(1), math.Inf(1), math.Inf(1)}, {math.Inf(1), math.Inf(1), math.Inf(1)}}
	for turn := 0; turn < 5; turn++ {
		for index, count := range counts {
			if err := families(count, &best[index]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}
	for index, count := range counts {
		each := fmt.Sprintf("go: %d label sets, ", count)
		report(each+"making one", best[index].registering, "ns")
		report(each+"memory of one", best[index].memory, "bytes")
		report(each+"gather and text, each", best[index].writing, "ns")
	}
}
