// npm run pictures: the status page and the dashboard in all states of a real service; see --help.
import { join } from 'node:path'
import { describeFlags, parseFlags } from '../../src/cli/arguments.ts'
import { createUndoStack, sleep } from '../../src/kernel/lifecycle.ts'
import { startChromium } from '../browser/chromium.ts'
import { runDevCommand } from '../command.ts'
import { prometheusProgram } from '../prometheus.ts'
import { root } from '../tools.ts'
import { createAlbum } from './album.ts'
import { complaints, empty } from './dashboard/complaints.ts'
import { readDashboard } from './dashboard/read.ts'
import { SCRAPE_INTERVAL, startPrometheus } from './prometheus.ts'
import { createScene } from './scene.ts'
import { playStates } from './states.ts'

const flags = {
  folder: { value: 'PATH', about: 'folder of all pictures (default .cache/pictures)' },
  docs: { value: 'PATH', about: 'folder of those in the documentation (default docs/images)' },
} as const

/** Milliseconds at the end, for one pod without the other. */
const ALONE = 30_000

await runDevCommand({
  name: 'pictures',
  call: 'npm run pictures --',
  usage: `Usage: npm run pictures -- [flags]

Takes pictures of the status page in each of its states, and of the chart's dashboard after that. A
Kafka, a stream, two pods of the service and a Prometheus that scrapes them run for about 7 minutes.
There is no Grafana in this: the queries of each panel are drawn in its manner.
The exit code is 1 if Prometheus refuses a query, or if a panel never has data.

${describeFlags(flags)}`,
  async run(args, io) {
    const { folder = join(root, '.cache/pictures'), docs = join(root, 'docs/images') } = parseFlags(
      args,
      flags,
    )
    const say = (text: string) => io.stdout.write(`${text}\n`)
    const program = prometheusProgram('prometheus')
    const undo = createUndoStack()
    try {
      const browser = await startChromium()
      undo.push('browser', () => browser.close())
      const album = createAlbum(browser, folder, docs)
      const scene = await createScene(undo)
      const [first, second] = scene.pods
      const prometheus = await startPrometheus(
        program,
        scene.pods.map(({ name, url }) => ({ url, labels: { namespace: 'chain', pod: name } })),
        join(scene.folder, 'prometheus'),
        undo,
      )
      const start = Math.ceil(Date.now() / 1000)
      await playStates(scene, say, ({ name }) => album.state(name, `${first.url}/`))
      await second.end()
      await sleep(ALONE)
      const end = Math.floor(Date.now() / 1000) - SCRAPE_INTERVAL
      const range = { start, end, step: SCRAPE_INTERVAL }
      const dashboard = await readDashboard(prometheus, range)
      await album.finish(dashboard, range)
      for (const line of empty(dashboard)) say(line)
      const wrong = complaints(dashboard)
      for (const line of wrong) io.stderr.write(`${line}\n`)
      say(`All pictures are in ${folder}, those of the documentation in ${docs}.`)
      return wrong.length === 0 ? 0 : 1
    } finally {
      for (const { name, error } of await undo.run()) io.stderr.write(`${name}: ${String(error)}\n`)
    }
  },
})
