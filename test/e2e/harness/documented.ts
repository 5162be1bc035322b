import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const DOCS = join(import.meta.dirname, '../../../docs')

/** The first block of a language in a chapter of a page of docs/: what is tested is what people are told. */
export function documentedBlock(page: string, chapter: string, language: string): string {
  const text = readFileSync(join(DOCS, page), 'utf8')
  const block = new RegExp(`^## ${chapter}$[\\s\\S]*?\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'm')
  const found = block.exec(text)?.[1]
  if (found === undefined) throw new Error(`docs/${page} has no ${language} below ${chapter}`)
  return found
}
