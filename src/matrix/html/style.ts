import { PAGE_CSS } from '../../report/html/style.js'

/** The style of a single report, and what the table needs besides. */
export const COMPAT_CSS = `${PAGE_CSS}
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.5rem 1.2rem; font-size: 1rem; }
.facts dt { font-weight: 600; color: var(--ink); }
.show { display: flex; flex-wrap: wrap; gap: 0.4rem; }
.show button { font: inherit; font-size: 0.88rem; padding: 0.4rem 0.8rem; border-radius: 99px; border: 1px solid var(--line); background: var(--paper);
  color: var(--ink); cursor: pointer; }
.show button[aria-pressed='true'] { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.map { border-collapse: separate; border-spacing: 4px; width: auto; min-width: min(100%, 40rem); font-size: 0.9rem; }
.map th, .map td { border: 0; padding: 0; overflow-wrap: normal; }
.map thead th { padding: 0 0.4rem 0.3rem; vertical-align: bottom; color: var(--ink); }
.map tbody th { position: sticky; left: 0; background: var(--paper); padding: 0.45rem 0.9rem 0.45rem 0; font-weight: 500; color: var(--ink); font-size: 0.9rem;
  min-width: 9rem; max-width: 22rem; vertical-align: middle; z-index: 1; }
.map .listed { display: block; font-size: 0.76rem; font-weight: 400; color: var(--soft); }
.map td { min-width: 8.5rem; vertical-align: middle; }
.map td > a + a { margin-top: 4px; }
.map td > a { display: block; min-height: 2.4rem; padding: 0.45rem 0.7rem; border-radius: 7px; border: 1.5px solid var(--tone); background: var(--tone-soft); color: var(--tone);
  text-decoration: none; font-weight: 600; line-height: 1.25; }
.map td > a.solid { background: var(--tone); color: var(--paper); }
.map td > a.unsure { border-style: dashed; }
.map td > a:hover, .map td > a:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
.map td > a.away { opacity: 0.22; }
.map small { display: block; font-weight: 400; font-size: 0.76rem; }
.map .none { color: var(--soft); text-align: center; }
h2.later { margin-top: 2.2rem; }
.cell { border: 1px solid var(--line); border-top: 4px solid var(--tone); border-radius: 10px; padding: 1.3rem 1.5rem; scroll-margin-top: 1rem; }
.cell:not(:target) { display: none; }
.cell h3 { font-size: 1.2rem; } .cell h4 { margin: 1.3rem 0 0.6rem; font-size: 1rem; }
.cell .word { color: var(--tone); }
.hint:has(~ .cell:target) { display: none; }
.items { padding-left: 1.2rem; margin: 0; } .items li { margin-bottom: 0.5rem; overflow-wrap: anywhere; }
@media (max-width: 560px) { .facts { grid-template-columns: minmax(0, 1fr); gap: 0.1rem; } .facts dd { margin-bottom: 0.6rem; }
  .map td { min-width: 7rem; } .map tbody th { min-width: 7.5rem; max-width: 9rem; padding-right: 0.5rem; } .cell { padding: 1rem; } }
@media print { .cell:not(:target) { display: block; margin-bottom: 1rem; } }
`
