import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { removeOptions } from './parse.ts'

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/

/** What a file declares and imports. */
export interface Parsed {
  readonly package: string | null
  readonly imports: readonly string[]
}

/**
 * The descriptor of a `.proto` file in the place of its text, which is what Confluent's serializer in
 * Python registers; null: it is a text. No text of a file is Base64: it has a `;`.
 */
export function descriptorIn(text: string): Buffer | null {
  return BASE64.test(text) ? Buffer.from(text, 'base64') : null
}

/** By a message that a descriptor declares: the messages in it, as many as headers count. */
const nested = new WeakMap<protobuf.NamespaceBase, ReadonlyArray<protobuf.Type | null>>()

/**
 * The messages in one that a descriptor declares, in its order; null where the entry of a map is, which is
 * a message to descriptors alone. undefined: it was declared by a text.
 */
export function nestedIn(type: protobuf.NamespaceBase) {
  return nested.get(type)
}

function noteNested(type: protobuf.Type, { nestedType }: descriptor.IDescriptorProto): void {
  const all = nestedType?.map((one) => {
    const own = type.get(one.name ?? '')
    if (!(own instanceof protobuf.Type)) return null
    noteNested(own, one)
    return own
  })
  nested.set(type, all ?? [])
}

/** Adds what a descriptor declares, as of a file of this name. @throws Error if it is not one */
export function describeInto(bytes: Buffer, name: string, root: protobuf.Root): Parsed {
  const file = descriptor.FileDescriptorProto.decode(bytes) as descriptor.IFileDescriptorProto
  const { package: path = '', messageType = [], enumType = [], dependency = [] } = file
  const namespace = path === '' ? root : root.define(path)
  const context = { edition: file.syntax || 'proto2', keepCase: true }
  for (const one of messageType) {
    const type = protobuf.Type.fromDescriptor(one, context)
    type.filename = name
    noteNested(type, one)
    namespace.add(type)
  }
  for (const one of enumType) namespace.add(protobuf.Enum.fromDescriptor(one, context))
  removeOptions(root)
  return { package: path === '' ? null : path, imports: dependency }
}
