import type { Settings } from '../schema/index.ts'
import { type Finding, problem, warning } from './relations.ts'
import { credential, secret } from './security.ts'

const SECTION = 'decode.registry'

/** The schema registry: its credentials are complete, readable, and sent to an address. */
export function checkRegistry({ decode: { registry } }: Settings): readonly Finding[] {
  const { url, caFile, username, usernameFile, passwordFile, tokenFile } = registry
  const findings: Finding[] = []
  const found = (key: string, message: string, remedy: string) =>
    findings.push(problem([`${SECTION}.${key}`], undefined, message, remedy))
  const given = { caFile, username, usernameFile, passwordFile, tokenFile }
  if (url === undefined) {
    for (const [key, value] of Object.entries(given)) {
      if (value !== undefined) found(key, `needs ${SECTION}.url`, 'set the URL, or remove this key')
    }
    return findings
  }
  const name = username ?? usernameFile
  if (username !== undefined && usernameFile !== undefined) {
    found('usernameFile', `is set together with ${SECTION}.username`, 'remove one of them')
  }
  if (name !== undefined && passwordFile === undefined) {
    found('passwordFile', 'is missing, and there is a user name', 'name the file of the password')
  }
  if (name === undefined && passwordFile !== undefined) {
    found('username', 'is missing, and there is a password', `set it, or ${SECTION}.usernameFile`)
  }
  if (tokenFile !== undefined && passwordFile !== undefined) {
    found('tokenFile', `is set together with ${SECTION}.passwordFile`, 'remove one of them')
  }
  if (url.startsWith('http:') && (tokenFile ?? passwordFile) !== undefined) {
    const message = 'sends the credentials unencrypted'
    findings.push(warning([`${SECTION}.url`], JSON.stringify(url), message, 'write https://'))
  }
  secret(`${SECTION}.caFile`, caFile, findings)
  for (const key of ['usernameFile', 'passwordFile', 'tokenFile'] as const) {
    credential(`${SECTION}.${key}`, registry[key], findings)
  }
  return findings
}
