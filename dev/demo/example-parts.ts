import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { table } from '../../src/cli/terminal/terminal.ts'
import { isRaw, setAt } from '../../src/config/load/layers.ts'
import type { LoadOptions } from '../../src/config/load/load.ts'
import type { UndoStack } from '../../src/kernel/lifecycle.ts'
import { startPostgres } from '../postgres/embedded-postgres.ts'
import { walletsFile } from '../synthetic/wallets.ts'
import { startReceiver } from '../webhook/receiver.ts'
import { writeSecret } from '../write-secret.ts'

/** What an example needs beside Kafka. */
export interface ExampleParts {
  /** Puts the parts of the demo in place of those that the example names. */
  readonly adjust: NonNullable<LoadOptions['adjust']>
  /** What the service has done with them, for the end. */
  result(): Promise<string>
}

type StartParts = (
  folder: string,
  undo: UndoStack,
  say: (text: string) => void,
) => Promise<ExampleParts>

const PARTS: Readonly<Record<string, StartParts>> = { 'wallets-to-postgres': walletsToPostgres }

/** null: the example needs nothing else. @param folder of the demo @param say prints a line */
export async function startParts(
  example: string | undefined,
  folder: string,
  undo: UndoStack,
  say: (text: string) => void,
): Promise<ExampleParts | null> {
  const start = example === undefined ? undefined : PARTS[example]
  return (await start?.(folder, undo, say)) ?? null
}

const RESULT = `
select coalesce(asset_symbol, '-') as asset, count(*)::text as rows,
  round(max(amount / 10 ^ decimals))::text as largest
from transfers group by 1 order by count(*) desc limit 5`

async function walletsToPostgres(
  folder: string,
  undo: UndoStack,
  say: (text: string) => void,
): Promise<ExampleParts> {
  const postgres = await startPostgres()
  undo.push('postgres', () => postgres.close())
  let posts = 0
  const receiver = await startReceiver({
    refuseEvery: 5,
    accepted(text) {
      posts += 1
      say(text.split('\n')[0] ?? '')
    },
  })
  undo.push('webhook', () => receiver.close())
  const wallets = join(folder, 'wallets.txt')
  const webhookUrlFile = join(folder, 'webhook-url')
  await writeFile(wallets, walletsFile(5_000))
  await writeSecret(webhookUrlFile, `${receiver.url}\n`)
  const files: Readonly<Record<string, string>> = { urlFile: postgres.urlFile, webhookUrlFile }
  return {
    adjust(values) {
      setAt(values, ['filter', 'addressesFile'], wallets)
      const handlers = Array.isArray(values['handlers']) ? values['handlers'].filter(isRaw) : []
      for (const { options } of handlers) {
        if (!isRaw(options)) continue
        for (const name of Object.keys(options)) options[name] = files[name] ?? options[name]
      }
    },
    async result() {
      const client = new pg.Client({ connectionString: postgres.url })
      await client.connect()
      const { rows } = await client.query(RESULT).finally(() => client.end())
      const cells = rows.map(({ asset, rows: count, largest }) => [asset, count, largest ?? '-'])
      return `Rows in PostgreSQL, of 5,000 wallets, and ${posts} posts to the webhook (each fifth was refused with 429 first):\n${table(cells, { header: ['Asset', 'Rows', 'Largest'] })}`
    },
  }
}
