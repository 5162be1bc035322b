import type {
  Overview,
  PartitionFacts,
  PartitionOverview,
  PartitionWord,
} from '../../observe/overview/types.ts'
import { count, records, seconds } from './figures.ts'
import { type Html, html, reasonCell } from './html.ts'
import {
  ageText,
  doneIn,
  heightOf,
  lastSaid,
  type Shown,
  shownOf,
  titleOf,
  WORST_FIRST,
  waitsFor,
  worstOf,
} from './shown-partitions.ts'

/** Rows of the page: the worst. All are on the page of partitions. */
const MAX_ROWS = 12
/** Partitions of a topic whose cells are large. */
const FEW = 24
/** Of cells. */
const HEIGHTS = 10

/** A cell for each partition, and rows for those that somebody should look at. */
export function partitionSection(overview: Overview): Html {
  const partitions = overview.partitions.map(shownOf)
  const worst = worstOf(partitions)
  const rows = worst.slice(0, MAX_ROWS)
  const strips = Map.groupBy(partitions, ({ each }) => titleOf(each.group, each.topic))
  return html`<section id="partitions" class="card" aria-labelledby="partitions-title">
<h2 id="partitions-title">Partitions</h2>
${partitions.length === 0 ? html`<p class="none">None is known yet.</p>` : null}
${legend(partitions)}
<div class="topics">${[...strips].map(([title, own]) => {
    const few = own.length <= FEW ? ' few' : ''
    return html`<div class="topic${few}"><h3>${title} <small>${own.length}</small></h3>
<div class="strip${few}" aria-hidden="true">${own.map(cell)}</div></div>`
  })}</div>
${rows.length === 0 ? null : table(rows, captionOf(overview, worst.length > rows.length))}
<p class="more"><a href="/page/partitions">All partitions</a></p>
</section>`
}

/** The rows of all partitions. */
export function partitionTable({ partitions }: Overview): Html {
  return table(partitions.map(shownOf), 'All partitions')
}

function captionOf({ pods }: Overview, isCut: boolean): string {
  const whose = pods.length === 0 ? 'Partitions of this pod' : 'Partitions of all pods'
  return isCut ? `${whose} that need most attention` : whose
}

function legend(partitions: readonly Shown[]): Html {
  const counts = Map.groupBy(partitions, ({ word }) => word)
  const words = WORST_FIRST.flatMap((word) => {
    const number = counts.get(word)?.length ?? 0
    return number === 0
      ? []
      : [html`<li><span class="key ${classOf(word)}"></span>${number} ${word}</li>`]
  })
  return html`<ul class="legend">${words}</ul>`
}

function cell(shown: Shown): Html {
  return html`<a tabindex="-1" href="${pathOf(shown.each)}" class="${classOf(shown.word)} h${Math.round(HEIGHTS * heightOf(shown))}" title="${describe(shown)}"></a>`
}

function describe({ each, word, facts }: Shown): string {
  const { topic, partition, told } = each
  const name = `${topic}/${partition}: ${word}`
  if (facts === null) return told === undefined ? name : `${name}; ${lastSaid(told)}`
  const { lag, lagSeconds } = facts
  const owner = told === undefined ? '' : `, in ${told.pod}`
  return `${name}, ${seconds(lagSeconds)} behind, ${records(lag)}${ageText(facts)}${owner}`
}

function table(partitions: readonly Shown[], caption: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">Partition</th><th scope="col">State</th><th scope="col" class="n">Behind</th><th scope="col" class="n">Lag</th><th scope="col" class="n">Until loss</th><th scope="col" class="n">Done in</th><th scope="col" class="n">Committed</th><th scope="col" class="n">End</th><th scope="col" class="n">In flight</th><th scope="col">Pod</th><th scope="col">Waits for</th></tr></thead>
<tbody>${partitions.map(row)}</tbody></table></div>`
}

function row({ each, word, facts }: Shown): Html {
  const { group, topic, partition, told } = each
  const head = html`<tr id="${idOf(each)}"><th scope="row"><a href="${pathOf(each)}">${titleOf(group, topic)}/${partition}</a></th><td>${wordKey(word)}${word}</td>`
  if (facts === null) {
    const known = told === undefined ? 'another pod of the group has it, or nobody' : lastSaid(told)
    return html`${head}<td colspan="9" class="unknown">${known}</td></tr>`
  }
  const cells: ReadonlyArray<readonly [text: string, isOld?: boolean]> = [
    [seconds(facts.lagSeconds), !facts.isCurrent],
    [`${count(facts.lag)}${ageText(facts)}`, !facts.isCurrent],
    [seconds(facts.secondsUntilLoss)],
    [doneIn(facts)],
    [count(facts.committed)],
    [count(facts.end), !facts.isCurrent],
    [inFlightText(facts)],
  ]
  return html`${head}${cells.map(([text, isOld = false]) => html`<td class="n${isOld ? ' unknown' : ''}">${text}</td>`)}<td>${told?.pod ?? 'this one'}</td>${reasonCell(waitsFor(facts))}</tr>`
}

/** Of records that were taken, none may be with a handler: the oldest may wait, for a retry or its turn. */
function inFlightText({ inFlight, oldestInFlightSeconds: oldest }: PartitionFacts): string {
  if (oldest === null) return count(inFlight)
  return `${count(inFlight)}, ${inFlight === 0 ? 'one waits' : 'for'} ${seconds(oldest)}`
}

const classOf = (word: PartitionWord) => (word === 'not mine' ? 'w-not-mine' : `w-${word}`)

/** A patch in the colour of the word. */
export const wordKey = (word: PartitionWord) => html`<span class="key ${classOf(word)}"></span>`

/** The page of a partition. */
export const pathOf = ({ group, topic, partition }: PartitionOverview) =>
  `/page/partitions/${inPath(topic)}/${partition}${group === undefined ? '' : `?group=${encodeURIComponent(group)}`}`

/** Names of topics have nothing else. */
const inPath = (topic: string) => (/^[\w.-]+$/.test(topic) ? topic : encodeURIComponent(topic))

/** Names of groups may have any character. */
const idOf = ({ group, topic, partition }: PartitionOverview) =>
  encodeURIComponent(`p-${group === undefined ? '' : `${group}-`}${topic}-${partition}`)
