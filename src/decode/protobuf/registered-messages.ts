import protobuf from 'protobufjs'
import type { RegisteredSchema } from '../registry/types.ts'
import { addBundled } from './bundled.ts'
import { describeInto, descriptorIn, type Parsed } from './descriptor.ts'
import { messagesOfFile } from './framing.ts'
import { parseInto } from './parse.ts'

/** Not the name of a reference: those are paths that end in `.proto`. */
const MAIN = 'schema of the registry'

/**
 * The messages that a schema of a registry declares, in its order.
 * @throws Error if it is not valid, or imports what it has no reference to
 */
export function messagesOf({ text, references }: RegisteredSchema): protobuf.Type[] {
  const root = new protobuf.Root()
  const imports = references.flatMap((one) => addTo(root, one.text, one.name).imports)
  const main = addTo(root, text, MAIN)
  for (const name of [...imports, ...main.imports]) addBundled(name, root)
  root.resolveAll()
  const parent = main.package === null ? root : root.lookup(main.package)
  return messagesOfFile(parent instanceof protobuf.Namespace ? parent : null, MAIN)
}

function addTo(root: protobuf.Root, text: string, name: string): Parsed {
  const bytes = descriptorIn(text)
  return bytes === null ? parseInto(text, name, root) : describeInto(bytes, name, root)
}
