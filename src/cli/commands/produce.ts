import { describeFlags, parseFlags, splitAtFlags } from '../arguments.ts'
import { produceFlags } from '../produce/flags.ts'
import type { Command } from '../terminal/io.ts'

export const produce: Command = {
  name: 'produce',
  summary: 'send records of your own to a topic',
  usage: `Usage: onchain-consumer produce [FILE|FOLDER|-]... [flags]

Sends records from files, from the files of a folder, or from standard input (- or nothing), and
says how many the brokers acknowledged. A record is a line: a line of read --json or peek --json
with its key, headers, time and partition, or any other content as the value. A flag replaces what a
line says. A file named *.json is one value, as are all with --each file.

A wrong line is named with its number and left out; the others are sent, and the exit code is 1. A
batch that is not acknowledged is sent again, so that its records may be there twice; that is said.

Messages made up for a demo: npm run produce, in a clone.

${describeFlags(produceFlags)}

Examples:
  onchain-consumer read solana.transfers@-1000 --json | onchain-consumer produce --topic copy
  onchain-consumer produce transfers.ndjson --topic transfers --key Transfer.Sender --compression zstd`,
  async run(args, io) {
    const [inputs, rest] = splitAtFlags(args)
    const flags = parseFlags(rest, produceFlags)
    return (await import('../produce/produce.ts')).produce(inputs, flags, io)
  },
}
