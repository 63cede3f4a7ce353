/**
 * Arrow keys on the strip: left and right go from piece to piece, up and down from one deadly place to the next, which a click or
 * Enter opens beneath. The strip is then one stop of the tab key. Without the script the deadly places can be reached by it, and
 * all pieces be pointed at.
 */
export const SWEEP_SCRIPT = `
for (const strip of document.querySelectorAll('svg.throw')) (() => {
  const start = (piece) => Number(piece.dataset.from)
  const pieces = [...strip.querySelectorAll('.at')].sort((one, other) => start(one) - start(other))
  const marks = pieces.filter((piece) => piece.classList.contains('mark'))
  if (pieces.length === 0) return
  const move = (from, to) => {
    from.setAttribute('tabindex', '-1')
    to.setAttribute('tabindex', '0')
  }
  for (const piece of pieces) piece.setAttribute('tabindex', '-1')
  const first = marks[0] ?? pieces[0]
  first.setAttribute('tabindex', '0')
  let last = first
  strip.addEventListener('focusin', ({ target }) => {
    move(last, target)
    last = target
  })
  const open = (mark) => {
    const found = strip.closest('.swept')?.querySelector('details[data-from="' + mark.dataset.from + '"]')
    if (!found) return
    found.open = true
    found.querySelector('summary').focus()
    found.scrollIntoView({ block: 'nearest' })
  }
  for (const mark of marks) mark.addEventListener('click', () => open(mark))
  strip.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && marks.includes(last)) {
      // Else the summary that gets the focus would take the key as well, and close again.
      event.preventDefault()
      open(last)
    }
    const at = pieces.indexOf(last)
    const steps = { ArrowRight: pieces[at + 1], ArrowLeft: pieces[at - 1], Home: pieces[0], End: pieces.at(-1),
      ArrowDown: marks.find((mark) => pieces.indexOf(mark) > at), ArrowUp: marks.findLast((mark) => pieces.indexOf(mark) < at) }
    if (!(event.key in steps)) return
    event.preventDefault()
    steps[event.key]?.focus()
  })
})()
`
