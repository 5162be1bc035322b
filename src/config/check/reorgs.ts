import type { Settings } from '../schema/index.ts'
import { type Finding, problem } from './relations.ts'

type Sink = Settings['sinks'][string]
type Postgres = Extract<Sink, { type: 'postgres' }>

/** What is needed to know of superseded blocks, and to find their rows. */
export function checkReorgs(settings: Settings): readonly Finding[] {
  const { sinks } = settings
  return [
    ...checkThreads(settings),
    ...Object.entries(sinks).flatMap(([name, sink]) =>
      sink.type !== 'postgres' || sink.onReorg === 'keep'
        ? []
        : [
            ...checkEvents(settings, name, sink),
            ...checkColumns(`sinks.${name}`, sink),
            ...checkHandlers(settings, name, sink),
          ],
    ),
  ]
}

/** The column of a user's table with the hash of the block. */
export function blockHashColumn(columns: NonNullable<Postgres['columns']>): string | undefined {
  const found = Object.entries(columns).find(([name, { from = name }]) => from === 'block.hash')
  return found?.[0]
}

/** Each thread would see a part of the blocks. */
function checkThreads({ decode, processing }: Settings): readonly Finding[] {
  if (!decode.protobuf.reorgs || processing.workers === 0) return []
  return [
    problem(
      ['decode.protobuf.reorgs', 'processing.workers'],
      'true',
      `needs one thread that sees all blocks, and processing.workers = ${processing.workers}`,
      'write processing.workers: 0, or turn one of them off',
    ),
  ]
}

function checkEvents({ decode }: Settings, name: string, { onReorg }: Postgres) {
  if (decode.protobuf.reorgs) return []
  const about = [`sinks.${name}.onReorg`, 'decode.protobuf.reorgs', 'sinks']
  const message = 'needs events of reorgs, and decode.protobuf.reorgs is false'
  return [problem(about, onReorg, message, 'write decode.protobuf.reorgs: true')]
}

function checkColumns(section: string, { events, columns, key = [], onReorg }: Postgres) {
  if (events !== undefined || columns === undefined) return []
  const about = (name: string) => [`${section}.${name}`, 'sinks']
  const hash = blockHashColumn(columns)
  if (hash === undefined) {
    const message = 'has no column from block.hash: nothing says which rows are of a block'
    return [problem(about('columns'), onReorg, message, 'add one: {block: block.hash}')]
  }
  if (Object.hasOwn(columns, 'superseded_by')) {
    const message = 'is the column of the mark, which onReorg writes'
    return [problem(about('columns'), 'superseded_by', message, 'remove it from columns')]
  }
  if (key.length === 0 || key.includes(hash)) return []
  const message = `lacks ${hash}, the column of the block: a row of a superseded block would stand in the way of the same event in the new one`
  return [problem(about('key'), key.join(', '), message, `add ${hash}, also to the unique index`)]
}

/** Without code. Code emits the events of reorgs itself, or not. */
function checkHandlers({ handlers, filter }: Settings, name: string, { onReorg }: Postgres) {
  return handlers.flatMap(({ sink, each, filter: own }, index) => {
    if (sink !== name) return []
    const place = `handlers[${index}]`
    const about = (key: string) => [key, `sinks.${name}.onReorg`, 'handlers', 'sinks']
    if (each === 'message') {
      const message = `gives ${name} no events, and with onReorg: ${onReorg} it needs those of reorgs`
      return [problem(about(`${place}.each`), each, message, 'write each: event')]
    }
    return [
      { key: 'filter.kinds', kinds: filter.kinds },
      { key: `${place}.filter.kinds`, kinds: own?.kinds },
    ].flatMap(({ key, kinds }) => {
      if (kinds === undefined || kinds.includes('reorg')) return []
      const message = `leaves out reorg, which ${name} needs with onReorg: ${onReorg}`
      return [problem(about(key), kinds.join(', '), message, 'add reorg')]
    })
  })
}
