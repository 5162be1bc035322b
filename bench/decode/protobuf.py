"""Prints microseconds of CPU a message: parsed alone, and with the fields that our events have."""

import importlib
import json
import struct
import sys
import time

from events import events_of

path, count, module, name, topic = sys.argv[1:]
kind = getattr(importlib.import_module(module), name)
data = open(path, "rb").read()
lengths = struct.unpack(f"<{count}I", data[: 4 * int(count)])
values, at = [], 4 * int(count)
for length in lengths:
    values.append(data[at : at + length])
    at += length

events = events_of(topic)


def measure(action):
    rounds = []
    for _ in range(7):
        start, passes = time.process_time(), 0
        while time.process_time() - start < 0.3:
            for value in values:
                action(value)
            passes += 1
        rounds.append((time.process_time() - start) / passes / len(values) * 1e6)
    return sorted(rounds)[3]


def parse(value):
    message = kind()
    message.ParseFromString(value)
    return message


print(json.dumps({"Python, parsed alone": measure(parse), "Python, fields of events": measure(lambda value: list(events(parse(value))))}))
