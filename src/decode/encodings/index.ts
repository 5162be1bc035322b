import type { ValueEncoding } from './encoding.ts'
import { lz4 } from './lz4.ts'
import { plain } from './plain.ts'

/** All encodings of values: the first match reads the value, so `plain` is last. */
export const encodings: readonly ValueEncoding[] = [lz4, plain]
