import { describeFlags, numberOf, parseFlags } from '../../src/cli/arguments.ts'
import { interruptSignal } from '../../src/cli/terminal/interrupt.ts'
import { runDevCommand } from '../command.ts'
import { writeSecret } from '../write-secret.ts'
import { startReceiver } from './receiver.ts'

const flags = {
  port: { value: 'N', about: 'listens there; default: a free port' },
  'url-file': { value: 'FILE', about: 'writes its URL there' },
} as const

await runDevCommand({
  name: 'webhook',
  call: 'node dev/webhook/main.ts',
  usage: `Usage: node dev/webhook/main.ts [flags]

Starts an incoming webhook like Slack's, until Ctrl-C, and prints what it receives. It refuses every
fifth message with 429 and Retry-After: 1.

${describeFlags(flags)}`,
  async run(args, io) {
    const { port = '0', 'url-file': urlFile } = parseFlags(args, flags)
    const { signal, release } = interruptSignal(io)
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve))
    const receiver = await startReceiver({
      port: numberOf('--port', port, { min: 0, max: 65_535, integer: true }),
      refuseEvery: 5,
      accepted: (message) => io.stdout.write(`${message}\n`),
      refused: () => io.stdout.write('(429: come back in a second)\n'),
    })
    if (urlFile !== undefined) await writeSecret(urlFile, `${receiver.url}\n`)
    io.stdout.write(`The webhook is up: ${receiver.url}\n`)
    await ended
    release()
    await receiver.close()
    return 0
  },
})
