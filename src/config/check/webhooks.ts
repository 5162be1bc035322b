import type { Settings } from '../schema/index.ts'
import { type Finding, problem } from './relations.ts'

type Sink = Settings['sinks'][string]
type Webhook = Extract<Sink, { type: 'webhook' }>
type Complaint = readonly [key: keyof Webhook, message: string, remedy: string]

/** Keys of a webhook that need or exclude each other. Values of a URL are not shown: they may be secret. */
export function checkWebhook(section: string, sink: Webhook): Finding[] {
  const complaints = [...address(sink), ...ofTemplates(sink), ...signing(sink), ...safety(sink)]
  return complaints.map(([key, message, remedy]) =>
    problem([`${section}.${key}`, 'sinks'], undefined, message, remedy),
  )
}

/** Templates whose URL is known, and holds or comes with a token. */
const TOKENS: readonly unknown[] = ['telegram', 'pagerduty']
/** Templates whose URL is itself the secret. */
const SECRET_URLS: readonly unknown[] = ['slack', 'discord']

function address({ url, urlFile, template }: Webhook): Complaint[] {
  if (url !== undefined && urlFile !== undefined) {
    return [['url', 'stands beside urlFile', 'remove one of them']]
  }
  if (url !== undefined && SECRET_URLS.includes(template)) {
    const message = `lets anybody write to ${template} who reads it`
    return [['url', message, 'put it into a file, mounted from a Secret, and set urlFile']]
  }
  if (url !== undefined || urlFile !== undefined || TOKENS.includes(template)) return []
  return [['url', 'is missing', 'write the URL of the receiver, or the path of a file with it']]
}

function ofTemplates({ template, tokenFile, chat, batch, headersFile }: Webhook): Complaint[] {
  const found: Complaint[] = []
  if (TOKENS.includes(template) && tokenFile === undefined) {
    const what = template === 'telegram' ? 'the token of the bot' : 'the integration key'
    found.push(['tokenFile', 'is missing', `name a file with ${what}`])
  }
  if (!TOKENS.includes(template) && tokenFile !== undefined) {
    const remedy = 'put an Authorization header into headersFile, or remove it'
    found.push(['tokenFile', `is only for template ${TOKENS.join(' and ')}`, remedy])
  }
  if (template === 'telegram' && chat === undefined) {
    found.push(['chat', 'is missing', 'write the id of the chat, or @channel'])
  }
  if (template !== 'telegram' && chat !== undefined) {
    found.push(['chat', 'is only for template telegram', 'remove it'])
  }
  if (template !== undefined && batch.values > 1) {
    found.push(['batch', `is not for template ${template}: a message is one value`, 'remove it'])
  }
  if (template !== undefined && headersFile !== undefined) {
    found.push(['headersFile', `is not for template ${template}`, 'remove it'])
  }
  return found
}

function signing({ template, secretFile, signature }: Webhook): Complaint[] {
  if (secretFile === undefined) {
    if (signature === undefined) return []
    return [['secretFile', 'is missing: nothing could be signed', 'name a file with the key']]
  }
  if (template === undefined) return []
  return [['secretFile', `is not for template ${template}, which verifies nothing`, 'remove it']]
}

/** What is in `urlFile` is checked when it is read. */
function safety({ url, allowPrivate }: Webhook): Complaint[] {
  if (url === undefined || allowPrivate || !url.startsWith('http://')) return []
  const remedy =
    'write https://, or set allowPrivate: true for a receiver of your own network, such as a Service of the cluster'
  return [['url', 'is without TLS', remedy]]
}
