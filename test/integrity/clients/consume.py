# A member of a group by librdkafka, as a service with handlers/recording.ts is one of ours: one line for each record
# that it handled, in one system call, before its offset counts. Ends on SIGTERM, and leaves then.
#   consume.py BROKERS TOPIC GROUP STRATEGIES FILE
# Says what it owns, a line of JSON each time that changes.
import json
import os
import signal
import sys
import time

from confluent_kafka import Consumer

brokers, topic, group, strategies, path = sys.argv[1:6]
handled = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": group,
        "partition.assignment.strategy": strategies,
        "auto.offset.reset": "earliest",
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 500,
        "enable.auto.offset.store": False,
        "auto.commit.interval.ms": 500,
        # Also how long the group waits for it in a rebalance.
        "max.poll.interval.ms": 20000,
    }
)

consumer.subscribe([topic])
owned = None
while running:
    message = consumer.poll(0.2)
    now = sorted(each.partition for each in consumer.assignment())
    if now != owned:
        owned = now
        print(json.dumps({"owned": owned}), flush=True)
    if message is None:
        continue
    if message.error():
        print(json.dumps({"error": str(message.error())}), flush=True)
        continue
    headers = dict(message.headers() or [])
    name = headers.get("synthetic-id", b"").decode()
    name = name or f"{message.topic()}/{message.partition()}/{message.offset()}"
    line = f"{name},{message.partition()},{message.offset()},{int(time.time() * 1000)}\n"
    os.write(handled, line.encode())
    consumer.store_offsets(message=message)
consumer.close()
