import { GRAPH_CSS } from '../graph-svg.js'
import { SWEEP_CSS } from '../sweep-svg.js'
import { ACTIVITY_CSS } from './activity.js'
import { STRIP_CSS } from './strip.js'
import { SWEEP_SECTION_CSS } from './sweep.js'

/** The page's whole style sheet. */
export const PAGE_CSS = `
:root { color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f8fa; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --accent: #0969da;
  --good: #1a7f37; --good-soft: #dafbe1; --bad: #cf222e; --bad-soft: #ffebe9; --unsure: #9a6700; --unsure-soft: #fff8c5;
  --mark: #fff3a8; --shade: 0 1px 2px rgb(31 35 40 / 8%); }
@media (prefers-color-scheme: dark) { :root {
  --paper: #0d1117; --panel: #151b23; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --accent: #4493f8;
  --good: #3fb950; --good-soft: #12261b; --bad: #f85149; --bad-soft: #2c1416; --unsure: #d29922; --unsure-soft: #272010;
  --mark: #614a05; --shade: none; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: break-word;
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; }
code { font-size: 0.875em; padding: 0.12em 0.38em; border-radius: 5px; background: var(--panel); border: 1px solid var(--line);
  overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 1rem; }
h3 { font-size: 1rem; margin: 0 0 0.6rem; }
h3.later { margin-top: 1.8rem; margin-bottom: 0.9rem; }
p { margin: 0 0 0.75rem; }
a { color: var(--accent); }
.wrap { max-width: 1160px; margin: 0 auto; padding: 0 1.5rem; }
section { margin: 2.75rem 0; }

header { border-bottom: 1px solid var(--line); background: var(--tone-soft); border-top: 5px solid var(--tone); }
header .wrap { padding-top: 2rem; padding-bottom: 2.1rem; }
.good { --tone: var(--good); --tone-soft: var(--good-soft); }
.bad { --tone: var(--bad); --tone-soft: var(--bad-soft); }
.unsure { --tone: var(--unsure); --tone-soft: var(--unsure-soft); }
.verdict { display: flex; align-items: center; flex-wrap: wrap; gap: 0.6rem 0.9rem; margin: 0 0 0.9rem; }
h1 { font-size: 2.1rem; line-height: 1.15; margin: 0; color: var(--tone); letter-spacing: -0.015em; }
.icon { flex: none; width: 2.1rem; height: 2.1rem; color: var(--tone); }
.headline { font-size: 1.3rem; line-height: 1.42; max-width: 62ch; margin: 0 0 1.1rem; }
.headline code { font-size: 0.86em; background: var(--paper); }
.chips { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0; padding: 0; list-style: none; }
.chips li, .chip { font-size: 0.82rem; line-height: 1.3; padding: 0.22rem 0.65rem; border-radius: 99px; background: var(--paper);
  border: 1px solid var(--line); color: var(--soft); overflow-wrap: anywhere; }
.chips b { color: var(--ink); font-weight: 600; }
.chip.against { background: var(--tone); border-color: var(--tone); color: var(--paper); font-weight: 600; }
.chip.culprit { color: var(--bad); border-color: var(--bad); font-weight: 600; background: var(--bad-soft); }
.chip.victim { color: var(--unsure); border-color: var(--unsure); font-weight: 600; background: var(--unsure-soft); }

.columns { display: grid; grid-template-columns: minmax(0, 1fr) 370px; gap: 2.5rem; align-items: start; }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 2rem; align-items: start; }
.halves > * { min-width: 0; }
.panel { border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; background: var(--panel); box-shadow: var(--shade); }
.panel code { background: var(--paper); }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.4rem 1rem; margin: 0; font-size: 0.92rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
dd.mono { font-size: 0.79rem; line-height: 1.85; }

.story { list-style: none; margin: 0; padding: 0; counter-reset: step; }
.story > li { counter-increment: step; position: relative; padding: 0 0 1.15rem 3rem; }
.story > li::before { content: counter(step); position: absolute; left: 0; top: 0; width: 2rem; height: 2rem; border-radius: 50%;
  display: grid; place-items: center; font-weight: 650; font-size: 0.92rem; background: var(--tone-soft); color: var(--tone); border: 1.5px solid var(--tone); }
.story > li:not(:last-child)::after { content: ''; position: absolute; left: calc(1rem - 0.75px); top: 2.3rem; bottom: 0.25rem; width: 1.5px; background: var(--line); }
.story p { margin: 0; padding-top: 0.2rem; }
.rests { font-size: 0.86rem; color: var(--soft); }

.stack { border: 1px solid var(--line); border-radius: 10px; overflow: hidden; margin: 0; }
.stack > h3, .stack > figcaption { margin: 0; padding: 0.7rem 1rem; background: var(--panel); border-bottom: 1px solid var(--line); font-weight: 600;
  display: flex; flex-wrap: wrap; gap: 0.4rem 0.7rem; align-items: center; overflow-wrap: anywhere; }
.frames { list-style: none; margin: 0; padding: 0.3rem 0; font-size: 0.82rem; line-height: 1.45; background: var(--paper); }
.frames li { display: grid; grid-template-columns: 2.6rem minmax(0, 1fr) auto; gap: 0 0.7rem; padding: 0.16rem 1rem 0.16rem 0.75rem; border-left: 4px solid transparent; }
.frames .level { color: var(--soft); text-align: right; }
.frames .name { overflow-wrap: anywhere; }
.frames .place { color: var(--soft); }
.frames .part { color: var(--mark-ink); font: 600 0.78rem/1.6 system-ui, sans-serif; white-space: nowrap; }
.frames .waiting, .frames .interrupted { --mark-ink: var(--bad); background: var(--bad-soft); border-color: var(--bad); }
.frames .signal { --mark-ink: var(--unsure); background: var(--unsure-soft); border-color: var(--unsure); }
.victim .waiting { --mark-ink: var(--unsure); background: var(--unsure-soft); border-color: var(--unsure); }
.frames .gap { color: var(--soft); padding: 0.1rem 1rem 0.1rem 0.75rem; }
.frames .gap .name { border-top: 1px dashed var(--line); border-bottom: 1px dashed var(--line); }

.picture { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; padding: 0.5rem; margin: 0 0 1rem; text-align: center; }
.picture svg { display: inline-block; max-width: 100%; height: auto; }
@media (max-width: 900px) { .picture svg { max-width: none; } }
.said { margin: 0; padding-left: 1.2rem; font-size: 0.92rem; color: var(--soft); }

.advice { display: grid; gap: 0.9rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr)); padding: 0; margin: 0; list-style: none; }
.advice p:last-child { margin: 0; }
.advice pre { margin: 0.5rem 0 0; padding: 0.6rem 0.8rem; border-radius: 7px; background: var(--paper); border: 1px solid var(--line); font-size: 0.82rem;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 0.42rem 0.9rem 0.42rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td:last-child { overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--soft); font-size: 0.84rem; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; padding-right: 0; }
tr.key td { font-weight: 600; }

.timeline { list-style: none; margin: 0; padding: 0; }
.timeline li { display: grid; grid-template-columns: 4.2rem minmax(0, 1fr); gap: 2.3rem; padding: 0 0 0.7rem; position: relative; }
.timeline time { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; font-size: 0.9rem; }
.timeline li::before { content: ''; position: absolute; left: 5.05rem; top: 0.47rem; width: 0.6rem; height: 0.6rem; border-radius: 50%; background: var(--paper); border: 2px solid var(--soft); z-index: 1; }
.timeline li:last-child::before { border-color: var(--tone); background: var(--tone); }
.timeline li:not(:last-child)::after { content: ''; position: absolute; left: calc(5.35rem - 0.75px); top: 1rem; bottom: -0.5rem; width: 1.5px; background: var(--line); }

.tools { position: sticky; top: 0; z-index: 2; background: var(--paper); padding: 0.6rem 0; display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; }
#find { flex: 1 1 18rem; max-width: 32rem; font: inherit; padding: 0.5rem 0.85rem; border-radius: 8px; border: 1px solid var(--line); background: var(--panel); color: var(--ink); }
#find:focus { outline: 2px solid var(--accent); outline-offset: 1px; }
#found { color: var(--soft); font-size: 0.9rem; }
details { border: 1px solid var(--line); border-radius: 9px; margin: 0 0 0.6rem; overflow: clip; }
summary { cursor: pointer; padding: 0.6rem 0.9rem; display: flex; flex-wrap: wrap; gap: 0.3rem 0.75rem; align-items: center; list-style-position: inside; }
summary:hover { background: var(--panel); }
summary::before { content: '▸'; color: var(--soft); width: 0.8rem; }
details[open] > summary::before { content: '▾'; }
summary::-webkit-details-marker { display: none; }
summary { list-style: none; }
details[open] > summary { border-bottom: 1px solid var(--line); background: var(--panel); }
summary .mono { font-size: 0.84rem; min-width: 0; flex: 1 1 12rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
summary .size { color: var(--soft); font-size: 0.85rem; }
.count { font-weight: 650; font-variant-numeric: tabular-nums; min-width: 5.6rem; }
.who { font-size: 0.85rem; color: var(--soft); padding: 0.6rem 0.9rem 0.2rem; margin: 0; overflow-wrap: anywhere; }
.who details { display: inline-block; margin: 0.2rem 0 0; max-width: 100%; }
.who summary { padding: 0.15rem 0.6rem; }
.who p { margin: 0; padding: 0.4rem 0.7rem; }
pre.text { margin: 0; padding: 0.8rem 0.95rem; font-size: 0.78rem; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }
.tall { max-height: 34rem; overflow: auto; }
.tall.whole { max-height: 75vh; }
.tail { display: flex; flex-direction: column-reverse; }
.chunk { border-bottom: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 260px; }
.note { color: var(--soft); font-size: 0.86rem; padding: 0.5rem 0.95rem 0; margin: 0; }
::highlight(found) { background: var(--mark); color: var(--ink); }
[hidden] { display: none !important; }
.warnings { border-left: 4px solid var(--unsure); background: var(--unsure-soft); padding: 0.9rem 1.2rem; border-radius: 0 8px 8px 0; }
.warnings ul { margin: 0; padding-left: 1.1rem; }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: 0.85rem; padding: 1.2rem 0 2.5rem; margin-top: 3rem; }
@media (max-width: 900px) { .columns { grid-template-columns: minmax(0, 1fr); gap: 1.5rem; } }
@media (max-width: 560px) {
  .wrap { padding: 0 1rem; } h1 { font-size: 1.7rem; } .headline { font-size: 1.12rem; } section { margin: 2rem 0; }
  .frames li { grid-template-columns: 2rem minmax(0, 1fr); padding-right: 0.6rem; } .frames .part { grid-column: 2; white-space: normal; }
  .story > li { padding-left: 2.6rem; }
  .versions thead { display: none; } .versions tr { display: grid; grid-template-columns: 6rem minmax(0, 1fr); padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  .versions td { border: 0; padding: 0; overflow-wrap: anywhere; } .versions td:first-child { grid-column: 1 / -1; font-weight: 600; }
  .versions td[data-column] { display: contents; } .versions td[data-column]::before { content: attr(data-column); color: var(--soft); font-weight: 400; } }
@media print { .tools { display: none; } .tall { max-height: none; } .chunk { content-visibility: visible; } }
${GRAPH_CSS}${STRIP_CSS}${ACTIVITY_CSS}${SWEEP_CSS}${SWEEP_SECTION_CSS}`
