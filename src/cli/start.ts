import { setImmediate as nextTurn } from 'node:timers/promises'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { main } from './index.ts'
import { asTyped, programOf } from './program.ts'
import { describeFailure } from './run/failure.ts'
import { writeTerminationMessage } from './run/termination-message.ts'
import type { Io } from './terminal/io.ts'

type Run = (args: readonly string[], io: Io) => Promise<number>

/**
 * Entry point: runs a command with the process arguments, then exits the process.
 *
 * @param run Default: the command that the arguments name.
 */
export async function start(run: Run = main): Promise<never> {
  const { argv, env, stdout, stderr } = process
  stdout.once('error', onClosed)
  stdout.on('error', () => {})
  // There is nowhere left to report it.
  stderr.on('error', () => {})
  const io = { stdout, stderr, env, program: programOf(argv[1] ?? '', env, process.cwd()) }
  let code = 1
  try {
    code = await run(argv.slice(2), io)
  } catch (error) {
    stderr.write(`${asTyped(describeFailure(error), io)}\n`)
    writeTerminationMessage(describeFailure(error), env)
  }
  // process.exit discards what is still queued for a pipe.
  await Promise.all([flushed(stdout), flushed(stderr)])
  // Write errors are reported one turn later.
  await nextTurn()
  // Not exitCode: a socket that hangs while closing must not keep a finished process alive.
  return process.exit(code)
}

/**
 * Standard output has no reader any more (`| head`) or no space. As with Ctrl-C, a command in the
 * middle of its work ends cleanly; others just end.
 */
function onClosed(error: unknown): void {
  const isGone = codeOf(error) === 'EPIPE'
  if (!isGone) process.stderr.write(`onchain-consumer: standard output: ${messageOf(error)}\n`)
  if (!process.emit('SIGINT')) process.exit(isGone ? 0 : 1)
}

/** Resolves when the stream has written everything, or will write nothing more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable || stream.writableLength === 0) return resolve()
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}
