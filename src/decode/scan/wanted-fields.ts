/**
 * The fields that are read of a JSON document: objects by name, `true` where nothing below is read. Lists
 * are passed through: what is wanted of one is wanted of each of its elements.
 */
export interface WantedFields {
  readonly [name: string]: WantedFields | true
}

/** All fields of several. */
export function union(all: readonly WantedFields[]): WantedFields {
  const fields = new Map<string, WantedFields | true>()
  for (const [name, wanted] of all.flatMap((one) => Object.entries(one))) {
    const before = fields.get(name) ?? true
    if (before === true) fields.set(name, wanted)
    else if (wanted !== true) fields.set(name, union([before, wanted]))
  }
  return Object.fromEntries(fields)
}

/** As in dev/json-scan/assembly.ts. */
const NAMES_AT = 16
const NAME_BYTES = 48
const LONGEST_NAME = 32
const FIRST_CODE = 0x80
const MAX_NAMES = 0x80

/**
 * The nodes of wanted fields as the scanner reads them, the root first.
 * @param base Where they will be in its memory.
 * @param codes All names so far, to which theirs are added: in the place of its code, less 128.
 * @throws Error if a name is longer than 32 bytes, or there are more than 128
 */
export function nodesOf(wanted: WantedFields, base: number, codes: string[]): Buffer<ArrayBuffer> {
  const names = Object.entries(wanted)
  const own = Buffer.alloc(NAMES_AT + NAME_BYTES * names.length)
  own.writeUInt32LE(names.length)
  const nodes = [own]
  let next = base + own.length
  for (const [index, [name, below]] of names.entries()) {
    const bytes = Buffer.from(name)
    const { length } = bytes
    if (length > LONGEST_NAME)
      throw new Error(`the name ${name} is longer than ${LONGEST_NAME} bytes`)
    const record = NAMES_AT + NAME_BYTES * index
    bytes.copy(own, record, 0, 16)
    if (length > 16) bytes.copy(own, record + 16, length - 16)
    own.writeUInt32LE(length, record + 32)
    own.writeUInt32LE(next, record + 36)
    if (!codes.includes(name)) codes.push(name)
    if (codes.length > MAX_NAMES) throw new Error(`more than ${MAX_NAMES} names are wanted`)
    own.writeUInt8(FIRST_CODE + codes.indexOf(name), record + 40)
    const node = nodesOf(below === true ? {} : below, next, codes)
    nodes.push(node)
    next += node.length
  }
  return Buffer.concat(nodes)
}
