import { avro } from './avro.ts'
import type { Format } from './format.ts'
import { json } from './json.ts'
import { protobufFormat } from './protobuf.ts'
import { raw } from './raw.ts'
import { text } from './text.ts'

/** All formats. After a change run `npm run docs`, which passes their names to config/. */
export const formats: readonly Format[] = [json, protobufFormat, avro, text, raw]
