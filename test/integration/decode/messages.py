"""Writes random messages of the provider's own classes, and the events that Python reads from them.

messages.py SEED COUNT: for each kind a line {topic, values: [base64], events: [[...]]}, with COUNT
messages and as many that were damaged; null where Python refuses to read the message.
messages.py SEED COUNT URL: the same without damaged ones, as Confluent's serializer writes them, which
registers their schemas at that registry.
"""

import base64
import hashlib
import json
import random
import sys

from evm import block_message_pb2 as evm_blocks
from evm import dex_block_message_pb2 as evm_trades
from evm import token_block_message_pb2 as evm_tokens
from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.message import DecodeError
from solana import dex_block_message_pb2 as solana_trades
from solana import parsed_idl_block_message_pb2 as solana_transactions
from solana import token_block_message_pb2 as solana_tokens
from tron import dex_block_message_pb2 as tron_trades
from tron import token_block_message_pb2 as tron_tokens

seed, count = map(int, sys.argv[1:3])
registry = sys.argv[3] if len(sys.argv) > 3 else None
chance = random.Random(seed)
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TEXTS = ["", "USDC", "a\0b", "\U0001f600", "x" * 300, "柴犬"]
U64 = [0, 1, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**63, 2**64 - 1]
I64 = [0, 1, -1, 2**53, -(2**53), 2**63 - 1, -(2**63), 1_700_000_000]


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base58check(data):
    if len(data) == 20:
        data = b"\x41" + data
    elif len(data) != 21 or data[0] != 0x41:
        # No address: damaged.
        return data.hex()
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4])


def hexed(data):
    return "0x" + data.hex() if data else ""


def random_bytes(message, name):
    """As long as the field is on its chain, or anything where nothing depends on it."""
    solana = message.startswith("solana")
    if solana and name == "Signature" and "Program" not in message:
        return chance.randbytes(64)
    if name == "Hash" and message.endswith("TransactionHeader"):
        return chance.randbytes(32)
    if name in ("Amount", "Value", "Number"):
        return chance.choice([b"", b"\0", b"\xff" * 32, chance.randbytes(chance.randint(0, 32))])
    if name == "ChainId":
        return chance.choice([b"", b"\1", b"\x38", b"\x0a", b"\x89", b"\x21\x05", b"\x99\x99"])
    if name == "SmartContract":
        return chance.choice([b"", b"\0" * 20, chance.randbytes(20), chance.randbytes(20)])
    length = 32 if solana or "Hash" in name or name == "PoolId" else 20
    return chance.choice([b"", b"\0" * length, chance.randbytes(length), chance.randbytes(length)])


def scalar(field, message):
    kind = field.type
    if kind == Field.TYPE_BYTES:
        return random_bytes(message, field.name)
    if kind == Field.TYPE_STRING:
        return chance.choice(TEXTS)
    if kind == Field.TYPE_BOOL:
        return chance.random() < 0.5
    if kind == Field.TYPE_UINT64:
        return chance.choice(U64)
    if kind == Field.TYPE_INT64:
        return chance.choice(I64)
    if kind == Field.TYPE_UINT32:
        return chance.choice([0, 1, 7, 2**32 - 1])
    if kind in (Field.TYPE_INT32, Field.TYPE_ENUM):
        return chance.choice([0, 1, 2] if kind == Field.TYPE_ENUM else [0, 6, -1, 2**31 - 1])
    return chance.choice([0.0, 1.5, -2.25])


NEEDED = {"Header", "Signature", "Hash", "TransactionHeader"}


def is_repeated(field):
    return field.is_repeated if hasattr(field, "is_repeated") else field.label == Field.LABEL_REPEATED


def fill(message, depth=0):
    name = message.DESCRIPTOR.full_name
    for field in message.DESCRIPTOR.fields:
        needed = field.name in NEEDED
        if not needed and (chance.random() < 0.2 or depth > 5):
            continue
        if is_repeated(field):
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                continue
            for _ in range(chance.randint(0, 3)):
                if field.message_type is not None:
                    fill(getattr(message, field.name).add(), depth + 1)
                else:
                    getattr(message, field.name).append(scalar(field, name))
        elif field.message_type is not None:
            inner = getattr(message, field.name)
            inner.SetInParent()
            fill(inner, depth + 1)
        else:
            setattr(message, field.name, scalar(field, name))
    return message


def has(message, name):
    return message.HasField(name)


def numbered(events):
    """An id that comes again gets a number."""
    seen = {}
    for event in events:
        before = seen.get(event["id"], 0)
        seen[event["id"]] = before + 1
        if before:
            event["id"] += f":{before}"
    return events


def seconds(value):
    return value * 1000 if 0 < value < 2**53 else None


def solana_block(header):
    return {
        "block": [str(header.Slot), base58(header.Hash), base58(header.ParentHash)],
        "time": seconds(header.Timestamp),
    }


def wallet(account):
    return base58(account.Token.Owner or account.Address)


def decimals(value):
    """What no chain can have is not known."""
    return value if 0 <= value <= 255 else None


def solana_asset(message):
    if not has(message, "Currency"):
        return None
    one = message.Currency
    return ["" if one.Native else base58(one.MintAddress), one.Symbol, decimals(one.Decimals)]


def read_solana_tokens(message):
    return numbered(
        [
            {
                **solana_block(message.Header),
                "id": f"{base58(transaction.Signature)}:{one.InstructionIndex}",
                "from": wallet(one.Sender),
                "to": wallet(one.Receiver),
                "amount": str(one.Amount),
                "asset": solana_asset(one),
                "success": transaction.Status.Success,
            }
            for transaction in message.Transactions
            for one in transaction.Transfers
        ]
    )


def read_solana_transactions(message):
    return [
        {
            **solana_block(message.Header),
            "id": base58(one.Signature),
            "from": base58(one.Header.Signer),
            "success": one.Status.Success,
        }
        for one in message.Transactions
    ]


def read_solana_trades(message):
    side = lambda one: [solana_asset(one), str(one.Amount), wallet(one.Account)]
    return numbered(
        [
            {
                **solana_block(message.Header),
                "id": f"{base58(transaction.Signature)}:{one.InstructionIndex}:trade",
                "from": base58(transaction.Header.Signer or transaction.Header.FeePayer),
                "success": transaction.Status.Success,
                "buy": side(one.Buy),
                "sell": side(one.Sell),
                "pool": base58(one.Market.MarketAddress),
                "dex": [base58(one.Dex.ProgramAddress), one.Dex.ProtocolName, one.Dex.ProtocolFamily],
                "fees": [str(one.Fee)] if one.Fee else [],
            }
            for transaction in message.Transactions
            for one in transaction.Trades
        ]
    )


COINS = {1: "ETH", 10: "ETH", 56: "BNB", 137: "POL", 8453: "ETH"}


def evm_place(message):
    header = message.Header
    number = str(int.from_bytes(header.Number, "big"))
    return {
        "block": [number, hexed(header.Hash), hexed(header.ParentHash)],
        "time": seconds(header.Time),
    }


def tron_place(message):
    header = message.Header
    return {
        "block": [str(header.Number), header.Hash.hex(), header.ParentHash.hex()],
        "time": header.Timestamp if 0 < header.Timestamp < 2**53 else None,
    }


def network(message, tron):
    if tron:
        return base58check, bytes.hex, ["", "TRX", 6], tron_place(message)
    coin = COINS.get(int.from_bytes(message.Chain.ChainId, "big"), "")
    return hexed, hexed, ["", coin, 18], evm_place(message)


def time_of(header, place):
    milliseconds = header.Time // 1_000_000
    return {**place, "time": milliseconds or place["time"]}


def evm_asset(message, address, coin):
    if not has(message, "Currency"):
        return None
    one = message.Currency
    if one.SmartContract.strip(b"\0"):
        return [address(one.SmartContract), one.Symbol, decimals(one.Decimals)]
    return ["", one.Symbol or coin[1], decimals(one.Decimals or coin[2])]


def read_transfers(tron):
    def read(message):
        address, hashed, coin, place = network(message, tron)
        return numbered(
            [
                {
                    **time_of(one.TransactionHeader, place),
                    "id": f"{hashed(one.TransactionHeader.Hash)}:{one.Index}",
                    "from": address(one.Sender),
                    "to": address(one.Receiver),
                    "amount": str(int.from_bytes(one.Amount, "big")),
                    "asset": evm_asset(one, address, coin),
                    "success": one.Success,
                }
                for one in message.Transfers
            ]
        )

    return read


def read_evm_trades(tron):
    def read(message):
        address, hashed, coin, place = network(message, tron)

        def amounts(items):
            return [
                [evm_asset(one, address, coin), str(int.from_bytes(one.Amount, "big"))] for one in items
            ]

        def side(one, account):
            first, *more = amounts(one.Assets) or [[None, "0"]]
            return [*first, address(account), *more]

        return numbered(
            [
                {
                    **time_of(one.TransactionHeader, place),
                    "id": f"{hashed(one.TransactionHeader.Hash)}:{one.Index}:trade",
                    "from": address(one.TransactionHeader.From or one.Sender),
                    "success": one.Success,
                    "buy": side(one.Buy, one.Buy.Buyer),
                    "sell": side(one.Sell, one.Sell.Seller),
                    "pool": hashed(one.PoolId) or address(one.Dex.Pair.SmartContract),
                    "dex": [address(one.Dex.SmartContract), one.Dex.ProtocolName, one.Dex.ProtocolFamily],
                    "fees": [amount for _, amount in amounts(one.Fees)],
                }
                for one in message.Trades
            ]
        )

    return read


def read_evm_transactions(message):
    _, _, coin, place = network(message, False)
    events = []
    for one in message.Transactions:
        header, receipt = one.TransactionHeader, one.Receipt.ReceiptHeader
        value = int.from_bytes(header.Value, "big")
        events.append(
            {
                **time_of(header, place),
                "id": hexed(header.Hash),
                "from": hexed(header.From),
                "to": hexed(header.To or receipt.ContractAddress),
                "amount": str(value) if value else None,
                "asset": coin if value else None,
                "success": receipt.Status == 1,
            }
        )
    return events


KINDS = {
    "solana.tokens.proto": (solana_tokens.TokenBlockMessage, read_solana_tokens),
    "solana.dextrades.proto": (solana_trades.DexParsedBlockMessage, read_solana_trades),
    "solana.transactions.proto": (solana_transactions.ParsedIdlBlockMessage, read_solana_transactions),
    "eth.tokens.proto": (evm_tokens.TokenBlockMessage, read_transfers(False)),
    "eth.dextrades.proto": (evm_trades.DexBlockMessage, read_evm_trades(False)),
    "eth.raw.proto": (evm_blocks.BlockMessage, read_evm_transactions),
    "tron.tokens.proto": (tron_tokens.TokenBlockMessage, read_transfers(True)),
    "tron.dextrades.proto": (tron_trades.DexBlockMessage, read_evm_trades(True)),
}

def damaged(value):
    data = bytearray(value)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data)) if data else 0
        how = chance.randrange(4)
        if how == 0 and data:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del data[at : at + chance.randint(1, 4)]
        elif how == 2:
            data[at:at] = chance.randbytes(chance.randint(1, 4))
        elif chance.random() < 0.3:
            del data[at:]
    return bytes(data)


def read_or_refuse(kind, read, value):
    message = kind()
    try:
        message.ParseFromString(value)
    except DecodeError:
        return None
    return read(message)


def serializer_of(topic, kind):
    """The serializer of a topic: without a registry the message alone."""
    if registry is None:
        return lambda message: message.SerializeToString()
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    serialize = ProtobufSerializer(kind, SchemaRegistryClient({"url": registry}))
    context = SerializationContext(topic, MessageField.VALUE)
    return lambda message: serialize(message, context)


for topic, (kind, read) in KINDS.items():
    messages = [fill(kind()) for _ in range(count)]
    serialize = serializer_of(topic, kind)
    values = [serialize(message) for message in messages]
    if registry is None:
        values += [damaged(value) for value in values]
        events = [read_or_refuse(kind, read, value) for value in values]
    else:
        events = [read(message) for message in messages]
    texts = [base64.b64encode(value).decode() for value in values]
    print(json.dumps({"topic": topic, "values": texts, "events": events}))
