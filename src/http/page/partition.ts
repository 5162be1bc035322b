import { oldestRecordText } from '../../kernel/shapes/oldest-record.ts'
import type { PauseReport } from '../../kernel/shapes/pause-report.ts'
import type { Overview, PartitionFacts, PartitionOverview } from '../../observe/overview/types.ts'
import { count, moment, seconds, UNKNOWN } from './figures.ts'
import { type Html, html } from './html.ts'
import { pathOf, wordKey } from './partitions.ts'
import { pausedName, pauseText } from './pauses.ts'
import { ageText, doneIn, lastSaid, shownOf, titleOf, waitsFor } from './shown-partitions.ts'

/** @param group that of a handler with `group: own`; undefined: that of the service */
export interface PartitionPlace {
  readonly topic: string
  readonly partition: number
  readonly group?: string | undefined
}

/**
 * Everything about one partition, and what can be done to it. null: there is no such partition.
 * @param acts whether operators can act on the page
 */
export function partitionDetails(
  { partitions, pauses, at, service }: Overview,
  place: PartitionPlace,
  acts: boolean,
): Html | null {
  const found = partitions.find(
    ({ topic, partition, group }) =>
      topic === place.topic && partition === place.partition && group === place.group,
  )
  if (found === undefined) return null
  const { topic, partition, group, told } = found
  const { word, facts } = shownOf(found)
  const title = `${titleOf(group, topic)}/${partition}`
  return html`<section id="partition" class="card" data-href="${pathOf(found)}" aria-labelledby="partition-title">
<h1 id="partition-title" tabindex="-1">${title}</h1>
<p>${wordKey(word)}<strong>${word}</strong>${reason(facts)}</p>
${facts === null ? html`<p class="unknown">${told === undefined ? 'Another pod of the group has it, or nobody: this pod knows no more of it.' : `It does not answer now: ${lastSaid(told)}.`}</p>` : factList(facts, told?.pod ?? service.pod)}
${facts !== null && told !== undefined ? html`<p class="unknown">As ${told.pod} says, ${seconds(told.ageSeconds)} ago. Its own page says how far a replay is.</p>` : null}
${facts === null ? null : replay(facts)}
${pauseList(holding(pauses, found), acts)}
${acts ? buttons(found) : null}
<p class="as-of">As of <time datetime="${at}">${moment(at)}</time><span class="if-lost">: the pod does not answer</span></p>
</section>`
}

const records = (number: number | null) => `${count(number)} ${number === 1 ? 'record' : 'records'}`

function reason(facts: PartitionFacts | null): string {
  if (facts === null) return ''
  const why = waitsFor(facts)
  return why === '' ? '' : `: ${why}`
}

function factList(facts: PartitionFacts, pod: string): Html {
  const rows: ReadonlyArray<readonly [name: string, value: string, isLong?: true]> = [
    ['Behind', `${seconds(facts.lagSeconds)}, ${records(facts.lag)}${ageText(facts)}`],
    ['Done in', doneIn(facts)],
    ['Until loss', seconds(facts.secondsUntilLoss)],
    ['Committed', count(facts.committed)],
    ['Next to fetch', count(facts.position)],
    ['End', `${count(facts.end)}${ageText(facts)}`],
    ['In flight', `${count(facts.inFlight)}; ${count(facts.retrying)} wait for a retry`],
    ['Oldest in flight', oldestText(facts), true],
    ['Owner', `${facts.member} of pod ${pod}`, true],
  ]
  return html`<dl class="facts">${rows.map(([name, value, isLong]) => html`<div${isLong ? html` class="long"` : null}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function oldestText({ oldest, oldestInFlightSeconds, inFlight }: PartitionFacts): string {
  if (oldestInFlightSeconds === null) return inFlight === 0 ? 'none' : UNKNOWN
  // Another pod of an older version says no more of it.
  if (oldest === null) return `for ${seconds(oldestInFlightSeconds)}`
  return oldestRecordText(oldest, oldestInFlightSeconds)
}

function replay({ replay: running, committed }: PartitionFacts): Html | null {
  if (running === null) return null
  const { from, to } = running
  const all = to - from
  const done = Math.min(Math.max((committed ?? from) - from, 0), all)
  const text = `${count(done)} of ${records(all)}, up to offset ${count(to)}`
  return html`<h2 id="replay-title">Handled once more</h2>
<p><progress aria-labelledby="replay-title" max="${all}" value="${done}"></progress> ${text}</p>`
}

/** Those of handlers hold every partition whose records they get. */
function holding(pauses: readonly PauseReport[], { topic, partition }: PartitionOverview) {
  return pauses.filter(
    (each) =>
      each.handler !== undefined ||
      (each.topic === topic && (each.partition ?? partition) === partition),
  )
}

function pauseList(pauses: readonly PauseReport[], acts: boolean): Html | null {
  if (pauses.length === 0) return null
  return html`<h2>Paused by operators</h2><ul class="pauses">${pauses.map((each, index) => {
    const button = html` <button type="button" id="resume-${index}" data-act="resume" class="needs-token" aria-label="Resume ${pausedName(each)}"${dataOf(each)}>Resume</button>`
    return html`<li>${pauseText(each)}${acts ? button : null}</li>`
  })}</ul>`
}

function buttons(of: PartitionOverview): Html {
  const data = dataOf(of)
  const cancel = html`<button type="button" id="act-cancel" data-act="cancel"${data}>Cancel the replay</button>`
  return html`<div class="needs-token"><p class="buttons"><button type="button" id="act-pause" data-act="pause"${data}>Pause …</button><button type="button" id="act-rewind" data-act="rewind"${data}>Set the offset …</button>${(of.facts?.replay ?? null) === null ? null : cancel}<button type="button" id="act-undo" data-act="undo" class="needs-undo">Undo the last change …</button></p></div>
<p class="needs-no-token"><button type="button" id="act-operate" data-act="operate">Operate</button> To pause, resume or set the offset, give the token of an operator.</p>`
}

/** What a button is about. */
function dataOf({
  topic,
  partition,
  handler,
  group,
}: {
  readonly topic?: string
  readonly partition?: number
  readonly handler?: string
  readonly group?: string
}): Html {
  const data = { topic, partition, handler, group }
  return html`${Object.entries(data).map(([name, value]) =>
    value === undefined ? null : html` data-${name}="${value}"`,
  )}`
}
