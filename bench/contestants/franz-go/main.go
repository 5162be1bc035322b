// A consumer with franz-go that does what the other contestants do. MODE says how:
//
//	loop       one goroutine: poll, then decode
//	partition  the same with one goroutine for each partition of what a poll brings
//	key        no LZ4; a goroutine for each key, up to CONCURRENCY at once, each record waits WAIT ms
//
// Values are LZ4 frames with JSON, decoded by encoding/json into maps and slices (any); built with the tag
// protobuf, with MESSAGE, they are Protocol Buffers (protobuf.go).
package main

import (
	"context"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// newDecoder makes what decodes the values of the topic.
var newDecoder = newJSONDecoder

func main() {
	options := []kgo.Opt{
		kgo.SeedBrokers(os.Getenv("BROKERS")),
		kgo.ConsumerGroup(os.Getenv("GROUP")),
		kgo.ConsumeTopics(os.Getenv("TOPIC")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.AutoCommitInterval(time.Second),
	}
	mode := os.Getenv("MODE")
	if mode == "key" {
		options = append(options, kgo.AutoCommitMarks())
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	handle := handlerOf(mode, client, newMeasure())
	for {
		fetches := client.PollFetches(context.Background())
		fetches.EachError(func(topic string, partition int32, err error) {
			log.Printf("%s, partition %d: %v", topic, partition, err)
		})
		handle(fetches)
	}
}

func handlerOf(mode string, client *kgo.Client, measure *measure) func(kgo.Fetches) {
	switch mode {
	case "loop":
		return decodeInLoop(newDecoder, measure)
	case "partition":
		return decodeByPartition(newDecoder, measure)
	case "key":
		return waitByKey(client, measure)
	}
	log.Fatalf("MODE is %q; give loop, partition or key", mode)
	return nil
}

func number(name string) int {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	return value
}
