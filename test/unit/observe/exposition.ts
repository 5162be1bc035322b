/** One sample of the Prometheus text format. */
export interface ExposedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly ExposedSample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/
const VALUE = /^(?:[+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

/**
 * A strict reader of text exposition format 0.0.4: throws where Prometheus would refuse the scrape
 * (a repeated series, a repeated family, a sample outside its family, a bad value).
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end with a line feed')
  const families = new Map<string, Family & { samples: ExposedSample[] }>()
  const series = new Set<string>()
  let help: { name: string; help: string } | undefined
  let family: (Family & { samples: ExposedSample[] }) | undefined
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      help = { name, help: rest }
    } else if (keyword === 'TYPE') {
      if (help?.name !== name) throw new Error(`TYPE without its HELP: ${line}`)
      if (families.has(name)) throw new Error(`family twice: ${name}`)
      if (!NAME.test(name)) throw new Error(`bad name: ${name}`)
      if (!/^(?:counter|gauge|histogram)$/.test(rest)) throw new Error(`bad type: ${line}`)
      family = { name, help: help.help, type: rest, samples: [] }
      families.set(name, family)
    } else {
      const sample = parseSample(line)
      if (family === undefined || !belongs(sample.name, family)) throw new Error(`stray: ${line}`)
      const id = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
      if (series.has(id)) throw new Error(`series twice: ${line}`)
      series.add(id)
      family.samples.push(sample)
    }
  }
  return families
}

function parseSample(line: string): ExposedSample {
  const [, name = '', , inner = '', value = ''] =
    /^([^\s{]+)(\{(.*)\})? (\S+)$/.exec(line) ?? fail(`not a sample: ${line}`)
  if (!VALUE.test(value)) fail(`bad value: ${line}`)
  const labels: Record<string, string> = {}
  for (let rest = inner; rest !== ''; ) {
    const [whole, label = '', text = ''] = LABEL.exec(rest) ?? fail(`bad labels: ${line}`)
    if (label in labels) fail(`label twice: ${line}`)
    labels[label] = text.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(whole.length)
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function belongs(sample: string, { name, type }: Family): boolean {
  if (type !== 'histogram') return sample === name
  return ['_bucket', '_sum', '_count'].some((suffix) => sample === `${name}${suffix}`)
}

function fail(text: string): never {
  throw new Error(text)
}
