import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { checkName } from '../../handle/load/check-handler.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { type Flags, usageError } from '../arguments.ts'
import { asTyped, isClone, nodeOf } from '../program.ts'
import type { Io } from '../terminal/io.ts'
import { table } from '../terminal/terminal.ts'
import type { newFlags } from './flags.ts'
import { handlerTemplate, samplesTemplate, testTemplate } from './templates.ts'

/** Writes a handler, its test and samples. Throws OCC_FILE_EXISTS, having written nothing. */
export async function newHandler(
  name: string,
  flags: Flags<typeof newFlags>,
  io: Io,
): Promise<number> {
  const wrong = checkName(name)
  if (wrong !== undefined) {
    throw usageError(`handler new ${wrong[0]}; ${wrong[1]}, and give folders with --folder`)
  }
  const { folder = '.' } = flags
  const module = `${name}.${extensionIn(resolve(folder))}`
  const files = [
    { path: join(folder, module), about: 'the handler', text: handlerTemplate(name) },
    {
      path: join(folder, module.replace(/\.(\w+)$/, '.test.$1')),
      about: 'its test',
      text: testTemplate(module),
    },
    {
      path: join(folder, `${name}.samples.ndjson`),
      about: 'messages to try it with',
      text: samplesTemplate,
    },
  ]
  const [handler, test, samples] = files.map(({ path }) => path)
  const existing = files.map(({ path }) => path).filter((path) => existsSync(path))
  if (existing.length > 0) throw exists(existing.join(', '))
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw usageError(`--folder ${folder} cannot be created: ${messageOf(error)}`)
  })
  for (const { path, text } of files) {
    await writeFile(path, text, { flag: 'wx' }).catch((error) => {
      if (codeOf(error) === 'EEXIST') throw exists(path)
      throw usageError(`${path} cannot be written: ${messageOf(error)}`)
    })
  }
  const next = `${table(files.map(({ path, about }) => [path, about]))}

Next:
  ${nodeOf(io)} --test ${test}
  onchain-consumer handler test ${handler} --sample ${samples}
  onchain-consumer handler test ${handler} --brokers HOST:PORT --topic solana.transfers --since 10m

To run it, name it and its sink in the configuration:
  handlers: [{ path: ./${module} }]
  sinks: { out: { type: log } }
${isClone(io) ? '' : 'The types come with the package: npm install onchain-consumer\n'}`
  io.stdout.write(asTyped(next, io))
  return 0
}

/** Where a package.json says commonjs, as `npm init` writes it, Node takes `.ts` for that. */
function extensionIn(folder: string): 'ts' | 'mts' {
  try {
    const text = readFileSync(join(folder, 'package.json'), 'utf8')
    return JSON.parse(text)?.type === 'commonjs' ? 'mts' : 'ts'
  } catch {
    const parent = dirname(folder)
    return parent === folder ? 'ts' : extensionIn(parent)
  }
}

function exists(paths: string): OccError {
  return new OccError(
    'OCC_FILE_EXISTS',
    `${paths} exists, and handler new overwrites nothing. Remedy: choose another name, another --folder, or remove it`,
  )
}
