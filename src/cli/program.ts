import { basename, dirname, relative } from 'node:path'
import type { Io } from './terminal/io.ts'

/** Where texts name a command: `onchain-consumer dlq list`, `onchain-consumer [COMMAND]`. */
const CALL =
  /\bonchain-consumer(?= (?:\[|(?:run|check|handler|alert|peek|read|produce|tap|lag|groups|topics|status|replay|dlq|migrate|offsets|pause|resume|version|help)\b))/g

/** The text, with commands as they are typed where this process was started. */
export function asTyped(text: string, { program }: Pick<Io, 'program'>): string {
  return program === undefined ? text : text.replaceAll(CALL, program)
}

/**
 * What people type before the name of a command, to call it as this process was called: in a clone,
 * in a folder with the package, or as an installed command.
 *
 * @param main The second argument of the process: its entry file, or a link to it.
 */
export function programOf(main: string, env: Io['env'], cwd: string): string {
  if (main.endsWith('.ts')) {
    const isScript = ['cli', 'start'].includes(env['npm_lifecycle_event'] ?? '')
    return isScript ? SCRIPT : `node ${near(main, cwd)}`
  }
  const isLink = basename(main) === 'onchain-consumer'
  if (!isLink) return `node ${near(main, cwd)}`
  return basename(dirname(main)) === '.bin' ? 'npx onchain-consumer' : 'onchain-consumer'
}

/** Silent: npm's own lines would be a part of what a pipe gets. */
const SCRIPT = 'npm run --silent cli --'

/** Whether the program was started by the script of a clone. */
export function isClone({ program }: Pick<Io, 'program'>): boolean {
  return program === SCRIPT
}

/** How to call the same Node: in a clone it is the one that the scripts have installed. */
export function nodeOf(io: Pick<Io, 'program'>): string {
  return isClone(io) ? 'npx node' : 'node'
}

function near(path: string, cwd: string): string {
  const here = relative(cwd, path)
  return here.startsWith('..') ? path : here
}
