import type { Overview, PartitionOverview, PartitionWord } from '../../observe/overview/types.ts'
import { count, seconds } from './figures.ts'
import { type Html, html } from './html.ts'

/** Rows of the page: the worst. All are on the page of partitions. */
const MAX_ROWS = 12
/** Partitions of a topic whose cells are large. */
const FEW = 24
/** Ten heights, from nothing to four hours. */
const HEIGHTS = 10
const TALLEST_SECONDS = 4 * 3600

/** From bad to good. */
const WORST_FIRST: readonly PartitionWord[] = [
  'stalled',
  'growing',
  'held',
  'unknown',
  'behind',
  'ok',
  'not mine',
]

/** A cell for each partition, and rows for those that somebody should look at. */
export function partitionSection({ partitions }: Overview): Html {
  const worst = partitions
    .filter(({ facts }) => facts !== null)
    .toSorted((a, b) => rank(a) - rank(b) || (b.facts?.lag ?? 0) - (a.facts?.lag ?? 0))
  const rows = worst.slice(0, MAX_ROWS)
  const strips = Map.groupBy(partitions, ({ group, topic }) => titleOf(group, topic))
  return html`<section id="partitions" class="card" aria-labelledby="partitions-title">
<h2 id="partitions-title">Partitions</h2>
${partitions.length === 0 ? html`<p class="none">None is known yet.</p>` : null}
${legend(partitions)}
${[...strips].map(
  ([title, own]) => html`<div class="topic"><h3>${title} <small>${own.length}</small></h3>
<div class="strip${own.length <= FEW ? ' few' : ''}" aria-hidden="true">${own.map(cell)}</div></div>`,
)}
${rows.length === 0 ? null : table(rows, worst.length > rows.length ? 'Partitions of this pod that need most attention' : 'Partitions of this pod')}
<p class="more"><a href="/page/partitions">All partitions</a></p>
</section>`
}

/** The rows of all partitions. */
export function partitionTable({ partitions }: Overview): Html {
  return table(partitions, 'All partitions')
}

function legend(partitions: readonly PartitionOverview[]): Html {
  const counts = Map.groupBy(partitions, ({ word }) => word)
  const words = WORST_FIRST.flatMap((word) => {
    const number = counts.get(word)?.length ?? 0
    return number === 0
      ? []
      : [html`<li><span class="key ${classOf(word)}"></span>${number} ${word}</li>`]
  })
  return html`<ul class="legend">${words}</ul>`
}

function cell(each: PartitionOverview): Html {
  return html`<a tabindex="-1" href="${pathOf(each)}" class="${classOf(each.word)} h${heightOf(each)}" title="${describe(each)}"></a>`
}

function describe({ topic, partition, word, facts }: PartitionOverview): string {
  if (facts === null) return `${topic}/${partition}: ${word}`
  const { lag, lagSeconds } = facts
  return `${topic}/${partition}: ${word}, ${seconds(lagSeconds)} behind, ${count(lag)} records`
}

function table(partitions: readonly PartitionOverview[], caption: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">Partition</th><th scope="col">State</th><th scope="col" class="n">Behind</th><th scope="col" class="n">Lag</th><th scope="col" class="n">Until loss</th><th scope="col" class="n">Done in</th><th scope="col" class="n">Committed</th><th scope="col" class="n">End</th><th scope="col" class="n">In flight</th><th scope="col">Waits for</th></tr></thead>
<tbody>${partitions.map(row)}</tbody></table></div>`
}

function row(each: PartitionOverview): Html {
  const { group, topic, partition, word, facts } = each
  const head = html`<tr id="${idOf(each)}"><th scope="row"><a href="${pathOf(each)}">${titleOf(group, topic)}/${partition}</a></th><td>${wordKey(word)}${word}</td>`
  if (facts === null) {
    return html`${head}<td colspan="8" class="unknown">another pod of the group has it, or nobody</td></tr>`
  }
  const inFlight =
    facts.oldestInFlightSeconds === null
      ? count(facts.inFlight)
      : `${count(facts.inFlight)}, for ${seconds(facts.oldestInFlightSeconds)}`
  const cells = [
    seconds(facts.lagSeconds),
    count(facts.lag),
    seconds(facts.secondsUntilLoss),
    facts.lag === 0 ? '0 s' : seconds(facts.secondsToDrain),
    count(facts.committed),
    count(facts.end),
    inFlight,
  ]
  return html`${head}${cells.map((text) => html`<td class="n">${text}</td>`)}<td>${facts.problem ?? facts.pausedBy ?? ''}</td></tr>`
}

const rank = ({ word }: PartitionOverview) => WORST_FIRST.indexOf(word)
const classOf = (word: string) => `w-${word.replace(' ', '-')}`

/** A patch in the colour of the word. */
export const wordKey = (word: PartitionWord) => html`<span class="key ${classOf(word)}"></span>`

export const titleOf = (group: string | undefined, topic: string) =>
  group === undefined ? topic : `${group}: ${topic}`

/** The page of a partition. */
export const pathOf = ({ group, topic, partition }: PartitionOverview) =>
  `/page/partitions/${encodeURIComponent(topic)}/${partition}${group === undefined ? '' : `?group=${encodeURIComponent(group)}`}`

/** Names of groups may have any character. */
const idOf = ({ group, topic, partition }: PartitionOverview) =>
  encodeURIComponent(`p-${group === undefined ? '' : `${group}-`}${topic}-${partition}`)

function heightOf({ facts }: PartitionOverview): number {
  const behind = Math.min(facts?.lagSeconds ?? 0, TALLEST_SECONDS)
  return Math.round((HEIGHTS * Math.log1p(behind)) / Math.log1p(TALLEST_SECONDS))
}
