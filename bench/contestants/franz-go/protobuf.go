//go:build protobuf

package main

import (
	"encoding/hex"
	"fmt"
	"log"
	"math/big"
	"os"

	evm "onchain-consumer/bench/franz-go/evm_messages"
	solana "onchain-consumer/bench/franz-go/solana_messages"

	"google.golang.org/protobuf/proto"
)

// Protocol Buffers messages, parsed by the code that protoc-gen-go generates (bench/builds/go-protobuf.ts), and
// the fields read that our events have, as bench/decode/events.py does.
func init() {
	newDecoder = func() decoder { return &messageDecoder{name: os.Getenv("MESSAGE"), base58: map[string]string{}} }
}

type messageDecoder struct {
	name string
	// Of addresses that were read before: they recur. At most as many as our own decoder remembers.
	base58 map[string]string
	events []event
}

type event struct {
	id        string
	addresses []string
	names     []string
	amounts   []*big.Int
	decimals  []uint32
	success   bool
}

func (decoder *messageDecoder) decode(value []byte) {
	decoder.events = decoder.events[:0]
	switch decoder.name {
	case "solana_messages.TokenBlockMessage":
		decoder.tokens(parsed(value, &solana.TokenBlockMessage{}))
	case "evm_messages.DexBlockMessage":
		decoder.trades(parsed(value, &evm.DexBlockMessage{}))
	case "evm_messages.BlockMessage":
		decoder.transactions(parsed(value, &evm.BlockMessage{}))
	default:
		log.Fatalf("MESSAGE is %q, of which no fields are read", decoder.name)
	}
}

func parsed[Message proto.Message](value []byte, message Message) Message {
	if err := proto.Unmarshal(value, message); err != nil {
		log.Fatal(err)
	}
	return message
}

func (decoder *messageDecoder) tokens(message *solana.TokenBlockMessage) {
	for _, transaction := range message.Transactions {
		signature := base58Text(transaction.Signature)
		header := transaction.GetHeader()
		for _, one := range transaction.Transfers {
			decoder.events = append(decoder.events, event{
				id: fmt.Sprintf("%s:%d", signature, one.InstructionIndex),
				addresses: []string{
					decoder.wallet(one.Sender), decoder.wallet(one.Receiver),
					decoder.base58Of(one.GetSender().GetAddress()), decoder.base58Of(one.GetReceiver().GetAddress()),
					decoder.base58Of(one.GetAuthority().GetAddress()), decoder.base58Of(header.GetFeePayer()),
					decoder.base58Of(header.GetSigner()), decoder.base58Of(one.GetCurrency().GetMintAddress()),
				},
				names:    []string{one.GetCurrency().GetSymbol()},
				amounts:  []*big.Int{new(big.Int).SetUint64(one.Amount)},
				decimals: []uint32{one.GetCurrency().GetDecimals()},
				success:  transaction.GetStatus().GetSuccess(),
			})
		}
	}
}

func (decoder *messageDecoder) wallet(account *solana.Account) string {
	if owner := account.GetToken().GetOwner(); len(owner) > 0 {
		return decoder.base58Of(owner)
	}
	return decoder.base58Of(account.GetAddress())
}

func (decoder *messageDecoder) trades(message *evm.DexBlockMessage) {
	for _, one := range message.Trades {
		header := one.GetTransactionHeader()
		read := event{
			id: fmt.Sprintf("%s:%d", hexOf(header.GetHash()), one.Index),
			addresses: []string{
				hexOf(header.GetFrom()), hexOf(one.Sender), hexOf(one.GetDex().GetSmartContract()),
				hexOf(one.GetDex().GetPair().GetSmartContract()),
			},
			names:   []string{one.GetDex().GetProtocolName(), one.GetDex().GetProtocolFamily()},
			success: one.Success,
		}
		for _, side := range []*evm.TradeSide{one.Buy, one.Sell} {
			read.addresses = append(read.addresses, hexOf(side.GetBuyer()), hexOf(side.GetSeller()))
			for _, asset := range side.GetAssets() {
				currency := asset.GetCurrency()
				read.addresses = append(read.addresses, hexOf(currency.GetSmartContract()))
				read.names = append(read.names, currency.GetSymbol())
				read.decimals = append(read.decimals, uint32(currency.GetDecimals()))
				read.amounts = append(read.amounts, new(big.Int).SetBytes(asset.Amount))
			}
		}
		decoder.events = append(decoder.events, read)
	}
}

func (decoder *messageDecoder) transactions(message *evm.BlockMessage) {
	for _, one := range message.Transactions {
		header := one.GetTransactionHeader()
		decoder.events = append(decoder.events, event{
			id:        hexOf(header.GetHash()),
			addresses: []string{hexOf(header.GetFrom()), hexOf(header.GetTo())},
			amounts:   []*big.Int{new(big.Int).SetBytes(header.GetValue())},
			success:   one.GetReceipt().GetReceiptHeader().GetStatus() == 1,
		})
	}
}

func hexOf(data []byte) string {
	return "0x" + hex.EncodeToString(data)
}

const maxRemembered = 8192

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

func (decoder *messageDecoder) base58Of(data []byte) string {
	if text, known := decoder.base58[string(data)]; known {
		return text
	}
	if len(decoder.base58) == maxRemembered {
		clear(decoder.base58)
	}
	text := base58Text(data)
	decoder.base58[string(data)] = text
	return text
}

func base58Text(data []byte) string {
	number, digit, base := new(big.Int).SetBytes(data), new(big.Int), big.NewInt(58)
	text := make([]byte, 0, 96)
	for number.Sign() > 0 {
		number.DivMod(number, base, digit)
		text = append(text, alphabet[digit.Int64()])
	}
	for at := 0; at < len(data) && data[at] == 0; at++ {
		text = append(text, alphabet[0])
	}
	for from, to := 0, len(text)-1; from < to; from, to = from+1, to-1 {
		text[from], text[to] = text[to], text[from]
	}
	return string(text)
}
