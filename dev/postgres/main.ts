// node dev/postgres/main.ts [--port N]: a PostgreSQL to play with, until Ctrl-C.
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { sayAndExit } from '../kafka/console.ts'
import { startPostgres } from './embedded-postgres.ts'

try {
  const { values } = parseArgs({ options: { port: { type: 'string' } } })
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const postgres = await startPostgres(
    values.port === undefined ? {} : { port: Number(values.port) },
  )
  console.log(`PostgreSQL is up; its data is gone when it ends (Ctrl-C).

  URL       ${postgres.url}
  URL file  ${postgres.urlFile}   (for deadLetters.postgres.urlFile)
`)
  await interrupted
  await postgres.close()
} catch (error) {
  sayAndExit(error)
}
