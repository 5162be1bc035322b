import { describeActions } from '../arguments.ts'
import {
  cancelFlags,
  exportFlags,
  importFlags,
  planFlags,
  setFlags,
  statusFlags,
} from '../offsets/flags.ts'
import type { Command } from '../terminal/io.ts'

const flags = describeActions({
  plan: planFlags,
  set: setFlags,
  cancel: cancelFlags,
  status: statusFlags,
  export: exportFlags,
  import: importFlags,
})

export const offsets: Command = {
  name: 'offsets',
  summary: 'show, rewind, move, save and restore the offsets of a group',
  usage: `Usage: onchain-consumer offsets plan --topic T --partition 0,3-5 --to WHERE [flags]
       onchain-consumer offsets set --topic T --all-partitions --to 2h --yes [flags]
       onchain-consumer offsets cancel --all-topics [flags]
       onchain-consumer offsets status [flags]
       onchain-consumer offsets export [--out FILE] [flags]
       onchain-consumer offsets import FILE [flags]

plan prints what a change would do, and changes nothing. set, cancel and import print the same, and
apply it with --yes: only if nobody has moved an offset since. Each change writes a plan file that
undoes it. cancel ends a replay: the partitions go on where they were before it.

While the group has members, name one pod of the service with --url, or the release with --release:
the member of each partition finishes what is in flight and continues at the new offset, without a
rebalance. While it has none, the offsets are set on the brokers.

${flags}`,
  run: async (args, io) => (await import('../offsets/offsets.ts')).offsets(args, io),
}
