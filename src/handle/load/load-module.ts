import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { origins } from '../call/origins.ts'
import { importAnywhere } from './module-hooks.ts'

const EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'])

/** Loads the default export of a user's module. Throws OCC_HANDLER_LOAD with path and remedy. */
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
        ? 'correct handlers[].path, or mount the file there; relative paths start at the folder of the configuration file'
        : 'make it readable for the user of this process',
      error,
    )
  })
  if (!stats.isFile()) {
    throw problem(path, 'is not a file', 'name the module itself: <folder>/<handler>.ts')
  }
  if (!EXTENSIONS.has(extname(path))) {
    throw problem(path, 'does not have the name of a module', 'let it end with .ts, .js or .mjs')
  }
}

function explain(path: string, error: unknown): OccError {
  switch (codeOf(error)) {
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      return problem(
        path,
        `imports something that does not exist: ${firstLine(messageOf(error))}`,
        "mount the file beside it, or build an image with the package, FROM this service's image",
        error,
      )
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return problem(
        path,
        `uses TypeScript syntax that Node cannot strip: ${firstLine(messageOf(error))}`,
        'avoid enums, namespaces and parameter properties, or compile it to JavaScript',
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
    `failed to load: ${messageOf(error)}`,
    'correct the module; move code that can fail into open()',
    error,
  )
}

/** Node puts file and line of a syntax error in the first line of its stack. */
function placed(error: unknown): string {
  const message = firstLine(messageOf(error))
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const place = /^(?:file:\/\/)?(\S+?:\d+)$/m.exec(stack)?.[1]
  return place === undefined ? message : `${message} at ${place}`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** The error for one handler that cannot be loaded. */
export function problem(path: string, message: string, remedy: string, cause?: unknown): OccError {
  return new OccError('OCC_HANDLER_LOAD', `${path} ${message}. Remedy: ${remedy}`, { cause })
}
