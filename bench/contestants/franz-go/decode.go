package main

import (
	"bytes"
	"encoding/json"
	"log"
	"sync"

	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kgo"
)

// decoder is used again for each record; not by two goroutines at a time.
type decoder interface {
	decode(value []byte)
}

// jsonDecoder opens LZ4 frames with JSON in them.
type jsonDecoder struct {
	frame   *lz4.Reader
	content bytes.Buffer
}

func newJSONDecoder() decoder {
	return &jsonDecoder{frame: lz4.NewReader(nil)}
}

func (decoder *jsonDecoder) decode(value []byte) {
	decoder.frame.Reset(bytes.NewReader(value))
	decoder.content.Reset()
	if _, err := decoder.content.ReadFrom(decoder.frame); err != nil {
		log.Fatal(err)
	}
	parse(decoder.content.Bytes())
}

func parse(text []byte) {
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		log.Fatal(err)
	}
}

func decodeInLoop(newDecoder func() decoder, measure *measure) func(kgo.Fetches) {
	decoder := newDecoder()
	return func(fetches kgo.Fetches) {
		fetches.EachRecord(func(record *kgo.Record) {
			decoder.decode(record.Value)
			measure.handled(record)
		})
	}
}

func decodeByPartition(newDecoder func() decoder, measure *measure) func(kgo.Fetches) {
	decoders := sync.Pool{New: func() any { return newDecoder() }}
	return func(fetches kgo.Fetches) {
		var partitions sync.WaitGroup
		fetches.EachPartition(func(partition kgo.FetchTopicPartition) {
			partitions.Add(1)
			go func() {
				defer partitions.Done()
				decoder := decoders.Get().(decoder)
				defer decoders.Put(decoder)
				for _, record := range partition.Records {
					decoder.decode(record.Value)
					measure.handled(record)
				}
			}()
		})
		partitions.Wait()
	}
}
