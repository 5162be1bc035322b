import { messageOf } from '../../kernel/errors.ts'
import { adminTokensProblem } from '../admin-tokens.ts'
import type { Settings } from '../schema/index.ts'
import { readSecretFile, strange, unreadableRemedy } from '../secrets.ts'
import { checkPem } from './pem.ts'
import { showValue } from './problems.ts'
import { type Finding, problem, warning } from './relations.ts'

/** The settings of one cluster, and the section that contains them. */
interface Cluster extends Pick<Settings['kafka'], 'securityProtocol' | 'sasl' | 'tls'> {
  readonly section: string
}

/** Credentials and certificates: present, readable, and matching the protocol. */
export function checkSecurity(settings: Settings, now: Date): readonly Finding[] {
  const { kafka, deadLetters, offsets, parked, sinks, admin } = settings
  const other = deadLetters.target === 'kafka' && deadLetters.kafka.brokers !== undefined
  return [
    ...checkCluster({ ...kafka, section: 'kafka' }, now),
    ...checkGroup(kafka),
    ...(other ? checkCluster({ ...deadLetters.kafka, section: 'deadLetters.kafka' }, now) : []),
    ...Object.entries(sinks).flatMap(([name, sink]) => checkSink(sink, `sinks.${name}`, now)),
    ...(deadLetters.target === 'postgres' ? checkPostgres(deadLetters.postgres) : []),
    ...(offsets.store === 'postgres' || offsets.record.every > 0
      ? secretsOf('offsets.postgres', offsets.postgres)
      : []),
    ...(parked.store === 'postgres' ? secretsOf('parked.postgres', parked.postgres) : []),
    ...checkAdmin(admin),
  ]
}

function checkCluster(cluster: Cluster, now: Date): Finding[] {
  const { securityProtocol: protocol } = cluster
  return [
    ...(protocol.startsWith('SASL') ? checkSasl(cluster) : unusedSasl(cluster)),
    ...(protocol.endsWith('SSL') ? checkTls(cluster, now) : unusedTls(cluster)),
  ]
}

/** The files of a section that are named by keys ending in `File`. */
function secretsOf(section: string, keys: object): Finding[] {
  const findings: Finding[] = []
  for (const [key, value] of Object.entries(keys)) {
    if (key.endsWith('File')) secret(`${section}.${key}`, value, findings)
  }
  return findings
}

/** Checks the own cluster of a sink, and the files that it reads secrets from. */
function checkSink(sink: Settings['sinks'][string], section: string, now: Date): Finding[] {
  const findings = secretsOf(section, sink)
  if (!('sasl' in sink) || sink.brokers === undefined) return findings
  return [...findings, ...checkCluster({ ...sink, section }, now)]
}

function checkPostgres(postgres: Settings['deadLetters']['postgres']): Finding[] {
  const findings = secretsOf('deadLetters.postgres', postgres)
  if (postgres.urlFile !== undefined) return findings
  const about = ['deadLetters.postgres.urlFile', 'deadLetters.target']
  const message = 'is missing, and deadLetters.target is postgres'
  return [problem(about, undefined, message, 'name the file that holds the URL'), ...findings]
}

/** A token that can be guessed protects nothing. */
function checkAdmin({ tokenFile, readTokenFile }: Settings['admin']): Finding[] {
  return [
    ...checkToken('admin.tokenFile', tokenFile),
    ...checkToken('admin.readTokenFile', readTokenFile),
  ]
}

function checkToken(key: string, path: string | undefined): Finding[] {
  if (path === undefined) return []
  const found = read(path, adminTokensProblem)
  if ('unreadable' in found) return [unreadable(key, path, found.unreadable)]
  if (found.value === null) return []
  const { what, remedy } = found.value
  return [problem([key], showValue(key, path), `names a file that ${what}`, remedy)]
}

function checkSasl({ sasl, securityProtocol, section }: Cluster): Finding[] {
  const findings: Finding[] = []
  const protocolKey = `${section}.securityProtocol`
  // Only one cluster can have the conventional environment names.
  const or = (name: string) => (section === 'kafka' ? `, or ${name},` : '')
  const missing = (name: string, remedy: string) =>
    findings.push(
      problem(
        [`${section}.sasl.${name}`, protocolKey],
        undefined,
        `is missing, and ${protocolKey} is ${securityProtocol}`,
        remedy,
      ),
    )
  if (sasl.mechanism === undefined) {
    missing(
      'mechanism',
      `set it${or('KAFKA_SASL_MECHANISM')} to PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512`,
    )
  }
  if (sasl.username === undefined && sasl.usernameFile === undefined) {
    const variable = section === 'kafka' ? ', KAFKA_SASL_USERNAME,' : ''
    missing('username', `set it${variable} or ${section}.sasl.usernameFile`)
  }
  if (sasl.passwordFile === undefined) {
    missing('passwordFile', `set it${or('KAFKA_SASL_PASSWORD_FILE')} to a file with the password`)
  }
  if (sasl.username !== undefined && sasl.usernameFile !== undefined) {
    const about = [`${section}.sasl.usernameFile`, `${section}.sasl.username`]
    const shown = JSON.stringify(sasl.usernameFile)
    const message = `is set together with ${section}.sasl.username`
    findings.push(problem(about, shown, message, 'remove one of them'))
  }
  credential(`${section}.sasl.passwordFile`, sasl.passwordFile, findings)
  const username =
    sasl.username ?? credential(`${section}.sasl.usernameFile`, sasl.usernameFile, findings)
  // SCRAM allows only ASCII in user names, unlike passwords: ScramMessages of kafka-clients.
  if (sasl.mechanism?.startsWith('SCRAM') && /[\u0080-\uffff]/.test(username ?? '')) {
    const about = ['username', 'usernameFile'].map((name) => `${section}.sasl.${name}`)
    const message = `has non-ASCII characters, which Apache Kafka refuses with ${sasl.mechanism}`
    const remedy = 'use a user name in ASCII, or the mechanism PLAIN'
    findings.push(warning(about, undefined, message, remedy))
  }
  return findings
}

/** Some providers require the group to begin with the user name. */
function checkGroup({ sasl, securityProtocol, groupId }: Settings['kafka']): Finding[] {
  const findings: Finding[] = []
  if (!securityProtocol.startsWith('SASL')) return findings
  const username = sasl.username ?? secret('kafka.sasl.usernameFile', sasl.usernameFile, [])
  if (username !== undefined && !groupId.startsWith(username)) {
    const shown = sasl.username === undefined ? '' : ` (${username})`
    const about = ['kafka.groupId', 'kafka.sasl.username', 'kafka.sasl.usernameFile']
    findings.push(
      warning(
        about,
        JSON.stringify(groupId),
        `does not begin with the SASL user name${shown}, and some providers refuse such a group`,
        sasl.username === undefined
          ? 'begin the group name with the user name, unless your brokers allow any name'
          : `name it ${username}-${groupId}, unless your brokers allow any name`,
      ),
    )
  }
  return findings
}

function checkTls({ tls, section }: Cluster, now: Date): Finding[] {
  const findings: Finding[] = []
  const prefix = `${section}.tls`
  if (tls.certificateFile !== undefined && tls.keyFile === undefined) {
    const message = `is missing, and ${prefix}.certificateFile is set`
    findings.push(problem([`${prefix}.keyFile`], undefined, message, 'name the private key'))
  }
  if (tls.keyFile !== undefined && tls.certificateFile === undefined) {
    const message = `is missing, and ${prefix}.keyFile is set`
    const remedy = 'name the client certificate'
    findings.push(problem([`${prefix}.certificateFile`], undefined, message, remedy))
  }
  credential(`${prefix}.keyPassphraseFile`, tls.keyPassphraseFile, findings)
  const { problems, warnings } = checkPem(tls, now, prefix)
  for (const one of problems) findings.push({ ...one, severity: 'problem', about: [one.key] })
  for (const one of warnings) findings.push({ ...one, severity: 'warning', about: [one.key] })
  return findings
}

/** A secret that is used unchanged: warns of content that may be unintended. */
export function credential(
  key: string,
  path: string | undefined,
  findings: Finding[],
): string | undefined {
  const found = secret(key, path, findings)
  const problem = found === undefined ? null : strange(found)
  if (problem !== null) {
    const message = `names a file whose content ${problem}, which is part of the secret`
    findings.push(warning([key], showValue(key, path), message, 'remove it, unless it is intended'))
  }
  return found
}

/** The content, if it can be read. Problems go to the findings, the content never does. */
export function secret(
  key: string,
  path: string | undefined,
  findings: Finding[],
): string | undefined {
  if (path === undefined) return undefined
  const found = read(path, readSecretFile)
  if ('value' in found) return found.value
  findings.push(unreadable(key, path, found.unreadable))
  return undefined
}

function read<T>(path: string, reading: (path: string) => T) {
  try {
    return { value: reading(path) }
  } catch (error) {
    return { unreadable: error }
  }
}

function unreadable(key: string, path: string, error: unknown): Finding {
  const message = messageOf(error).replace(`${path} `, '')
  const usual = 'write a path, not the secret itself, and mount the Secret there'
  return problem([key], showValue(key, path), message, unreadableRemedy(error, usual))
}

function unusedSasl({ sasl, ...cluster }: Cluster): Finding[] {
  return unused('sasl', { ...sasl }, cluster, 'SASL_SSL or SASL_PLAINTEXT')
}

function unusedTls({ tls, ...cluster }: Cluster): Finding[] {
  return unused('tls', { ...tls, verify: undefined }, cluster, 'SSL or SASL_SSL')
}

function unused(
  name: 'sasl' | 'tls',
  values: Readonly<Record<string, string | undefined>>,
  { section, securityProtocol }: Pick<Cluster, 'section' | 'securityProtocol'>,
  instead: string,
): Finding[] {
  const names = Object.keys(values).filter((each) => values[each] !== undefined)
  if (names.length === 0) return []
  const keys = names.map((each) => `${section}.${name}.${each}`)
  const message = `is ${securityProtocol}, so ${keys.join(', ')} ${keys.length === 1 ? 'has' : 'have'} no effect`
  const about = [`${section}.securityProtocol`]
  return [warning(about, JSON.stringify(securityProtocol), message, `set it to ${instead}`)]
}
