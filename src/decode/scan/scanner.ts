import { isUtf8 } from 'node:buffer'
import { markLength } from '../text.ts'
import { SCANNER } from './module.ts'
import { nodesOf, type WantedFields } from './wanted-fields.ts'

/** The parts used here; TypeScript declares it only with all browser types. */
declare const WebAssembly:
  | {
      validate(code: Uint8Array): boolean
      readonly Module: new (code: Uint8Array) => object
      readonly Instance: new (module: object) => { readonly exports: Exports }
    }
  | undefined

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  /** As dev/json-scan/assembly.ts says. */
  readonly scan: (start: number, end: number, root: number, target: number) => number
}

/**
 * Checks a JSON text without taking it apart.
 * @returns Its wanted fields as JSON, with integers beyond 2^53 in quotes; empty if none are wanted. null:
 *   not surely JSON, so JSON.parse must say.
 */
export type Scan = (bytes: Buffer) => string | null

/** The layout of the memory: nodes of wanted fields, the text, what is written of it. */
const NODES_AT = 64
const TEXT_AT = 64 * 1024
const PAGE = 64 * 1024
/** What the scanner reads and writes too far at most. */
const SLACK = 64
/** A longer text is not scanned: the memory is kept. */
const MOST_BYTES = 4 * 1024 * 1024

/** The scanner of this thread; null: it has no WebAssembly, or not its SIMD. */
let shared: Scanner | null | undefined

/** A scan for the wanted fields. It always answers null if this Node cannot run the scanner. */
export function createScan(wanted: WantedFields): Scan {
  shared ??= openScanner()
  const scanner = shared
  const root = scanner?.rootOf(wanted) ?? null
  return scanner === null || root === null ? () => null : (bytes) => scanner.scan(bytes, root)
}

function openScanner(): Scanner | null {
  if (typeof WebAssembly === 'undefined') return null
  const code = Buffer.from(SCANNER, 'base64')
  if (!WebAssembly.validate(code)) return null
  return new Scanner(new WebAssembly.Instance(new WebAssembly.Module(code)).exports)
}

class Scanner {
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
    const nodes = nodesOf(wanted, root)
    if (root + nodes.length > TEXT_AT) return null
    nodes.copy(this.#memory, root)
    this.#nodesEnd += nodes.length
    this.#roots.set(name, root)
    return root
  }

  scan(bytes: Buffer, root: number): string | null {
    const mark = markLength(bytes)
    const length = bytes.length - mark
    if (length > MOST_BYTES) return null
    const target = TEXT_AT + length + SLACK
    // Two quotes for sixteen digits at most.
    if (!this.#reserve(target + length + length / 8 + SLACK)) return null
    const memory = this.#memory
    memory.set(mark === 0 ? bytes : bytes.subarray(mark), TEXT_AT)
    memory[TEXT_AT + length] = 0
    const written = this.#exports.scan(TEXT_AT, TEXT_AT + length, root, target)
    if (written < 0) return null
    const end = target + (written >> 1)
    if ((written & 1) === 0) return memory.toString('latin1', target, end)
    return isUtf8(bytes) ? memory.toString('utf8', target, end) : null
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
