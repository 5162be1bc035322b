import { describeFlags, numberOf, parseFlags } from '../../src/cli/arguments.ts'
import { interruptSignal } from '../../src/cli/terminal/interrupt.ts'
import { runDevCommand } from '../command.ts'
import { writeSecret } from '../write-secret.ts'
import { startPostgres } from './embedded-postgres.ts'

const flags = {
  port: { value: 'N', about: 'listens there; default: a free port' },
  'url-file': { value: 'FILE', about: 'writes its URL there, with the password' },
} as const

await runDevCommand({
  name: 'postgres',
  call: 'node dev/postgres/main.ts',
  usage: `Usage: node dev/postgres/main.ts [flags]

Starts a PostgreSQL for experiments, with data that is gone when it ends (Ctrl-C).

${describeFlags(flags)}`,
  async run(args, io) {
    const { port, 'url-file': ownFile } = parseFlags(args, flags)
    const options =
      port === undefined
        ? {}
        : { port: numberOf('--port', port, { min: 1, max: 65_535, integer: true }) }
    const { signal, release } = interruptSignal(io)
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve))
    const postgres = await startPostgres(options)
    const urlFile = ownFile ?? postgres.urlFile
    if (urlFile !== postgres.urlFile) await writeSecret(urlFile, `${postgres.url}\n`)
    io.stdout.write(`PostgreSQL is up; its data is gone when it ends (Ctrl-C).

  URL       ${postgres.url}
  URL file  ${urlFile}   (for deadLetters.postgres.urlFile)
`)
    await ended
    release()
    await postgres.close()
    return 0
  },
})
