/** The style of the page; its colours have a contrast of 4.5 to 1 and more on their grounds. */
export const style = `:root {
  --ground: #f4f6f8; --card: #fff; --text: #15202b; --soft: #556270; --edge: #dde3e9;
  --ok: #1a7f4b; --info: #1f5fbf; --warning: #8a5a00; --critical: #b3261e; --grey: #8494a3;
  --ok-ground: #e9f6ee; --info-ground: #eaf1fc; --warning-ground: #fdf3dc; --critical-ground: #fdeceb;
  --first: #1f5fbf; --second: #0d8a72; --growing: #d9730d; --behind: #c9a227;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1318; --card: #161d24; --text: #e6edf3; --soft: #9fb0c0; --edge: #2a343e;
    --ok: #4cc38a; --info: #7ab0ff; --warning: #f0b849; --critical: #ff8a80; --grey: #66788a;
    --ok-ground: #10261b; --info-ground: #122338; --warning-ground: #2b220d; --critical-ground: #331614;
    --first: #7ab0ff; --second: #45c9ae; --growing: #f28b3a; --behind: #d9b93b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, main, footer { max-width: 1240px; margin: 0 auto; padding: 0 20px; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 28px; padding-top: 16px; padding-bottom: 12px; color: var(--soft); font-size: 14px; }
header p { margin: 0; }
.name { color: var(--text); font-weight: 650; font-size: 16px; }
.name small { color: var(--soft); font-weight: 400; }
dl { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 0; }
dl div { display: flex; gap: 6px; min-width: 0; }
dt { color: var(--soft); }
dd { margin: 0; color: var(--text); overflow-wrap: anywhere; }
.live { margin-left: auto; }
.live.on { color: var(--ok); font-weight: 600; }
.live.on::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 7px; border-radius: 50%; background: var(--ok); }
a { color: var(--info); }
a:focus-visible, .scroll:focus-visible, .records:focus-visible { outline: 2px solid var(--info); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 8px; background: var(--card); padding: 6px 12px; z-index: 1; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none; }
.sentence { border-radius: 12px; padding: 20px 24px; border-left: 6px solid; margin-bottom: 16px; }
.sentence h1 { display: inline; font-size: 23px; line-height: 1.35; font-weight: 650; margin: 0; overflow-wrap: anywhere; text-wrap: pretty; }
.sentence.ok { background: var(--ok-ground); border-color: var(--ok); }
.sentence.info { background: var(--info-ground); border-color: var(--info); }
.sentence.warning { background: var(--warning-ground); border-color: var(--warning); }
.sentence.critical { background: var(--critical-ground); border-color: var(--critical); }
.chapter { font-size: 13px; white-space: nowrap; margin-left: 8px; color: var(--text); }
code.chapter { color: var(--soft); display: inline-block; max-width: 100%; margin-left: 0; white-space: normal; overflow-wrap: anywhere; }
.ok code.chapter, .info code.chapter, .warning code.chapter, .critical code.chapter { color: var(--text); opacity: .85; }
.sentence > .chapter { display: block; width: fit-content; margin: 6px 0 0; }
.notes { list-style: none; margin: 14px 0 0; padding: 0; display: grid; gap: 6px; }
.notes li { padding-left: 18px; position: relative; overflow-wrap: anywhere; }
.notes li::before { content: ""; position: absolute; left: 0; top: 7px; width: 9px; height: 9px; border-radius: 50%; background: var(--grey); }
.notes .critical::before { background: var(--critical); }
.notes .warning::before { background: var(--warning); }
.notes .info::before { background: var(--info); }
.notes .ok::before { background: var(--ok); }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 16px 20px; margin-bottom: 16px; }
h2 { font-size: 15px; font-weight: 650; margin: 0 0 10px; }
h3 { font-size: 13px; font-weight: 600; color: var(--soft); margin: 14px 0 6px; overflow-wrap: anywhere; }
.numbers { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 16px; margin-bottom: 16px; }
.number { margin: 0; padding: 14px 16px 0; overflow: hidden; display: flex; flex-direction: column; }
.number h2 { font-size: 13px; font-weight: 600; color: var(--soft); margin: 0; }
.value { font-size: 27px; line-height: 1.25; font-weight: 650; margin: 2px 0 0; font-variant-numeric: tabular-nums; white-space: nowrap; }
.slash { color: var(--soft); font-weight: 400; }
.below { font-size: 13px; color: var(--soft); margin: 0 0 8px; overflow-wrap: anywhere; }
.spark { display: block; width: calc(100% + 32px); margin: auto -16px 0; height: 52px; }
.line { fill: none; stroke-width: 1.75; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.area { opacity: .13; }
.line.first { stroke: var(--first); } .area.first { fill: var(--first); }
.line.second { stroke: var(--second); } .area.second { fill: var(--second); }
.mark { stroke: var(--grey); stroke-width: 1; stroke-dasharray: 3 3; vector-effect: non-scaling-stroke; }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
h2 .key { margin: 0 4px 0 8px; }
.pair { white-space: nowrap; }
.line-first { background: var(--first); } .line-second { background: var(--second); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0; padding: 0; font-size: 14px; font-variant-numeric: tabular-nums; }
.topics { display: flex; flex-wrap: wrap; gap: 0 32px; }
.topic { flex: 1 0 100%; min-width: 0; } .topic.few { flex: 0 1 auto; }
.topic h3 { margin-top: 12px; } .topic small { font-weight: 400; }
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(12px, 1fr)); gap: 3px; margin-bottom: 14px; }
.strip.few { display: flex; flex-wrap: wrap; } .strip.few a { width: 44px; }
.strip a { height: 30px; border-radius: 3px; background: linear-gradient(var(--c), var(--c)) bottom / 100% var(--h) no-repeat, color-mix(in srgb, var(--c) 22%, var(--card)); }
.strip a:hover { outline: 2px solid var(--text); }
.w-ok { --c: var(--ok); } .w-behind { --c: var(--behind); } .w-growing { --c: var(--growing); }
.w-stalled { --c: var(--critical); } .w-held { --c: #8b5cf6; } .w-not-mine { --c: var(--grey); } .w-unknown { --c: var(--grey); }
.w-not-mine.key, .strip .w-not-mine { opacity: .45; }
.key[class*=" w-"] { background: var(--c); }
.h0 { --h: 12%; } .h1 { --h: 20%; } .h2 { --h: 28%; } .h3 { --h: 37%; } .h4 { --h: 46%; } .h5 { --h: 55%; }
.h6 { --h: 64%; } .h7 { --h: 73%; } .h8 { --h: 82%; } .h9 { --h: 91%; } .h10 { --h: 100%; }
.scroll { overflow-x: auto; margin: 0 -20px; padding: 0 20px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
table + table { margin-top: 14px; }
caption { text-align: left; font-size: 13px; color: var(--soft); padding-bottom: 4px; }
th, td { text-align: left; padding: 6px 16px 6px 0; border-top: 1px solid var(--edge); vertical-align: top; white-space: nowrap; }
td:last-child, th:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; }
tbody th { font-weight: 500; }
td:last-child:not(.n) { white-space: normal; min-width: 11em; }
.n { text-align: right; }
.unknown, .none { color: var(--soft); }
.none { margin: 0 0 8px; }
tr:target { background: var(--info-ground); }
.more { margin: 10px 0 0; font-size: 14px; }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, monospace; }
.tap form { display: flex; flex-wrap: wrap; align-items: end; gap: 10px 12px; }
.tap label { display: grid; font-size: 13px; color: var(--soft); flex: 1 1 150px; }
.tap label.wide { flex-basis: 360px; }
.tap input { width: 100%; }
.tap [role=status] { margin: 10px 0 0; color: var(--soft); font-size: 14px; }
.tap [role=status]:empty { display: none; }
.tap .problem[role=status] { color: var(--critical); }
.tap input::placeholder { color: var(--soft); opacity: 1; }
.records { margin-top: 8px; max-height: 420px; overflow-y: auto; }
.records ol { list-style: none; margin: 0; padding: 0; }
.records ol > li { border-top: 1px solid var(--edge); padding: 6px 0; }
.records p { margin: 0; font-size: 14px; } .records p strong { font-weight: 600; }
.records ul { list-style: none; margin: 2px 0 0; padding: 0; font: 13px ui-monospace, SFMono-Regular, Menlo, monospace; color: var(--soft); }
.records ul li { overflow-wrap: anywhere; white-space: pre-wrap; }
footer { padding-top: 4px; padding-bottom: 28px; font-size: 13px; }
footer nav { display: flex; flex-wrap: wrap; gap: 4px 18px; }
@media (max-width: 900px) { .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); } td.long:last-child:not(.n) { min-width: 32em; } }
@media (max-width: 520px) {
  header, main, footer { padding-left: 12px; padding-right: 12px; }
  .live { margin-left: 0; }
  .numbers { gap: 10px; } .number.card { padding: 12px 12px 0; } .spark { width: calc(100% + 24px); margin: auto -12px 0; }
  h2 .key { width: 8px; height: 8px; margin: 0 3px 0 2px; }
  .value { font-size: 21px; } .sentence { padding: 16px; } .sentence h1 { font-size: 19px; }
  .card { padding: 14px 14px; } .scroll { margin: 0 -14px; padding: 0 14px; }
}
@media (max-width: 360px) { .numbers { grid-template-columns: minmax(0, 1fr); } }
@media (forced-colors: active) { .key, .strip a { forced-color-adjust: none; } }
`

/** A small picture for the browser's tab. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5fbf"/><path d="M6 21h5l3-10 4 14 3-9h5" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>
`
