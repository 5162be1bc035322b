"""The fields that our events have, read from messages of the provider's own classes, and the same texts made of them.
Base58 is that of the provider's examples; as many addresses are remembered as our decoder remembers."""

from functools import lru_cache

from base58 import b58encode


def text_of(data):
    return b58encode(data).decode()


base58 = lru_cache(maxsize=8192)(text_of)


def wallet(account):
    return base58(account.Token.Owner or account.Address)


def tokens(message):
    for transaction in message.Transactions:
        signature = text_of(transaction.Signature)
        header = transaction.Header
        for one in transaction.Transfers:
            yield (
                f"{signature}:{one.InstructionIndex}",
                wallet(one.Sender),
                wallet(one.Receiver),
                [base58(account.Address) for account in (one.Sender, one.Receiver, one.Authority)],
                base58(header.FeePayer),
                base58(header.Signer),
                base58(one.Currency.MintAddress),
                one.Currency.Symbol,
                one.Currency.Decimals,
                one.Amount,
                transaction.Status.Success,
            )


def hexed(data):
    return "0x" + data.hex()


def side(one):
    return [
        (hexed(asset.Currency.SmartContract), asset.Currency.Symbol, asset.Currency.Decimals, int.from_bytes(asset.Amount, "big"))
        for asset in one.Assets
    ] + [hexed(one.Buyer), hexed(one.Seller)]


def trades(message):
    for one in message.Trades:
        header = one.TransactionHeader
        yield (
            f"{hexed(header.Hash)}:{one.Index}",
            hexed(header.From),
            hexed(one.Sender),
            hexed(one.Dex.SmartContract),
            one.Dex.ProtocolName,
            one.Dex.ProtocolFamily,
            hexed(one.Dex.Pair.SmartContract),
            side(one.Buy),
            side(one.Sell),
            one.Success,
        )


def transactions(message):
    for one in message.Transactions:
        header = one.TransactionHeader
        yield (
            hexed(header.Hash),
            hexed(header.From),
            hexed(header.To),
            int.from_bytes(header.Value, "big"),
            one.Receipt.ReceiptHeader.Status,
        )


def events_of(topic):
    """What reads the fields of our events from a message of the topic."""
    return {"tokens": tokens, "dextrades": trades, "raw": transactions}[topic.split(".")[1]]
