import { counted, formatBytes } from '../../kernel/text/figures.ts'
import type { Condition, Overview } from '../../observe/overview/types.ts'
import { count, moment, rate, records, seconds, UNKNOWN } from './figures.ts'
import { type Html, html, reasonCell } from './html.ts'
import { partitionSection } from './partitions.ts'
import { pausedSection, pauseEnd } from './pauses.ts'
import { oldText } from './shown-partitions.ts'
import { type Line, spanOf, sparkline } from './sparkline.ts'

/** Where docs/operations.md can be read; null: it is only named. */
export type Runbook = string | null

/** The parts of the page that change, by the id of their element. @param acts whether operators can act on it */
export function sectionsOf(
  overview: Overview,
  runbook: Runbook,
  acts = false,
): ReadonlyMap<string, Html> {
  return new Map([
    ['sentence', sentenceSection(overview, runbook)],
    ['numbers', numberSection(overview)],
    ['paused', pausedSection(overview)],
    ['partitions', partitionSection(overview)],
    ['handlers', handlerSection(overview)],
    ['sinks', sinkSection(overview)],
    ['letters', letterSection(overview, acts)],
    ['group', groupSection(overview)],
  ])
}

function sentenceSection({ sentence, notes }: Overview, runbook: Runbook): Html {
  return html`<section id="sentence" class="sentence ${sentence.level}" data-name="${sentence.name}" aria-label="How it does">
<h1>${sentence.text}</h1>
${chapter(sentence, runbook)}
${notes.length === 0 ? null : html`<ul class="notes">${notes.map((note) => html`<li class="${note.level}" data-name="${note.name}"><span>${note.text}</span>${chapter(note, runbook)}</li>`)}</ul>`}
</section>`
}

function chapter({ chapter, name }: Condition, runbook: Runbook): Html | null {
  if (chapter === null) return null
  if (runbook === null) return html` <code class="chapter">docs/operations.md#${chapter}</code>`
  return html` <a class="chapter" href="${runbook}#${chapter}" rel="noreferrer">What to do<span class="hidden"> about ${name}</span></a>`
}

function numberSection({ numbers, history }: Overview): Html {
  const { lagSeconds, lagRecords, inPerSecond, outPerSecond, p99Seconds } = numbers
  const { secondsToDrain, slowest, secondsUntilLoss, firstLoss } = numbers
  const lagging = lagRecords === null || lagRecords === 0 ? null : slowest
  const done = secondsToDrain === null ? 'no end in sight' : `done in ${seconds(secondsToDrain)}`
  const single = (values: Line['values']): Line[] => [{ kind: 'first', values }]
  const old = oldText(numbers)
  return html`<section id="numbers" class="numbers" aria-label="Figures of this pod">
${number('Behind', oldValue(seconds(lagSeconds), old), `${records(lagRecords)}${old}${lagging === null ? '' : `; ${lagging}: ${done}`}`, single(history.lagSeconds), history, seconds)}
${number(
  html`Records/s <span class="pair"><span class="key line-first"></span>in</span> <span class="pair"><span class="key line-second"></span>out</span>`,
  html`${oldValue(rate(inPerSecond), old)} <span class="slash">/</span> ${rate(outPerSecond)}`,
  `${numbers.lostRecords === 0 ? 'nothing lost' : `${records(numbers.lostRecords)} lost`}${old}`,
  [
    { kind: 'first', values: history.inPerSecond },
    { kind: 'second', values: history.outPerSecond },
  ],
  history,
  rate,
)}
${number('End to end, p99', seconds(p99Seconds), 'from the time of the record until it was handled', single(history.p99Seconds), history, seconds)}
${number('Until data loss', seconds(secondsUntilLoss), firstLoss === null ? 'no retention is known' : `first at ${firstLoss}, if it stands still`, single(history.secondsUntilLoss), history, seconds)}
</section>`
}

/** Grey, if what it is told from is not known to be so now. */
const oldValue = (value: string, old: string) =>
  old === '' ? value : html`<span class="unknown">${value}</span>`

function number(
  title: string | Html,
  value: string | Html,
  below: string,
  lines: readonly Line[],
  history: Overview['history'],
  format: (value: number | null) => string,
): Html {
  const known = lines.flatMap(({ values }) => values.filter((each) => each !== null))
  const last = `The last ${counted(Math.round(spanOf(history) / 60_000), 'minute')}`
  const label =
    known.length === 0
      ? `${last}: not known`
      : `${last}: from ${format(Math.min(...known))} to ${format(Math.max(...known))}`
  return html`<div class="number card"><h2>${title}</h2><p class="value">${value}</p><p class="below">${below}</p>${sparkline(label, lines, history)}</div>`
}

function handlerSection({ handlers, load, pauses }: Overview): Html {
  if (handlers.length === 0) return html`<section id="handlers" hidden></section>`
  const perMinute = (
    each: Overview['handlers'][number],
    outcome: 'ok' | 'skip' | 'retry' | 'later' | 'dead',
  ) => html`<td class="n">${rate(each.outcomesPerMinute?.[outcome] ?? null)}</td>`
  const { inFlight, concurrency, queued, retrying, bufferedBytes, maxBytes } = load
  const atOnce = `${count(inFlight)} of at most ${count(concurrency)} in flight`
  const waits = `${records(queued)} queued, ${count(retrying)} ${retrying === 1 ? 'waits' : 'wait'} for another attempt`
  const state = ({ name, circuit, circuitSince }: Overview['handlers'][number]) => {
    const pause = pauses.find(({ handler }) => handler === name)
    if (circuit === 'held' && pause !== undefined) return `held ${pauseEnd(pause)}`
    return circuitSince === null ? circuit : `${circuit} since ${moment(circuitSince)}`
  }
  return section(
    'handlers',
    'Handlers',
    html`<p class="none">In this pod: ${atOnce}, ${waits}; ${formatBytes(bufferedBytes)} of at most ${formatBytes(maxBytes)}.</p><table><caption class="hidden">Outcomes a minute of each handler</caption>
<thead><tr><th scope="col">Handler</th><th scope="col">Circuit</th><th scope="col" class="n">ok/min</th><th scope="col" class="n">skip/min</th><th scope="col" class="n">retry/min</th><th scope="col" class="n">later/min</th><th scope="col" class="n">dead/min</th><th scope="col" class="n">Call, p99</th><th scope="col" class="n">In flight</th><th scope="col" class="n">Waiting</th><th scope="col" class="n">Suspects</th><th scope="col" class="n">Hanging</th></tr></thead>
<tbody>${handlers.map(
      (each) =>
        html`<tr><th scope="row">${each.name}</th><td><span class="key ${each.circuit === 'closed' ? 'w-ok' : 'w-held'}"></span>${state(each)}</td>${perMinute(each, 'ok')}${perMinute(each, 'skip')}${perMinute(each, 'retry')}${perMinute(each, 'later')}${perMinute(each, 'dead')}<td class="n">${seconds(each.p99Seconds)}</td><td class="n">${count(each.inFlight)}</td><td class="n">${count(each.waiting)}</td><td class="n">${count(each.suspects)}</td><td class="n">${count(each.hanging)}</td></tr>`,
    )}</tbody></table>`,
  )
}

function sinkSection({ sinks }: Overview): Html {
  if (sinks.length === 0) return html`<section id="sinks" hidden></section>`
  return section(
    'sinks',
    'Sinks',
    html`<table><caption class="hidden">What each sink takes</caption>
<thead><tr><th scope="col">Sink</th><th scope="col">State</th><th scope="col" class="n">Values/min</th><th scope="col" class="n">Errors/min</th><th scope="col" class="n">Waiting</th><th scope="col" class="n">Write, p99</th></tr></thead>
<tbody>${sinks.map(
      (each) =>
        html`<tr><th scope="row">${each.name}</th><td><span class="key ${each.up ? 'w-ok' : 'w-stalled'}"></span>${each.up ? 'up' : 'down'}</td><td class="n">${rate(each.valuesPerMinute)}</td><td class="n">${rate(each.errorsPerMinute)}</td><td class="n">${count(each.waiting)}</td><td class="n">${seconds(each.p99Seconds)}</td></tr>`,
    )}</tbody></table>`,
  )
}

function letterSection({ letters: { kept, waiting, kinds } }: Overview, acts: boolean): Html {
  const all = acts
    ? html`<p><button type="button" id="letters-all" data-act="letters">All letters …</button></p>`
    : null
  const total = html`<p class="none">${kept === 0 ? 'None since the start of this pod' : `${count(kept)} since the start of this pod`}${waiting === 0 ? '.' : waiting === 1 ? '; 1 waits for its target.' : `; ${count(waiting)} wait for their target.`}</p>`
  if (kinds.length === 0) return section('letters', 'Dead letters', html`${total}${all}`)
  return section(
    'letters',
    'Dead letters',
    html`${total}${all}<table><caption class="hidden">Dead letters by error and handler</caption>
<thead><tr><th scope="col">Error</th><th scope="col">Handler</th><th scope="col" class="n">Letters</th><th scope="col">First</th><th scope="col">Last</th><th scope="col">The last one</th></tr></thead>
<tbody>${kinds.map(
      (each) =>
        html`<tr><th scope="row"><code>${each.code}</code></th><td>${each.handler ?? 'before any handler'}</td><td class="n">${count(each.count)}</td><td>${moment(each.first)}</td><td>${moment(each.last)}</td><td><code>${each.sample}</code></td></tr>`,
    )}</tbody></table>`,
  )
}

function groupSection({ groups, pods, members, advice, certificates, config }: Overview): Html {
  return section(
    'group',
    'Group',
    html`<table><caption class="hidden">The consumer groups over all pods</caption>
<thead><tr><th scope="col">Group</th><th scope="col" class="n">Members</th><th scope="col" class="n">Partitions</th><th scope="col" class="n">Lag</th><th scope="col" class="n">In/s</th><th scope="col" class="n">Out/s</th><th scope="col" class="n">Done in</th><th scope="col">Read</th></tr></thead>
<tbody>${groups.map((each) =>
      each.unknown === null
        ? html`<tr><th scope="row">${each.id}</th><td class="n">${count(each.members)}</td><td class="n">${count(each.partitions)}</td><td class="n">${count(each.lag)}</td><td class="n">${rate(each.inPerSecond)}</td><td class="n">${rate(each.outPerSecond)}</td><td class="n">${seconds(each.secondsToDrain)}</td>${reasonCell(`${each.ageSeconds === null ? UNKNOWN : `${seconds(each.ageSeconds)} ago`}${each.hold === null ? '' : `; held: ${each.hold}`}`)}</tr>`
        : html`<tr><th scope="row">${each.id}</th><td colspan="7" class="unknown">not known: ${each.unknown}</td></tr>`,
    )}</tbody></table>
<table><caption class="hidden">Members in this pod</caption><thead><tr><th scope="col">Member of this pod</th><th scope="col">State</th><th scope="col" class="n">Generation</th><th scope="col" class="n">Partitions</th><th scope="col">Why not</th></tr></thead>
<tbody>${members.map(
      (each) =>
        html`<tr><th scope="row">${each.id}</th><td>${each.state}</td><td class="n">${each.generation ?? UNKNOWN}</td><td class="n">${each.partitions}</td>${reasonCell(each.reason ?? '')}</tr>`,
    )}</tbody></table>
${podTable(pods)}
${list(
  'Advice',
  advice.map(({ text }) => text),
)}
${list(
  'Certificates',
  certificates.map(
    ({ name, subject, notAfter, daysLeft }) =>
      `${name} ${subject}: until ${moment(notAfter)}, ${counted(daysLeft, 'day')}`,
  ),
)}
${list('Waits for a restart', config.pendingRestart)}`,
  )
}

function podTable(pods: Overview['pods']): Html | null {
  if (pods.length === 0) return null
  return html`<table><caption class="hidden">The other pods of the release</caption><thead><tr><th scope="col">Other pod</th><th scope="col">Address</th><th scope="col" class="n">Partitions</th><th scope="col">Asked</th></tr></thead>
<tbody>${pods.map(
    ({ pod, address, partitions, ageSeconds, problem }) =>
      html`<tr><th scope="row">${pod ?? UNKNOWN}</th><td>${address}</td><td class="n">${partitions ?? UNKNOWN}</td>${reasonCell(`${ageSeconds === null ? 'has not answered yet' : `${seconds(ageSeconds)} ago`}${problem === null ? '' : `; now: ${problem}`}`)}</tr>`,
  )}</tbody></table>`
}

function list(title: string, items: readonly string[]): Html | null {
  if (items.length === 0) return null
  return html`<h3>${title}</h3><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`
}

function section(id: string, title: string, content: Html): Html {
  return html`<section id="${id}" class="card"><h2 id="${id}-title">${title}</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-title">${content}</div></section>`
}
