// node dev/kafka/java/tools-main.ts TOOL [arguments]: Kafka's own command-line tools, for people.
import { once } from 'node:events'
import { CodedError } from '../../../src/kernel/errors.ts'
import { kafkaFiles } from './class-path.ts'
import { sayAndExit } from './console.ts'
import { findJava } from './java.ts'
import { launchJvm } from './jvm.ts'
import { TOOL_CLASSES, TOOL_FLAGS } from './tools.ts'

const HELP = `Runs one of Kafka's own tools: kafka-topics.sh is "topics" here, and so on.

  node_modules/.bin/node dev/kafka/java/tools-main.ts TOOL [the tool's arguments]

  ${Object.keys(TOOL_CLASSES).join('\n  ')}
`

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(HELP)
    return 0
  }
  const className = TOOL_CLASSES[name]
  if (className === undefined) {
    const tools = Object.keys(TOOL_CLASSES).join(', ')
    throw new CodedError('OCC_KAFKA_OPTION', `there is no tool "${name}": choose one of ${tools}`)
  }
  const [java, files] = await Promise.all([findJava(), kafkaFiles()])
  // Pass streams through: a console consumer prints records as they arrive.
  const jvm = launchJvm(java.command, {
    args: [...TOOL_FLAGS, '-cp', files.classPath, className, ...args],
  })
  const { stdin, stdout, stderr } = jvm.process
  if (stdin !== null) process.stdin.pipe(stdin)
  stdout?.pipe(process.stdout)
  stderr?.pipe(process.stderr)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => jvm.process.kill(signal))
  }
  await once(jvm.process, 'close')
  return jvm.exited
}

try {
  process.exitCode = await main(process.argv.slice(2))
  // An open terminal would otherwise keep this process alive until somebody presses Enter.
  process.stdin.destroy()
} catch (error) {
  sayAndExit(error)
}
