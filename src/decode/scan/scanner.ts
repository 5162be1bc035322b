import { isUtf8 } from 'node:buffer'
import { markLength } from '../text.ts'
import type { Json } from '../types.ts'
import { build, type Scanned } from './build.ts'
import { SCANNER } from './module.ts'
import { nodesOf, type WantedFields } from './wanted-fields.ts'

/** The parts used here; TypeScript declares it only with all browser types. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Exports }
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  /** As dev/json-scan/assembly.ts says. */
  readonly scan: (
    start: number,
    end: number,
    root: number,
    values: number,
    shapes: number,
  ) => number
}

/** Reads wanted fields of JSON texts. */
export interface WantedReader {
  /** Checks a text without taking it apart. null: not surely JSON, so JSON.parse must say. */
  scan(bytes: Buffer): Scanned | null
  /** The document without its other fields, and with integers beyond 2^53 as strings; null if none are wanted. */
  parse(scanned: Scanned): Json
}

const NOTHING: Scanned = Object.freeze({ shape: '', values: '' })

/** The layout of the memory: the end of the shape, nodes of wanted fields, the text, what is written of it. */
const SHAPE_END_AT = 32
const NODES_AT = 64
const TEXT_AT = 64 * 1024
const PAGE = 64 * 1024
/** What the scanner reads and writes too far at most. */
const SLACK = 64
/** A longer text is not scanned: the memory is kept. */
const MAX_BYTES = 4 * 1024 * 1024

/** The scanner of this thread; null: this Node cannot run it. */
let shared: Scanner | null | undefined

/** A reader that scans nothing if this Node cannot run the scanner. */
export function createWantedReader(wanted: WantedFields): WantedReader {
  shared ??= openScanner()
  const scanner = shared
  const root = scanner?.rootOf(wanted) ?? null
  return {
    scan: (bytes) => (scanner === null || root === null ? null : scanner.scan(bytes, root)),
    parse: (scanned) => (scanned.shape === '' ? null : build(scanned, scanner?.names ?? [])),
  }
}

/** null: there is no WebAssembly, or not its SIMD, or no memory for it. */
function openScanner(): Scanner | null {
  try {
    const module = new WebAssembly.Module(Buffer.from(SCANNER, 'base64'))
    return new Scanner(new WebAssembly.Instance(module).exports)
  } catch {
    return null
  }
}

class Scanner {
  /** By code. */
  readonly names: string[] = []
  readonly #exports: Exports
  #memory: Buffer
  #nodesEnd = NODES_AT
  /** By what is wanted, so that rules that are opened again need no more memory. */
  readonly #roots = new Map<string, number>()

  constructor(exports: Exports) {
    this.#exports = exports
    this.#memory = Buffer.from(exports.memory.buffer)
  }

  /** The node of what is wanted, 0: nothing; null: there is no room for it. */
  rootOf(wanted: WantedFields): number | null {
    const name = JSON.stringify(wanted)
    if (name === '{}') return 0
    const known = this.#roots.get(name)
    if (known !== undefined) return known
    const root = this.#nodesEnd
    const nodes = nodesOf(wanted, root, this.names)
    if (root + nodes.length > TEXT_AT) return null
    nodes.copy(this.#memory, root)
    this.#nodesEnd += nodes.length
    this.#roots.set(name, root)
    return root
  }

  scan(bytes: Buffer, root: number): Scanned | null {
    const mark = markLength(bytes)
    const length = bytes.length - mark
    if (length > MAX_BYTES) return null
    // Two quotes for sixteen digits at most.
    const values = TEXT_AT + length + SLACK
    const shapes = values + length + (length >> 3) + SLACK
    if (!this.#reserve(shapes + length + SLACK)) return null
    const memory = this.#memory
    memory.set(mark === 0 ? bytes : bytes.subarray(mark), TEXT_AT)
    memory[TEXT_AT + length] = 0
    const written = this.#exports.scan(TEXT_AT, TEXT_AT + length, root, values, shapes)
    if (written < 0) return null
    const isAscii = (written & 1) === 0
    if (!isAscii && !isUtf8(bytes)) return null
    if (root === 0) return NOTHING
    return {
      shape: memory.toString('latin1', shapes, memory.readUInt32LE(SHAPE_END_AT)),
      values: memory.toString(isAscii ? 'latin1' : 'utf8', values, values + (written >> 1)),
    }
  }

  /** Whether there is that much memory. */
  #reserve(size: number): boolean {
    const { length } = this.#memory
    if (size <= length) return true
    const { memory } = this.#exports
    try {
      memory.grow(Math.ceil((2 * size - length) / PAGE))
    } catch {
      return false
    }
    this.#memory = Buffer.from(memory.buffer)
    return true
  }
}
