/** Bytes of a vector, vectors of a group, and groups of a block. */
export const VECTOR = 16
export const VECTORS = 4
const GROUPS = 2
/** Stride from one vector of a group to the next: groups are interleaved. */
export const STRIDE = VECTOR * GROUPS
export const BLOCK = STRIDE * VECTORS

/** The layout of the module's memory: one page. */
export const STATE_AT = 512
export const INPUT_AT = 1024
export const INPUT_BYTES = 64 * 1024 - INPUT_AT

/** Where the table is that adds half a byte of vector `source` to vector `target`. */
export function tableAt(target: number, source: number, half: number): number {
  return VECTOR * (half + 2 * (source + VECTORS * target))
}

// From the WebAssembly specification: types, and the instructions used.
const I32 = 0x7f
const V128 = 0x7b
const LOCAL_GET = [0x20]
const LOCAL_SET = [0x21]
const LOCAL_TEE = [0x22]
const I32_CONST = [0x41]
const I32_LESS_UNSIGNED = [0x49]
const I32_ADD = [0x6a]
const BRANCH_IF = [0x0d]
const LOOP = [0x03, 0x40]
const END = [0x0b]
const V128_LOAD = [0xfd, 0x00, 0x04]
const V128_STORE = [0xfd, 0x0b, 0x04]
const V128_CONST = [0xfd, 0x0c]
const V128_AND = [0xfd, 0x4e]
const V128_XOR = [0xfd, 0x51]
const I16X8_SHIFT_RIGHT = [0xfd, 0x8d, 0x01]
/** Relaxed: skips the check for indices above fifteen; there are none here. */
const SWIZZLE = [0xfd, 0x80, 0x02]

const FROM = 0
const TO = 1
const state = (group: number, vector: number) => 2 + VECTORS * group + vector
const half = (vector: number, which: number) => 2 + VECTORS * GROUPS + 2 * vector + which

/**
 * A module that exports `memory` and `fold(from, to)`: moves the state at STATE_AT over the blocks
 * of memory in [from, to), at least one. Written as bytes, because the build has no compiler for
 * it; it is one loop.
 */
export function foldModule(): Uint8Array<ArrayBuffer> {
  const code = [
    ...eachVector((group, vector) => [
      ...[...constant(0), ...load(STATE_AT + placeOf(group, vector))],
      ...[...LOCAL_SET, state(group, vector)],
    ]),
    ...LOOP,
    ...eachGroup(advance),
    ...[...LOCAL_GET, FROM, ...constant(BLOCK), ...I32_ADD, ...LOCAL_TEE, FROM],
    ...[...LOCAL_GET, TO, ...I32_LESS_UNSIGNED, ...BRANCH_IF, 0],
    ...END,
    ...eachVector((group, vector) => [
      ...[...constant(0), ...LOCAL_GET, state(group, vector)],
      ...[...V128_STORE, ...unsigned(STATE_AT + placeOf(group, vector))],
    ]),
    ...END,
  ]
  const locals = [1, ...unsigned(VECTORS * GROUPS + 2 * VECTORS), V128]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 2, I32, I32, 0]]),
    ...section(3, [[0]]),
    ...section(5, [[1, 1, 1]]),
    ...section(7, [
      [...name('memory'), 2, 0],
      [...name('fold'), 0, 0],
    ]),
    ...section(10, [sized([...locals, ...code])]),
  ])
}

/** Moves the state of one group over a block: the product, plus the group's part of the input. */
function advance(group: number): number[] {
  return [
    ...vectors.flatMap((vector) => [
      ...[...LOCAL_GET, state(group, vector), ...lowHalves(), ...LOCAL_SET, half(vector, 0)],
      ...[...LOCAL_GET, state(group, vector), ...constant(4), ...I16X8_SHIFT_RIGHT],
      ...[...lowHalves(), ...LOCAL_SET, half(vector, 1)],
    ]),
    ...vectors.flatMap((target) => [
      ...[...LOCAL_GET, FROM, ...load(placeOf(group, target))],
      ...vectors.flatMap((source) => [...product(target, source), ...V128_XOR]),
      ...[...LOCAL_SET, state(group, target)],
    ]),
  ]
}

const vectors = Array.from({ length: VECTORS }, (_, vector) => vector)

function eachGroup(write: (group: number) => number[]): number[] {
  return Array.from({ length: GROUPS }, (_, group) => group).flatMap(write)
}

function eachVector(write: (group: number, vector: number) => number[]): number[] {
  return eachGroup((group) => vectors.flatMap((vector) => write(group, vector)))
}

function placeOf(group: number, vector: number): number {
  return STRIDE * vector + VECTOR * group
}

/** Adds both halves of the bytes of one vector to another. */
function product(target: number, source: number): number[] {
  return [
    ...[...constant(0), ...load(tableAt(target, source, 0)), ...LOCAL_GET, half(source, 0)],
    ...SWIZZLE,
    ...[...constant(0), ...load(tableAt(target, source, 1)), ...LOCAL_GET, half(source, 1)],
    ...[...SWIZZLE, ...V128_XOR],
  ]
}

function lowHalves(): number[] {
  return [...V128_CONST, ...new Array<number>(VECTOR).fill(0x0f), ...V128_AND]
}

/** For small numbers; the format is signed. */
function constant(value: number): number[] {
  return [...I32_CONST, ...(value < 64 ? [value] : [(value & 0x7f) | 0x80, value >> 7])]
}

function load(offset: number): number[] {
  return [...V128_LOAD, ...unsigned(offset)]
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)]
}

function name(text: string): number[] {
  return sized([...Buffer.from(text)])
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes]
}

function section(id: number, entries: ReadonlyArray<readonly number[]>): number[] {
  return [id, ...sized([...unsigned(entries.length), ...entries.flat()])]
}
