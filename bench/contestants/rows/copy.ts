// The most that the server takes from one connection: COPY of lines that are there already, BATCH rows a
// transaction. It reads no Kafka, keeps no offsets, and knows no duplicates.
import pg from 'pg'
import { copyIn } from '../../rows/copy-in.ts'
import { COLUMNS, TABLE, transferAt } from '../../rows/transfers.ts'

const { DATABASE_URL = '', MESSAGES = '0', BATCH = '1' } = process.env
const [count, size] = [Number(MESSAGES), Number(BATCH)]
const client = new pg.Client({ connectionString: DATABASE_URL })
await client.connect()
const batches: Buffer[] = []
for (let from = 0; from < count; from += size) {
  const lines = Array.from({ length: Math.min(size, count - from) }, (_, at) =>
    Object.values(transferAt(from + at)).join('\t'),
  )
  batches.push(Buffer.from(`${lines.join('\n')}\n`))
}
const text = `copy ${TABLE} (${Object.keys(COLUMNS).join(', ')}) from stdin`
for (const lines of batches) await copyIn(client, text, lines)
// It is ended when its rows were counted.
setInterval(() => {}, 60_000)
