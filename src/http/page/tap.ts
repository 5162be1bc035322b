import { html } from './html.ts'

const field = (name: string, label: string, hint: string, wide = '') =>
  html`<label class="${wide}">${label} <input name="${name}" autocomplete="off" spellcheck="false" placeholder="${hint}"></label>`

/** Records on their way to the handlers. Only a script with a token fills it, which shows it, too. */
export const tapSection = html`<section id="tap" class="card tap" aria-labelledby="tap-title" hidden>
<h2 id="tap-title">Tap</h2>
<p class="none">A sample of the records that this pod hands to its handlers. It changes nothing.</p>
<form>${field('topic', 'Topic', 'any')}${field('handler', 'Handler', 'any')}${field('asset', 'Asset', 'symbol, address')}${field('amount', 'Amount from', 'any')}${field('address', 'Address', 'any', 'wide')}<button>Open the tap</button><button type="button" hidden>Close the tap</button></form>
<p role="status"></p>
<div class="records" tabindex="0" role="region" aria-label="Records, the newest first"><ol></ol></div>
</section>`

export const tapScript = html`<script type="module" src="/page/client/tap.js"></script>
`
