"""confluent-kafka and psycopg: up to 500 messages, executemany, and the offsets in the same transaction. One
process, one thread. INSERT is the statement."""

import json
import os

import psycopg
from confluent_kafka import Consumer

FIELDS = os.environ["FIELDS"].split(",")
INSERT = os.environ["INSERT"]
GROUP = os.environ["GROUP"]
MOVE = """insert into python_offsets values (%s, %s, %s) on conflict (consumer_group, partition)
do update set next_offset = excluded.next_offset"""

consumer = Consumer(
    {
        "bootstrap.servers": os.environ["BROKERS"],
        "group.id": GROUP,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
)
consumer.subscribe([os.environ["TOPIC"]])
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    with connection.transaction():
        connection.execute(
            "create table if not exists python_offsets"
            " (consumer_group text, partition int, next_offset bigint, primary key (consumer_group, partition))"
        )
    while True:
        messages = [one for one in consumer.consume(500, timeout=0.2) if not one.error()]
        if not messages:
            continue
        documents = [json.loads(message.value()) for message in messages]
        offsets = {message.partition(): message.offset() + 1 for message in messages}
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(INSERT, [[document[field] for field in FIELDS] for document in documents])
            cursor.executemany(MOVE, [(GROUP, partition, offset) for partition, offset in offsets.items()])
