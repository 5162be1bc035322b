import { setImmediate as nextTurn } from 'node:timers/promises'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { main } from './index.ts'
import { describeFailure } from './run/failure.ts'
import { writeTerminationMessage } from './run/termination-message.ts'

/** The process: runs the command that its arguments name, and ends it. */
export async function start(): Promise<never> {
  const { argv, env, stdout, stderr } = process
  stdout.once('error', onClosed)
  stdout.on('error', () => {})
  // Nobody is left to be told.
  stderr.on('error', () => {})
  let code = 1
  try {
    code = await main(argv.slice(2), { stdout, stderr, env })
  } catch (error) {
    stderr.write(`${describeFailure(error)}\n`)
    writeTerminationMessage(describeFailure(error), env)
  }
  // What is queued for a pipe is gone with process.exit.
  await Promise.all([flushed(stdout), flushed(stderr)])
  // And what is wrong with it is told a turn later.
  await nextTurn()
  // Not exitCode: a socket that hangs in its close must not keep a finished process.
  return process.exit(code)
}

/**
 * Whoever read the output has gone (`| head`), or it has no room: as with Ctrl-C, a command that is in
 * the middle of something ends it cleanly, the others just end.
 */
function onClosed(error: unknown): void {
  const isGone = codeOf(error) === 'EPIPE'
  if (!isGone) process.stderr.write(`onchain-consumer: standard output: ${messageOf(error)}\n`)
  if (!process.emit('SIGINT')) process.exit(isGone ? 0 : 1)
}

/** Resolves when the stream has taken all, or will take nothing any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable || stream.writableLength === 0) return resolve()
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}
