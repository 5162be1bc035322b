import type { Overview } from '../../observe/overview/types.ts'
import { moment } from './figures.ts'
import { type Html, html } from './html.ts'
import { partitionTable } from './partitions.ts'
import { tapScript, tapSection } from './tap.ts'

/**
 * The whole document.
 * @param sections as `sectionsOf` makes them @param acts whether operators can act on it @param taps whether
 *   people can look at records
 */
export function statusPage(
  overview: Overview,
  sections: ReadonlyMap<string, Html>,
  acts: boolean,
  taps: boolean,
): string {
  return frame(
    overview,
    titleOf(overview),
    html`${[...sections.values()]}${taps ? tapSection : null}`,
    html`${taps ? tapScript : null}<script type="module" src="/page/live.js"></script>`,
    acts,
  )
}

/** It changes with the sentence. */
export function titleOf({ sentence, service }: Overview): string {
  return `${sentence.text} – ${service.group}`
}

/** A row for each partition. */
export function partitionPage(overview: Overview, acts: boolean): string {
  const content = html`<p><a href="/">Back to the status</a></p><section class="card" aria-labelledby="all"><h1 id="all">Partitions</h1>${partitionTable(overview)}</section>`
  return frame(overview, `Partitions – ${overview.service.group}`, content, null, acts)
}

/** One partition. @param details as `partitionDetails` makes them */
export function detailsPage(
  overview: Overview,
  title: string,
  details: Html,
  acts: boolean,
): string {
  const content = html`<p><a href="/">Back to the status</a> or to <a href="/page/partitions">all partitions</a></p>${details}`
  return frame(overview, `${title} – ${overview.service.group}`, content, null, acts)
}

/**
 * Whose page it is, by the id of the element. It changes: behind a Service, a connection that is made again
 * may lead to another pod.
 */
export function headerParts(service: Overview['service']): ReadonlyMap<string, Html> {
  const { version, group, pod, startedAt } = service
  return new Map([
    ['name', html`<p id="name" class="name">onchain-consumer <small>${version}</small></p>`],
    [
      'service',
      html`<dl id="service"><div><dt>Group</dt><dd>${group}</dd></div><div><dt>Pod</dt><dd>${pod}</dd></div><div><dt>Started</dt><dd>${moment(startedAt)}</dd></div></dl>`,
    ],
  ])
}

const actionFiles = html`<script type="module" src="/page/client/actions.js"></script>
`

/** The style hides them until the script runs. */
const operatorButtons = html`<p class="operator"><button type="button" id="operate" data-act="operate" class="needs-no-token">Operate</button><button type="button" id="pauses-now" data-act="pauses" class="needs-token">Pauses …</button><button type="button" id="undo" data-act="undo" class="needs-undo">Undo …</button><button type="button" id="forget" data-act="forget" class="needs-token">Forget the token</button></p>`

function frame(
  { at, service }: Overview,
  title: string,
  content: Html,
  script: Html | null,
  acts: boolean,
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/style.css">
<link rel="stylesheet" href="/page/client/client.css">
<script type="module" src="/page/client/partition.js"></script>
${acts ? actionFiles : null}${script}
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
${[...headerParts(service).values()]}
<p id="live" class="live">As of <time datetime="${at}">${moment(at)}</time> <a href="">Refresh</a></p>
<p id="said" class="hidden" role="status"></p>
${acts ? operatorButtons : null}
</header>
${acts ? html`<p id="acted" class="acted" role="status"></p>` : null}
<main id="main">
${content}
</main>
<footer><nav aria-label="Data">${['/api/v1/status', '/lag', '/scale', '/metrics', '/readyz', '/healthz'].map((path) => html`<a href="${path}">${path}</a> `)}</nav></footer>
</body>
</html>
`.text
}
