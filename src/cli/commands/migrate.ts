import { migrateFlags } from '../migrate/flags.ts'
import { defineCommand } from './define-command.ts'

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'create or change the tables of the sinks in PostgreSQL',
  usage: `Usage: onchain-consumer migrate [flags]

Prints the SQL that creates the tables of all sinks with the key events, or brings them up to date;
--yes runs it, in one transaction for each table. Safe to run at any time, also by several at once.`,
  flags: migrateFlags,
  run: async (flags, io) => (await import('../migrate/migrate.ts')).migrate(flags, io),
})
