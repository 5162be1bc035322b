import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import protobuf from 'protobufjs'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { addBundled, isBundled } from './bundled.ts'
import { parseInto } from './parse.ts'

/** The `.proto` files of a folder, parsed. */
export interface Schemas {
  readonly folder: string
  /** null: no file declares the message. @param name in full, such as `evm_messages.BlockMessage` */
  find(name: string): protobuf.Type | null
}

const MAX_DEPTH = 16

/**
 * Reads all `.proto` files of the folder and the folders in it. Because all are read, an import
 * needs no path: the files may be anywhere in the folder, as ConfigMaps are mounted.
 *
 * @throws OccError OCC_PROTOBUF_SCHEMA with the file and what is wrong with it.
 */
export function loadSchemas(folder: string): Schemas {
  const root = new protobuf.Root()
  const imports = new Map<string, string>()
  const files = filesIn(folder)
  if (files.length === 0) {
    throw new OccError(
      'OCC_PROTOBUF_SCHEMA',
      `${folder} (decode.protobuf.schemas) holds no .proto file: mount the schemas of your topics there.`,
    )
  }
  for (const path of files) {
    for (const name of parse(path, relative(folder, path), root)) imports.set(name, path)
  }
  for (const name of imports.keys()) addBundled(name, root)
  try {
    root.resolveAll()
  } catch (error) {
    throw unresolved(folder, files, imports, error)
  }
  return {
    folder,
    find(name) {
      const found = root.lookup(name)
      return found instanceof protobuf.Type && found.fullName === `.${name}` ? found : null
    },
  }
}

/** In the order of their names. Kubernetes keeps what it mounts twice, in folders named `..data`. */
function filesIn(folder: string, depth = 0): string[] {
  const names = namesIn(folder).filter((name) => !name.startsWith('.'))
  return names.toSorted().flatMap((name) => {
    const path = join(folder, name)
    // Of what a link leads to.
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    if (isFolder) return depth < MAX_DEPTH ? filesIn(path, depth + 1) : []
    return name.endsWith('.proto') ? [path] : []
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new OccError(
      'OCC_PROTOBUF_SCHEMA',
      `${folder} (decode.protobuf.schemas) cannot be read: ${messageOf(error)}. Mount the .proto files there, or correct the key.`,
      { cause: error },
    )
  }
}

/** Adds what a file declares; returns what it imports. */
function parse(path: string, name: string, root: protobuf.Root): readonly string[] {
  try {
    return parseInto(readFileSync(path, 'utf8'), name, root).imports
  } catch (error) {
    const reason = messageOf(error)
    const twice = reason.startsWith('duplicate name')
      ? ': another file declares it too, so remove one of the copies'
      : ''
    throw new OccError('OCC_PROTOBUF_SCHEMA', `${path} cannot be read: ${reason}${twice}.`, {
      cause: error,
    })
  }
}

function unresolved(
  folder: string,
  files: readonly string[],
  imports: ReadonlyMap<string, string>,
  error: unknown,
): OccError {
  const base = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  const known = new Set(files.map(base))
  const missing = [...imports].filter(([name]) => !known.has(base(name)) && !isBundled(name))
  const remedy =
    missing.length === 0
      ? 'Mount all files of the schema.'
      : `Mount ${missing.map(([name, by]) => `${name}, which ${base(by)} imports`).join('; ')}.`
  return new OccError(
    'OCC_PROTOBUF_SCHEMA',
    `The schemas in ${folder} are incomplete: ${messageOf(error)}. ${remedy}`,
    { cause: error },
  )
}
