import { describeFlags, parseFlags, splitAtFlags, usageError } from '../arguments.ts'
import { readFlags } from '../read/flags.ts'
import type { Command } from '../terminal/io.ts'

export const read: Command = {
  name: 'read',
  summary: 'print the records of given partitions, from a place on',
  usage: `Usage: onchain-consumer read TOPIC[:PARTITIONS][@PLACE]... [flags]

Prints records with their partition, offset, time, key and headers, decoded as the service does: in
the order of each partition, as fast as they are taken. Joins no group and leaves nothing behind:
Read on the topic is the only permission needed. Brokers and security come from the configuration.

PARTITIONS: 3, 0-5 or 0,3-5; default: all. PLACE: BEGINNING (default), END, an offset, -1000 (so many
records before the end), an age (2h), or a time with its zone (2026-01-31T12:00:00Z).

${describeFlags(readFlags)}

Examples:
  onchain-consumer read solana.transfers@-10
  onchain-consumer read solana.transfers:0-5@2h tron.transfers:3@1200 --json > records.ndjson
  onchain-consumer read solana.transfers@END --follow --filter '{"assets":["USDC"],"minAmount":"1000000"}'`,
  async run(args, io) {
    const [places, rest] = splitAtFlags(args)
    if (places.length === 0) throw usageError('read needs a topic first: read TOPIC [flags]')
    const flags = parseFlags(rest, readFlags)
    return (await import('../read/read.ts')).read(places, flags, io)
  },
}
