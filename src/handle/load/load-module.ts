import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { origins } from '../call/origins.ts'
import { importAnywhere } from './module-hooks.ts'

const EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'])

/** The default export of a module of the user's. Throws OCC_HANDLER_LOAD with path and remedy. */
export async function loadModule(path: string): Promise<unknown> {
  await checkFile(path)
  let module: { readonly default?: unknown }
  try {
    module = await origins.run({ file: path }, importAnywhere, pathToFileURL(path).href)
  } catch (error) {
    throw explain(path, error)
  }
  if (module.default !== undefined) return module.default
  const names = Object.keys(module)
  const instead = names.length === 0 ? 'exports nothing' : `exports only ${names.join(', ')}`
  throw problem(
    path,
    `has no default export: it ${instead}`,
    'write `export default defineHandler({ name, handle(message, context) { ... } })`',
  )
}

async function checkFile(path: string): Promise<void> {
  const stats = await stat(path).catch((error) => {
    const isMissing = codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
    throw problem(
      path,
      isMissing ? 'does not exist' : `cannot be read: ${messageOf(error)}`,
      isMissing
        ? 'correct handlers[].path, or mount the file there; relative paths begin in the working directory'
        : 'let the user of this process read it',
      error,
    )
  })
  if (!stats.isFile()) {
    throw problem(path, 'is no file', 'name the module itself: <folder>/<handler>.ts')
  }
  if (!EXTENSIONS.has(extname(path))) {
    throw problem(path, 'is no module by its name', 'let it end with .ts, .js or .mjs')
  }
}

function explain(path: string, error: unknown): OccError {
  switch (codeOf(error)) {
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      return problem(
        path,
        `imports what is not there: ${firstLine(messageOf(error))}`,
        'mount the file beside it, or build an image with the package FROM the one of this service',
        error,
      )
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return problem(
        path,
        `uses TypeScript that cannot run as it is: ${firstLine(messageOf(error))}`,
        'use no enum, namespace or parameter property, or compile it to JavaScript',
        error,
      )
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return problem(path, `is not valid: ${placed(error)}`, 'correct the syntax', error)
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return problem(
        path,
        'is TypeScript inside node_modules, where Node does not run it',
        'compile it to JavaScript, or move it elsewhere',
        error,
      )
  }
  if (error instanceof SyntaxError) {
    return problem(path, `is not valid: ${placed(error)}`, 'correct the syntax', error)
  }
  return problem(
    path,
    `failed while it was loaded: ${messageOf(error)}`,
    'correct the module; what can fail belongs into open()',
    error,
  )
}

/** Node writes file and line of a syntax error into the first line of its stack. */
function placed(error: unknown): string {
  const message = firstLine(messageOf(error))
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const place = /^(?:file:\/\/)?(\S+?:\d+)$/m.exec(stack)?.[1]
  return place === undefined ? message : `${message} at ${place}`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** One handler that cannot be loaded, in one text. */
export function problem(path: string, message: string, remedy: string, cause?: unknown): OccError {
  return new OccError('OCC_HANDLER_LOAD', `${path} ${message}. Remedy: ${remedy}`, { cause })
}
