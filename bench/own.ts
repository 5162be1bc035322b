import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { nodeFlagsOf } from '../dev/node-flags.ts'
import { usageError } from '../src/cli/arguments.ts'
import type { Contestant } from './contestants.ts'

export interface ServiceOptions {
  readonly name: string
  /** File in contestants/handlers/; without it: no handler. */
  readonly handler?: string
  readonly options?: Readonly<Record<string, unknown>>
  /** Another entry of `handlers`; its path is a file in contestants/handlers/, too. */
  readonly beside?: { readonly path: string; readonly [key: string]: unknown }
  readonly processing?: Readonly<Record<string, unknown>>
  readonly deduplication?: Readonly<Record<string, unknown>>
  /** What else stands in its configuration; `handlers` in the place of the one above. */
  readonly sections?: Readonly<Record<string, unknown>>
  /** With Node's own sizes of the heap: quicker, and larger. Default: the flags of `npm start`. */
  readonly largeHeap?: boolean
  /** The handler counts itself: not where it runs in worker threads. */
  readonly counts?: boolean
  /** What else stands in its environment. */
  readonly env?: Readonly<Record<string, string>>
}

const HERE = join(import.meta.dirname, '..')

/** This service. BENCH_FLAGS are more flags for Node. */
export function service(options: ServiceOptions): Contestant {
  return serviceIn(HERE, options.name, options)
}

/** The same of another checkout, with the bench/contestants/ and the flags of `npm start` there. */
export function baselineOf(folder: string, options: ServiceOptions): Contestant {
  return serviceIn(folder, `${options.name} (baseline)`, options)
}

function serviceIn(folder: string, name: string, options: ServiceOptions): Contestant {
  const { handler, beside, processing, deduplication, counts = false, largeHeap = false } = options
  const flags = largeHeap ? [] : nodeFlagsOf(folder)
  const more = process.env['BENCH_FLAGS']?.split(' ') ?? []
  const file = (...path: string[]) => join(folder, 'bench', 'contestants', ...path)
  return {
    name,
    command: [process.execPath, ...flags, ...more, file('service.ts')],
    env: {
      ...options.env,
      ...(handler === undefined ? {} : { HANDLER: file('handlers', handler) }),
      ...(counts ? { COUNTS: 'handler' } : {}),
      HANDLER_OPTIONS: JSON.stringify(options.options ?? {}),
      BESIDE: JSON.stringify(
        beside === undefined ? [] : [{ ...beside, path: file('handlers', beside.path) }],
      ),
      SECTIONS: JSON.stringify({ processing, deduplication, ...options.sections }),
    },
  }
}

/** @throws OccError OCC_USAGE where no service can be run in this folder. */
export function checkBaseline(folder: string): void {
  const needed = ['package.json', 'bench/contestants/service.ts', 'node_modules']
  const missing = needed.find((file) => !existsSync(join(folder, file)))
  if (missing === undefined) return
  const remedy = missing === 'node_modules' ? '; run "npm ci" there' : ''
  throw usageError(`--baseline ${folder}: no ${missing} in it${remedy}`)
}
