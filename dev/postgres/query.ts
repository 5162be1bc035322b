// node dev/postgres/query.ts URL_FILE SQL: prints what a PostgreSQL answers, as a table.
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { table } from '../../src/cli/terminal/terminal.ts'
import { sayAndExit } from '../kafka/java/console.ts'

const [urlFile, sql] = process.argv.slice(2)
if (urlFile === undefined || sql === undefined) {
  console.error('Usage: node_modules/.bin/node dev/postgres/query.ts URL_FILE SQL')
  process.exit(2)
}
try {
  const client = new pg.Client({ connectionString: (await readFile(urlFile, 'utf8')).trim() })
  await client.connect()
  const { rows, fields } = await client.query(sql).finally(() => client.end())
  const header = fields.map(({ name }) => name)
  console.log(
    table(
      rows.map((row) => header.map((name) => String(row[name]))),
      { header },
    ),
  )
} catch (error) {
  sayAndExit(error)
}
