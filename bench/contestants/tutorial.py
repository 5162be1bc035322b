"""The tutorials' way in Python: confluent-kafka, 4 consumers in 4 threads of one group, each
message decompressed as an LZ4 frame and parsed as JSON. Reports one line of JSON."""

import json
import os
import resource
import threading
import time

import lz4.frame
from confluent_kafka import Consumer

COUNT = int(os.environ["COUNT"])
LATENCY_FROM = os.environ.get("LATENCY_FROM")
lock = threading.Lock()
state = {"records": 0, "started": 0.0, "cpu": 0.0}
latencies = []
done = threading.Event()


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def handled(timestamp):
    with lock:
        if state["records"] == 0:
            state["started"] = time.monotonic()
            state["cpu"] = cpu()
        state["records"] += 1
        if LATENCY_FROM is not None and timestamp >= float(LATENCY_FROM):
            latencies.append(time.time() * 1000 - timestamp)
        if state["records"] == COUNT:
            done.set()


def consume():
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["BROKERS"],
            "group.id": os.environ["GROUP"],
            "session.timeout.ms": 30000,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([os.environ["TOPIC"]])
    while not done.is_set():
        message = consumer.poll(0.1)
        if message is None or message.error():
            continue
        json.loads(lz4.frame.decompress(message.value()).decode("utf-8"))
        handled(message.timestamp()[1])
    consumer.close()


threads = [threading.Thread(target=consume, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
done.wait()
report = {
    "records": state["records"],
    "seconds": time.monotonic() - state["started"],
    "cpuSeconds": cpu() - state["cpu"],
    "residentMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}
if LATENCY_FROM is not None:
    latencies.sort()
    report["p50"] = latencies[int(0.5 * (len(latencies) - 1))]
    report["p99"] = latencies[int(0.99 * (len(latencies) - 1))]
print(json.dumps(report), flush=True)
os._exit(0)
