package main

import (
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Records that may be in memory, including those that wait for their turn: polling waits at this number.
const mostInMemory = 20_000

// waitByKey handles records of a key one after the other, and up to CONCURRENCY keys at once. What is
// committed is the highest offset handled of each partition: unlike the consumers it is compared
// with, it would lose the unfinished records below it in a crash.
func waitByKey(client *kgo.Client, measure *measure) func(kgo.Fetches) {
	wait := time.Duration(number("WAIT")) * time.Millisecond
	slots := make(chan struct{}, number("CONCURRENCY"))
	inMemory := make(chan struct{}, mostInMemory)
	var mutex sync.Mutex
	// A key is here while a goroutine works on it.
	queues := map[string][]*kgo.Record{}

	next := func(key string) *kgo.Record {
		mutex.Lock()
		defer mutex.Unlock()
		queue := queues[key]
		if len(queue) == 0 {
			delete(queues, key)
			return nil
		}
		queues[key] = queue[1:]
		return queue[0]
	}
	work := func(key string) {
		slots <- struct{}{}
		for record := next(key); record != nil; record = next(key) {
			parse(record.Value)
			time.Sleep(wait)
			client.MarkCommitRecords(record)
			measure.handled(record)
			<-inMemory
		}
		<-slots
	}
	return func(fetches kgo.Fetches) {
		fetches.EachRecord(func(record *kgo.Record) {
			inMemory <- struct{}{}
			key := string(record.Key)
			mutex.Lock()
			queue, busy := queues[key]
			queues[key] = append(queue, record)
			mutex.Unlock()
			if !busy {
				go work(key)
			}
		})
	}
}
