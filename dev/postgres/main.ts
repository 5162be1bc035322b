// node dev/postgres/main.ts [options]: a PostgreSQL for experiments, until Ctrl-C.
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { sayAndExit } from '../kafka/console.ts'
import { writeSecret } from '../write-secret.ts'
import { startPostgres } from './embedded-postgres.ts'

const HELP = `Starts a PostgreSQL, with data that is gone when it ends (Ctrl-C).

  node_modules/.bin/node dev/postgres/main.ts [options]

  --port N         listens there (default: a free port)
  --url-file FILE  writes its URL there, with the password
  --help           prints this
`

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'url-file': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const postgres = await startPostgres(
    values.port === undefined ? {} : { port: Number(values.port) },
  )
  const urlFile = values['url-file'] ?? postgres.urlFile
  if (urlFile !== postgres.urlFile) await writeSecret(urlFile, `${postgres.url}\n`)
  console.log(`PostgreSQL is up; its data is gone when it ends (Ctrl-C).

  URL       ${postgres.url}
  URL file  ${urlFile}   (for deadLetters.postgres.urlFile)
`)
  await interrupted
  await postgres.close()
} catch (error) {
  sayAndExit(error)
}
