"""Random Avro schemas and values, written by Python, with the document that each must be read as.

avro.py bare SEED SCHEMAS        one line a schema: {schema, values: [base64], documents}
avro.py framed SEED SCHEMAS URL  one line a value, by Confluent's serializers: {topic, value, document}
"""
import base64, datetime, decimal, io, json, random, sys
import fastavro

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
LONGS = [0, -1, 2**53 - 1, 2**53, -(2**53), 2**63 - 1, -(2**63)]
TEXTS = ["", "a\0b", "\U0001f600", "ü", "__proto__"]


def exact(number):
    return number if abs(number) < 2**53 else str(number)


def b64(data):
    return base64.b64encode(data).decode()


def stamp(micros, places, zone):
    at = EPOCH + datetime.timedelta(microseconds=micros)
    fraction = f"{micros % 10**6:06d}"[:places]
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + fraction + zone


class Maker:
    """Makes schemas, and for each values with their documents."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.names = 0

    def name(self):
        self.names += 1
        return f"N{self.names}"

    def schema(self, depth):
        simple = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
        kinds = simple + ["enum", "fixed", "decimal", "millis", "micros", "date", "uuid", "time"]
        if depth > 0:
            kinds += ["record", "array", "map", "union"] * 3
        kind = self.r.choice(kinds)
        if kind in simple:
            return kind
        if kind == "enum":
            return {"type": "enum", "name": self.name(), "symbols": ["A", "B", "C"]}
        if kind == "fixed":
            return {"type": "fixed", "name": self.name(), "size": self.r.randint(0, 9)}
        if kind == "decimal":
            base = {"logicalType": "decimal", "precision": 30, "scale": self.r.randint(0, 18)}
            if self.r.random() < 0.5:
                return {"type": "bytes", **base}
            return {"type": "fixed", "name": self.name(), "size": 16, **base}
        if kind in ("millis", "micros"):
            return {"type": "long", "logicalType": f"timestamp-{kind}"}
        if kind == "date":
            return {"type": "int", "logicalType": "date"}
        if kind == "time":
            return {"type": "long", "logicalType": "time-micros"}
        if kind == "uuid":
            return {"type": "string", "logicalType": "uuid"}
        if kind == "array":
            return {"type": "array", "items": self.schema(depth - 1)}
        if kind == "map":
            return {"type": "map", "values": self.schema(depth - 1)}
        if kind == "union":
            return self.r.choice([["null", self.leaf()], [self.leaf(), "null"]])
        return self.record(depth)

    def leaf(self):
        while True:
            schema = self.schema(0)
            if schema != "null":
                return schema

    def record(self, depth):
        fields = [
            {"name": f"f{i}", "type": self.schema(depth - 1)} for i in range(self.r.randint(0, 5))
        ]
        return {"type": "record", "name": self.name(), "namespace": "random", "fields": fields}

    def value(self, schema):
        """What Python writes, and the document."""
        r = self.r
        if isinstance(schema, list):
            return self.value(r.choice(schema))
        kind = schema if isinstance(schema, str) else schema["type"]
        logical = None if isinstance(schema, str) else schema.get("logicalType")
        if logical == "decimal":
            unscaled = r.choice([0, 1, -1, r.randint(-(10**30) + 1, 10**30 - 1)])
            number = decimal.Decimal(unscaled).scaleb(-schema["scale"], decimal.Context(prec=60))
            return number, f"{number:f}"
        if logical in ("timestamp-millis", "timestamp-micros"):
            micros = r.randint(-(10**15), 4 * 10**15)
            if logical.endswith("millis"):
                micros -= micros % 1000
            at = EPOCH + datetime.timedelta(microseconds=micros)
            return at, stamp(micros, 3 if logical.endswith("millis") else 6, "Z")
        if logical == "date":
            day = datetime.date(1970, 1, 1) + datetime.timedelta(days=r.randint(-20000, 40000))
            return day, day.isoformat()
        if logical == "time-micros":
            micros = r.randint(0, 86_400 * 10**6 - 1)
            at = (datetime.datetime.min + datetime.timedelta(microseconds=micros)).time()
            return at, at.strftime("%H:%M:%S.%f")
        if logical == "uuid":
            import uuid

            made = uuid.UUID(int=r.getrandbits(128))
            return made, str(made)
        if kind == "null":
            return None, None
        if kind == "boolean":
            flag = r.random() < 0.5
            return flag, flag
        if kind == "int":
            number = r.choice([0, -1, 2**31 - 1, -(2**31), r.randint(-1000, 1000)])
            return number, number
        if kind == "long":
            number = r.choice(LONGS + [r.randint(-(2**63), 2**63 - 1)])
            return number, exact(number)
        if kind == "float":
            number = r.choice([0.0, 0.5, -1.25, 2.0**100])
            return number, number
        if kind == "double":
            number = r.choice([0.1, -1e300, r.random(), float("inf"), float("nan")])
            names = {"inf": "Infinity", "nan": "NaN"}
            return number, names.get(str(number), number)
        if kind == "bytes":
            data = r.randbytes(r.randint(0, 40))
            return data, b64(data)
        if kind == "fixed":
            data = r.randbytes(schema["size"])
            return data, b64(data)
        if kind == "string":
            text = r.choice(TEXTS + ["x" * r.randint(0, 300)])
            return text, text
        if kind == "enum":
            symbol = r.choice(schema["symbols"])
            return symbol, symbol
        if kind == "array":
            pairs = [self.value(schema["items"]) for _ in range(r.randint(0, 5))]
            return [one for one, _ in pairs], [doc for _, doc in pairs]
        if kind == "map":
            keys = {r.choice(TEXTS + [f"k{i}"]) for i in range(r.randint(0, 5))}
            pairs = {key: self.value(schema["values"]) for key in keys}
            return {k: v for k, (v, _) in pairs.items()}, {k: d for k, (_, d) in pairs.items()}
        pairs = {field["name"]: self.value(field["type"]) for field in schema["fields"]}
        return {k: v for k, (v, _) in pairs.items()}, {k: d for k, (_, d) in pairs.items()}


def bare(maker, count):
    for _ in range(count):
        schema = maker.schema(4)
        parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
        values, documents = [], []
        for _ in range(20):
            value, document = maker.value(schema)
            out = io.BytesIO()
            fastavro.schemaless_writer(out, parsed, value)
            values.append(b64(out.getvalue()))
            documents.append(document)
        print(json.dumps({"schema": schema, "values": values, "documents": documents}))


def framed(maker, count, url):
    import warnings

    warnings.simplefilter("ignore")
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.avro import AvroSerializer
    from confluent_kafka.schema_registry.json_schema import JSONSerializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    client = SchemaRegistryClient({"url": url})

    def say(topic, value, document):
        print(json.dumps({"topic": topic, "value": b64(value), "document": document}))

    for index in range(count):
        schema = maker.record(3)
        context = SerializationContext(f"avro-{index}", MessageField.VALUE)
        serializer = AvroSerializer(client, json.dumps(schema))
        for _ in range(5):
            value, document = maker.value(schema)
            say("avro", serializer(value, context), document)
    schema = '{"title": "T", "type": "object", "properties": {"n": {"type": "number"}}}'
    serializer = JSONSerializer(schema, client)
    context = SerializationContext("json", MessageField.VALUE)
    for number in range(5):
        say("json", serializer({"n": number}, context), {"n": number})


maker = Maker(int(sys.argv[2]))
if sys.argv[1] == "bare":
    bare(maker, int(sys.argv[3]))
else:
    framed(maker, int(sys.argv[3]), sys.argv[4])
