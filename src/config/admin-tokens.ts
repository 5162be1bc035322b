import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { OccError } from '../kernel/errors.ts'
import { readSecretFile } from './secrets.ts'

/** A token of the API, and who has it. */
export interface NamedToken {
  readonly name: string
  readonly token: string
}

/** Min characters of a token, so that it cannot be guessed. */
export const MIN_TOKEN = 16
const NO_TOKEN = `does not hold a token of at least ${MIN_TOKEN} printable characters`
const REMEDY = 'write a random one there: openssl rand -hex 32'
/** What pods say to each other they say with this one. */
const PODS = 'pods'
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** Whether it can be sent in a header, and is long enough. */
function isToken(token: string): boolean {
  return token.length >= MIN_TOKEN && token.length <= 512 && /^[\x21-\x7e]+$/.test(token)
}

/**
 * The tokens of a file with one token, of a file with lines `name: token`, or of a folder with a
 * file for each name. Throws like `readSecretFile`, or OCC_ADMIN_TOKEN; no message shows a token.
 *
 * @param key of the configuration @param alone the name of a token that has none
 */
export function readAdminTokens(path: string, key: string, alone: string): readonly NamedToken[] {
  const tokens = tokensIn(path, alone)
  if (typeof tokens !== 'string') return tokens
  throw new OccError('OCC_ADMIN_TOKEN', `${path} (${key}) ${tokens}: ${REMEDY}`)
}

/** What is wrong with them, as a clause and its remedy; null: nothing. Throws like `readSecretFile`. */
export function adminTokensProblem(path: string): { what: string; remedy: string } | null {
  const tokens = tokensIn(path, '')
  return typeof tokens === 'string' ? { what: tokens, remedy: REMEDY } : null
}

/** The only token there. Throws as `readAdminTokens`, also if there are several. */
export function readAdminToken(path: string): string {
  const [first, ...others] = readAdminTokens(path, 'a token', '')
  if (first !== undefined && others.length === 0) return first.token
  const text = `${path} holds ${others.length + 1} tokens: name a file that holds yours alone`
  throw new OccError('OCC_ADMIN_TOKEN', text)
}

/** The first token of a token file with this content; null: it holds none that can be used. */
export function firstAdminToken(content: string): string | null {
  const tokens = tokensInText(content.trim(), '')
  return typeof tokens === 'string' ? null : (tokens[0]?.token ?? null)
}

/** The token for requests to other pods. Throws as `readAdminTokens`. */
export function readPodsToken(path: string, key: string): string | null {
  const tokens = readAdminTokens(path, key, '')
  return (tokens.find(({ name }) => name === PODS) ?? tokens[0])?.token ?? null
}

/** A text says what is wrong. */
function tokensIn(path: string, alone: string): readonly NamedToken[] | string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  const tokens = isFolder ? tokensInFolder(path) : tokensInFile(path, alone)
  if (typeof tokens === 'string') return tokens
  if (tokens.length === 0) return NO_TOKEN
  if (new Set(tokens.map(({ name }) => name)).size < tokens.length) return 'has a name twice'
  const isShared = new Set(tokens.map(({ token }) => token)).size < tokens.length
  return isShared ? 'has the same token under two names' : tokens
}

function tokensInFolder(path: string): readonly NamedToken[] | string {
  // What begins with a dot are the folders of a mounted Secret.
  const names = readdirSync(path).filter((name) => !name.startsWith('.'))
  const tokens: NamedToken[] = []
  for (const name of names.sort()) {
    const token = readSecretFile(join(path, name)).trim()
    if (!NAME.test(name)) return `has the file ${name}, whose name is none for a token`
    if (!isToken(token)) return `has the file ${name}, which ${NO_TOKEN}`
    tokens.push({ name, token })
  }
  return tokens
}

function tokensInFile(path: string, alone: string): readonly NamedToken[] | string {
  return tokensInText(readSecretFile(path).trim(), alone)
}

function tokensInText(content: string, alone: string): readonly NamedToken[] | string {
  if (isToken(content)) return [{ name: alone, token: content }]
  const lines = content.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }))
  const written = lines.filter(({ line }) => line !== '' && !line.startsWith('#'))
  const tokens = written.map(({ line, number }) => {
    const [, name = '', token = ''] = /^(\S+):\s+(\S+)$/.exec(line) ?? []
    return { name, token, number }
  })
  const wrong = tokens.filter(({ name, token }) => !NAME.test(name) || !isToken(token))
  const [first] = wrong
  if (first === undefined) return tokens.map(({ name, token }) => ({ name, token }))
  if (wrong.length === tokens.length) return NO_TOKEN
  return `has in line ${first.number} no "name: token", with a token of at least ${MIN_TOKEN} printable characters`
}
