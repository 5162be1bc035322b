import { dryRunFlags, testFlags } from '../alert/flags.ts'
import { describeActions } from '../arguments.ts'
import type { Command } from '../terminal/io.ts'

export const alert: Command = {
  name: 'alert',
  summary: 'try a rule of alerts: what it would have said, or one alert sent',
  usage: `Usage: onchain-consumer alert test NAME [flags]
       onchain-consumer alert dry-run NAME --since TIME [flags]

test sends one alert of the rule to its sink, about a made-up event or the first one of --file that
passes its filter. --dry-run prints it instead, with the request of a webhook.

dry-run reads records of the topics and prints what the rule would have said of them. Nothing is
sent, no group is joined, nothing is committed.

${describeActions({ test: testFlags, 'dry-run': dryRunFlags })}`,
  run: async (args, io) => (await import('../alert/alert.ts')).alert(args, io),
}
