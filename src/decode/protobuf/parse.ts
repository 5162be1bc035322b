import protobuf from 'protobufjs'

/** Adds what a text declares, as of a file of this name. @throws Error if it cannot be parsed */
export function parseInto(text: string, name: string, root: protobuf.Root) {
  Reflect.set(protobuf.parse, 'filename', name)
  const parsed = protobuf.parse(text, root, { keepCase: true })
  removeOptions(root)
  return {
    package: parsed.package ?? null,
    imports: [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])],
  }
}

const OPTIONS = /^\.?google\.protobuf\.\w+Options$/

/**
 * Removes the options that files declare: nothing reads them, the types that they extend need not be
 * there, and files of different origin may give theirs the same number.
 */
export function removeOptions(parent: protobuf.NamespaceBase): void {
  for (const one of parent.nestedArray) {
    if (one instanceof protobuf.Field) {
      if (OPTIONS.test(one.extend ?? '')) parent.remove(one)
    } else if (one instanceof protobuf.Namespace) {
      removeOptions(one)
    }
  }
}
