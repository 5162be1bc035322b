package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// measure counts records; it reports one line of JSON, as measure.ts has it, and ends the process after
// the last.
type measure struct {
	mutex       sync.Mutex
	count       int
	latencyFrom int64
	records     int
	started     time.Time
	cpuBefore   float64
	latencies   []float64
}

type report struct {
	Records     int      `json:"records"`
	Seconds     float64  `json:"seconds"`
	CPUSeconds  float64  `json:"cpuSeconds"`
	ResidentMiB float64  `json:"residentMiB"`
	P50         *float64 `json:"p50,omitempty"`
	P99         *float64 `json:"p99,omitempty"`
}

func newMeasure() *measure {
	latencyFrom := int64(-1)
	if os.Getenv("LATENCY_FROM") != "" {
		latencyFrom = int64(number("LATENCY_FROM"))
	}
	return &measure{count: number("COUNT"), latencyFrom: latencyFrom}
}

// handled may be called from any goroutine.
func (measure *measure) handled(record *kgo.Record) {
	measure.mutex.Lock()
	defer measure.mutex.Unlock()
	if measure.records == 0 {
		measure.started = time.Now()
		measure.cpuBefore = cpuSeconds()
	}
	measure.records++
	timestamp := record.Timestamp.UnixMilli()
	if measure.latencyFrom >= 0 && timestamp >= measure.latencyFrom {
		measure.latencies = append(measure.latencies, float64(time.Now().UnixMilli()-timestamp))
	}
	if measure.records == measure.count {
		measure.report()
	}
}

func (measure *measure) report() {
	result := report{
		Records:     measure.records,
		Seconds:     time.Since(measure.started).Seconds(),
		CPUSeconds:  cpuSeconds() - measure.cpuBefore,
		ResidentMiB: residentMiB(),
	}
	if last := len(measure.latencies) - 1; last >= 0 {
		slices.Sort(measure.latencies)
		result.P50 = &measure.latencies[int(0.5*float64(last))]
		result.P99 = &measure.latencies[int(0.99*float64(last))]
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// cpuSeconds are user and system time of this process.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

var peak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// residentMiB is the peak, as Linux tells it.
func residentMiB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	match := peak.FindSubmatch(status)
	if match == nil {
		return 0
	}
	kilobytes, _ := strconv.Atoi(string(match[1]))
	return float64(kilobytes) / 1024
}
