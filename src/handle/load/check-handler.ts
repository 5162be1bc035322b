import type { Handler } from '../api/types.ts'

/** What is wrong with a default export: message and remedy. */
export type HandlerProblem = readonly [message: string, remedy: string]

const FUNCTIONS = ['open', 'close', 'key', 'id'] as const
const KNOWN: ReadonlySet<string> = new Set([
  'name',
  'handle',
  'batch',
  'filter',
  'sinks',
  ...FUNCTIONS,
])
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/**
 * Checks what a module exports: JavaScript has no types, and TypeScript's are stripped at run time.
 */
export function checkHandler(value: unknown): Handler | HandlerProblem {
  if (typeof value === 'function') {
    return ['exports a function', 'export an object: defineHandler({ name, handle })']
  }
  if (typeof value !== 'object' || value === null) {
    return [`exports ${String(value)}`, 'export an object: defineHandler({ name, handle })']
  }
  const fields = Object.fromEntries([...KNOWN].map((name) => [name, Reflect.get(value, name)]))
  // A class instance may have other fields; in a plain object an unknown one is a typo.
  const isPlain = Object.getPrototypeOf(value) === Object.prototype
  const unknown = isPlain ? Object.keys(value).find((name) => !KNOWN.has(name)) : undefined
  if (unknown !== undefined) {
    return [
      `has an unknown field ${unknown}`,
      `remove it, or rename it to one of ${[...KNOWN].join(', ')}`,
    ]
  }
  return wrongField(fields) ?? (value as Handler)
}

function wrongField(fields: Readonly<Record<string, unknown>>): HandlerProblem | undefined {
  const { name, handle, batch, filter, sinks } = fields
  if (typeof handle !== 'function') {
    return ['has no function `handle`', 'write handle(message, context) { ... }']
  }
  if (typeof name !== 'string') return ['has no name', "write name: 'whale-alert'"]
  const problem = checkName(name)
  if (problem !== undefined) return problem
  const wrong = FUNCTIONS.find((field) => {
    return fields[field] !== undefined && typeof fields[field] !== 'function'
  })
  if (wrong !== undefined) return [`has ${wrong} that is not a function`, 'make it a function']
  const wrongBatch = batch === undefined ? undefined : checkBatch(batch)
  if (wrongBatch !== undefined) return wrongBatch
  const isList = Array.isArray(sinks) && sinks.every((sink) => typeof sink === 'string')
  if (sinks !== undefined && !isList) {
    return ['has sinks that are not a list of names', "write sinks: ['alerts']"]
  }
  if (filter !== undefined && typeof filter !== 'function' && !isObject(filter)) {
    return [
      'has a filter that is neither a function nor rules',
      'write filter: (event) => boolean, or the rules of handlers[].filter',
    ]
  }
  return undefined
}

export function isHandlerName(name: string): boolean {
  return NAME.test(name)
}

export function checkName(name: string): HandlerProblem | undefined {
  if (isHandlerName(name)) return undefined
  return [
    `has the invalid name ${JSON.stringify(name)}`,
    'use up to 63 letters, digits, dots, underscores and hyphens',
  ]
}

function checkBatch(batch: unknown): HandlerProblem | undefined {
  const { size, within }: Readonly<Record<string, unknown>> = isObject(batch) ? { ...batch } : {}
  const isSize = Number.isInteger(size) && Number(size) >= 1 && Number(size) <= 100_000
  const isWithin = typeof within === 'number' && within >= 0 && within <= 600_000
  if (isSize && isWithin) return undefined
  return [
    'has an invalid batch',
    'write batch: { size: 500, within: 200 }: maximum messages, 1 to 100000, and milliseconds, 0 to 600000',
  ]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function isHandlerProblem(found: Handler | HandlerProblem): found is HandlerProblem {
  return Array.isArray(found)
}
