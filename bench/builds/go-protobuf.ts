import { execFile, spawnSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { messageType, schemasFolder } from '../../dev/synthetic/protobuf.ts'
import { CodedError } from '../../src/kernel/errors.ts'
import { contentsOf, keptBuild } from './kept-build.ts'

const execute = promisify(execFile)

const PLUGIN = 'google.golang.org/protobuf/cmd/protoc-gen-go'
const MODULE = 'onchain-consumer/bench/franz-go'
const PACKAGES = ['evm_messages', 'solana_messages']

/** How protoc talks to its plugins, the parts that are needed. */
const { root: plugin } = protobuf.parse(
  `syntax = "proto3";
  message Request { repeated string file_to_generate = 1; string parameter = 2; repeated bytes proto_file = 15; }
  message Response { string error = 1; message File { string name = 1; string content = 15; } repeated File file = 15; }`,
  {
    keepCase: true,
  },
)

/**
 * Builds the Go program of `franz-go` for Protocol Buffers, once: with the code that protoc-gen-go generates of
 * the messages in dev/synthetic/schemas. protoc itself is not needed: protobufjs makes the descriptors.
 * Resolves with the path of the program; rejects with what is missing.
 */
export async function buildGoProtobuf(folder: string): Promise<string> {
  const sources = (await readdir(folder)).sort().map((file) => join(folder, file))
  const schemas = (await readdir(schemasFolder, { recursive: true })).filter((file) =>
    file.endsWith('.proto'),
  )
  const parts = await contentsOf([
    ...sources,
    ...schemas.sort().map((file) => join(schemasFolder, file)),
    import.meta.filename,
  ])
  return await keptBuild('go', parts, async (target) => {
    try {
      await execute('go', ['version'])
    } catch (cause) {
      throw new CodedError('OCC_BENCH', 'Go is not installed', { cause })
    }
    console.log(`Fetching protoc-gen-go, and building what ${folder} needs (once) ...`)
    const generator = join(target, 'protoc-gen-go')
    await execute('go', ['build', '-o', generator, PLUGIN], { cwd: folder })
    // The generated files lie in the cache; for the compiler, in the folder of the program.
    const Replace: Record<string, string> = {}
    for (const { name, content } of generate(generator)) {
      const file = join(target, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      Replace[join(folder, name)] = file
    }
    const overlay = join(target, 'overlay.json')
    await writeFile(overlay, JSON.stringify({ Replace }))
    const program = join(target, 'consumer')
    const flags = ['-tags', 'protobuf', '-overlay', overlay]
    await execute('go', ['build', ...flags, '-o', program, '.'], { cwd: folder })
    return program
  })
}

interface Generated {
  readonly name: string
  readonly content: string
}

function generate(generator: string): readonly Generated[] {
  const files = PACKAGES.map((name) => `${name}.proto`)
  const packages = PACKAGES.map((name) => `M${name}.proto=${MODULE}/${name}`)
  const request = plugin.lookupType('Request')
  const input = request
    .encode({
      file_to_generate: files,
      parameter: [`module=${MODULE}`, ...packages].join(),
      proto_file: PACKAGES.map(descriptorOf),
    } as never)
    .finish()
  const { status, stdout, stderr } = spawnSync(generator, { input, maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) throw new CodedError('OCC_BENCH', `protoc-gen-go: ${stderr}`)
  const response = plugin.lookupType('Response').decode(stdout) as unknown as {
    error: string
    file: readonly Generated[]
  }
  if (response.error !== '') throw new CodedError('OCC_BENCH', `protoc-gen-go: ${response.error}`)
  return response.file
}

/** All messages of a package as one file: none of them needs another package. */
function descriptorOf(name: string): Uint8Array {
  const { root } = messageType(`${name}.BlockMessage`)
  const set = (root as unknown as Described).toDescriptor('proto3')
  const file = set.file.find((one) => one.package === name)
  if (file === undefined) throw new CodedError('OCC_BENCH', `no schema of ${name}`)
  file.name = `${name}.proto`
  for (const field of file.messageType.flatMap((message) => message.field)) {
    // In the field's own scope, a field has the name of its type.
    if (field.typeName) field.typeName = `.${name}.${field.typeName.split('.').at(-1)}`
  }
  return descriptor.FileDescriptorProto.encode(file).finish()
}

interface Described {
  toDescriptor(edition: string): { readonly file: readonly DescribedFile[] }
}

interface DescribedFile {
  name: string
  readonly package: string
  readonly messageType: readonly { readonly field: readonly { typeName?: string }[] }[]
}
