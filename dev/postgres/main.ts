import { describeFlags, numberOf, parseFlags } from '../../src/cli/arguments.ts'
import { interruptSignal } from '../../src/cli/terminal/interrupt.ts'
import { runDevCommand } from '../command.ts'
import { writeSecret } from '../write-secret.ts'
import { startPostgres } from './embedded-postgres.ts'

const flags = {
  port: { value: 'N', about: 'listens there; default: a free port' },
  'url-file': { value: 'FILE', about: 'writes its URL there, with the password' },
  data: { value: 'FOLDER', about: 'keeps its data there, for the next time; default: not at all' },
} as const

await runDevCommand({
  name: 'postgres',
  call: 'node dev/postgres/main.ts',
  usage: `Usage: node_modules/.bin/node dev/postgres/main.ts [flags]

Starts a PostgreSQL for experiments, until Ctrl-C. Its data is gone then, unless --data names a folder.

${describeFlags(flags)}`,
  async run(args, io) {
    const { port, 'url-file': ownFile, data } = parseFlags(args, flags)
    const options = {
      ...(port === undefined
        ? {}
        : { port: numberOf('--port', port, { min: 1, max: 65_535, integer: true }) }),
      ...(data === undefined ? {} : { keptIn: data }),
    }
    const { signal, release } = interruptSignal(io)
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve))
    const postgres = await startPostgres(options)
    const urlFile = ownFile ?? postgres.urlFile
    if (urlFile !== postgres.urlFile) await writeSecret(urlFile, `${postgres.url}\n`)
    const fate = data === undefined ? 'is gone when it ends' : `stays in ${postgres.folder}`
    io.stdout.write(`PostgreSQL is up until Ctrl-C; its data ${fate}.

  URL       ${postgres.url}
  URL file  ${urlFile}   (for deadLetters.postgres.urlFile)
`)
    await ended
    release()
    await postgres.close()
    return 0
  },
})
