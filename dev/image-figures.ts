// Compares size, start-up time and resident memory of images, with and without the Kubernetes
// features. Runs each image's own node in a working copy of the image; needs buildah and root.
//
//   node dev/image-figures.ts [--rounds N] IMAGE...
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sleep } from '../src/kernel/lifecycle.ts'
import { createAuthority, issueServerCertificate } from './kafka/certificates.ts'
import { listeningPort } from './listening-port.ts'

interface Figures {
  /** Milliseconds from the start of the process. */
  readonly listening: number
  /** Milliseconds to the first request to the API server; null: none. */
  readonly asked: number | null
  /** MiB, 10 s after the start. */
  readonly resident: number
}

const { values, positionals: images } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help || images.length === 0) {
  console.log(`Usage: node dev/image-figures.ts [--rounds N] IMAGE...

Compares size, start-up time and resident memory of images, with and without the Kubernetes features.
Needs buildah and root.`)
  process.exit(values.help ? 0 : 2)
}
const buildah = (...args: readonly string[]) =>
  execFileSync('buildah', args, { encoding: 'utf8' }).trim()

const authority = await createAuthority('figures')
const server = await startApiServer()
const copies = images.map((image) => {
  const container = buildah('from', '--pull-never', image)
  const folder = buildah('mount', container)
  const account = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount')
  mkdirSync(account, { recursive: true })
  writeFileSync(join(account, 'token'), 'token')
  writeFileSync(join(account, 'ca.crt'), authority.certificate)
  return { image, container, folder }
})
try {
  const rows = new Map<string, Figures[]>()
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { image, folder } of copies) {
      for (const inCluster of [false, true]) {
        const name = `${image}, kubernetes ${inCluster ? 'on' : 'off'}`
        rows.set(name, [...(rows.get(name) ?? []), await measure(image, folder, inCluster)])
      }
    }
  }
  for (const { image } of copies) {
    console.log(`${image}: ${buildah('images', '--format', '{{.Size}}', image)}`)
  }
  console.log(
    `medians of ${values.rounds}: listens after, first asks the API server after, resident`,
  )
  for (const [name, figures] of rows) {
    const asked = median(figures.map(({ asked }) => asked ?? 0))
    console.log(
      `${name}: ${median(figures.map(({ listening }) => listening))} ms, ${asked === 0 ? '-' : `${asked} ms`}, ${median(figures.map(({ resident }) => resident))} MiB`,
    )
  }
} finally {
  for (const { container } of copies) buildah('rm', container)
  server.close()
}

/** An API server without any Leases or Events. */
async function startApiServer() {
  const pair = await issueServerCertificate({
    ca: authority,
    commonName: 'localhost',
    sans: ['127.0.0.1'],
  })
  let asked: (() => void) | null = null
  const answering = createServer(
    { cert: pair.certificate, key: pair.key },
    async (request, response) => {
      asked?.()
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      response.writeHead(request.method === 'GET' ? 404 : 201, {
        'content-type': 'application/json',
      })
      response.end(request.method === 'GET' ? '{"message":"none yet"}' : body)
    },
  )
  await once(answering.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (answering.address() as AddressInfo).port,
    onRequest(call: (() => void) | null) {
      asked = call
    },
    close: () => answering.close(),
  }
}

async function measure(image: string, folder: string, inCluster: boolean): Promise<Figures> {
  const { OCIv1 } = JSON.parse(buildah('inspect', '--type', 'image', image))
  const [program = 'node', ...args]: string[] = OCIv1.config.Entrypoint
  const env = {
    PATH: '/usr/local/bin',
    NODE_ENV: 'production',
    KAFKA_TOPICS: 'any',
    KAFKA_GROUP_ID: 'any',
    // Nothing listens there.
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    HTTP_PORT: '0',
    POD_NAME: 'figures',
    POD_NAMESPACE: 'figures',
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(server.port),
    OCC_KUBERNETES_DELETION_COST_ENABLED: String(inCluster),
    OCC_KUBERNETES_PARTITION_SYNC_ENABLED: String(inCluster),
    OCC_KUBERNETES_PARTITION_SYNC_NAME: 'figures',
  }
  const began = performance.now()
  let asked: number | null = null
  server.onRequest(() => {
    asked ??= Math.round(performance.now() - began)
  })
  const child = spawn('/usr/sbin/chroot', [folder, `/usr/local/bin/${program}`, ...args, 'run'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await listeningPort(child.stdout)
    const listening = Math.round(performance.now() - began)
    await sleep(10_000 - listening)
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    const resident = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
    return { listening, asked, resident }
  } finally {
    server.onRequest(null)
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
