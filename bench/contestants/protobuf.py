"""Protocol Buffers in Python: confluent-kafka, one consumer, each message parsed by the provider's own classes (upb, in
C), and the fields read that our events have, as decode/events.py does. Reports one line of JSON."""

import importlib
import json
import os
import resource
import sys
import time

from confluent_kafka import Consumer

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "decode"))
from events import events_of

COUNT = int(os.environ["COUNT"])
topic = os.environ["TOPIC"]
kind = getattr(importlib.import_module(os.environ["MODULE"]), os.environ["CLASS"])
read = events_of(topic)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


consumer = Consumer(
    {
        "bootstrap.servers": os.environ["BROKERS"],
        "group.id": os.environ["GROUP"],
        "session.timeout.ms": 30000,
        "auto.offset.reset": "earliest",
    }
)
consumer.subscribe([topic])
records, started, before = 0, 0.0, 0.0
while records < COUNT:
    for message in consumer.consume(100, 0.1):
        if message.error():
            continue
        if records == 0:
            started, before = time.monotonic(), cpu()
        parsed = kind()
        parsed.ParseFromString(message.value())
        list(read(parsed))
        records += 1
print(
    json.dumps(
        {
            "records": records,
            "seconds": time.monotonic() - started,
            "cpuSeconds": cpu() - before,
            "residentMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    ),
    flush=True,
)
os._exit(0)
