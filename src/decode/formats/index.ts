import type { Format } from './format.ts'
import { json } from './json.ts'
import { raw } from './raw.ts'
import { text } from './text.ts'

/** All formats. After a change: `npm run docs`, which tells config/ their names. */
export const formats: readonly Format[] = [json, text, raw]
