import { messageOf } from '../kernel/errors.ts'
import { type Finding, problem, warning } from './check-relations.ts'
import { checkPem } from './pem.ts'
import { showValue } from './problems.ts'
import type { Settings } from './schema.ts'
import { readSecretFile } from './secrets.ts'

const PROTOCOL = 'kafka.securityProtocol'

/** Credentials and certificates: all there, readable, and fitting the protocol. */
export function checkSecurity({ kafka }: Settings, now: Date): readonly Finding[] {
  return [
    ...(kafka.securityProtocol.startsWith('SASL') ? checkSasl(kafka) : unusedSasl(kafka)),
    ...(kafka.securityProtocol.endsWith('SSL') ? checkTls(kafka.tls, now) : unusedTls(kafka)),
  ]
}

type Kafka = Settings['kafka']

function checkSasl({ sasl, securityProtocol, groupId }: Kafka): Finding[] {
  const findings: Finding[] = []
  const missing = (name: string, remedy: string) =>
    findings.push(
      problem(
        [`kafka.sasl.${name}`, PROTOCOL],
        undefined,
        `is missing, and ${PROTOCOL} is ${securityProtocol}`,
        remedy,
      ),
    )
  if (sasl.mechanism === undefined) {
    missing(
      'mechanism',
      'set it, or KAFKA_SASL_MECHANISM, to PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
    )
  }
  if (sasl.username === undefined && sasl.usernameFile === undefined) {
    missing('username', 'set it, KAFKA_SASL_USERNAME, or kafka.sasl.usernameFile')
  }
  if (sasl.passwordFile === undefined) {
    missing('passwordFile', 'set it, or KAFKA_SASL_PASSWORD_FILE, to a file with the password')
  }
  if (sasl.username !== undefined && sasl.usernameFile !== undefined) {
    const about = ['kafka.sasl.usernameFile', 'kafka.sasl.username']
    const shown = JSON.stringify(sasl.usernameFile)
    findings.push(problem(about, shown, 'stands beside kafka.sasl.username', 'remove one of them'))
  }
  secret('kafka.sasl.passwordFile', sasl.passwordFile, findings)
  const inFile = secret('kafka.sasl.usernameFile', sasl.usernameFile, findings)
  const username = sasl.username ?? inFile
  if (username !== undefined && !groupId.startsWith(username)) {
    const shown = sasl.username === undefined ? '' : ` (${username})`
    const about = ['kafka.groupId', 'kafka.sasl.username', 'kafka.sasl.usernameFile']
    findings.push(
      warning(
        about,
        JSON.stringify(groupId),
        `does not begin with the SASL user name${shown}, and some providers refuse such a group`,
        sasl.username === undefined
          ? 'begin the group with the user name, unless your brokers allow any'
          : `name it ${username}-${groupId}, unless your brokers allow any`,
      ),
    )
  }
  return findings
}

function checkTls(tls: Kafka['tls'], now: Date): Finding[] {
  const findings: Finding[] = []
  if (tls.certificateFile !== undefined && tls.keyFile === undefined) {
    const message = 'is missing beside kafka.tls.certificateFile'
    findings.push(problem(['kafka.tls.keyFile'], undefined, message, 'name the private key'))
  }
  if (tls.keyFile !== undefined && tls.certificateFile === undefined) {
    const message = 'is missing beside kafka.tls.keyFile'
    const remedy = 'name the client certificate'
    findings.push(problem(['kafka.tls.certificateFile'], undefined, message, remedy))
  }
  secret('kafka.tls.keyPassphraseFile', tls.keyPassphraseFile, findings)
  const { problems, warnings } = checkPem(tls, now)
  for (const one of problems) findings.push({ ...one, severity: 'problem', about: [one.key] })
  for (const one of warnings) findings.push({ ...one, severity: 'warning', about: [one.key] })
  return findings
}

/** The content, when it can be read; what is wrong goes to the findings, the content never. */
function secret(key: string, path: string | undefined, findings: Finding[]): string | undefined {
  if (path === undefined) return undefined
  try {
    return readSecretFile(path)
  } catch (error) {
    const message = messageOf(error).replace(`${path} `, '')
    const remedy = 'write a path, not the secret itself, and mount the Secret there'
    findings.push(problem([key], showValue(key, path), message, remedy))
    return undefined
  }
}

function unusedSasl({ sasl, securityProtocol }: Kafka): Finding[] {
  return unused('sasl', { ...sasl }, securityProtocol, 'SASL_SSL or SASL_PLAINTEXT')
}

function unusedTls({ tls, securityProtocol }: Kafka): Finding[] {
  return unused('tls', { ...tls, verify: undefined }, securityProtocol, 'SSL or SASL_SSL')
}

function unused(
  section: 'sasl' | 'tls',
  values: Readonly<Record<string, string | undefined>>,
  protocol: string,
  instead: string,
): Finding[] {
  const names = Object.keys(values).filter((name) => values[name] !== undefined)
  if (names.length === 0) return []
  const keys = names.map((name) => `kafka.${section}.${name}`)
  const message = `is ${protocol}, so ${keys.join(', ')} ${keys.length === 1 ? 'has' : 'have'} no effect`
  return [warning([PROTOCOL], JSON.stringify(protocol), message, `set it to ${instead}`)]
}
