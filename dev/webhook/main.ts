// node dev/webhook/main.ts [options]: an incoming webhook like Slack's, until Ctrl-C.
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { sayAndExit } from '../kafka/console.ts'
import { writeSecret } from '../write-secret.ts'
import { startReceiver } from './receiver.ts'

const HELP = `Starts an incoming webhook like Slack's, and prints what it receives. It refuses every fifth
message with 429 and Retry-After: 1.

  node_modules/.bin/node dev/webhook/main.ts [options]

  --port N         listens there (default: a free port)
  --url-file FILE  writes its URL there
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
  const receiver = await startReceiver({
    port: Number(values.port ?? 0),
    refuseEvery: 5,
    accepted: (message) => console.log(message),
    refused: () => console.log('(429: come back in a second)'),
  })
  const { 'url-file': urlFile } = values
  if (urlFile !== undefined) await writeSecret(urlFile, `${receiver.url}\n`)
  console.log(`The webhook is up: ${receiver.url}`)
  await interrupted
  await receiver.close()
} catch (error) {
  sayAndExit(error)
}
