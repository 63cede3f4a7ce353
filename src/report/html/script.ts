/**
 * The search over stacks. Without it everything is there, only not searchable. A `data-threads`
 * element is a piece that is shown or hidden as a whole; pieces in `pre` hold one text node, so that the words found can be marked.
 */
export const PAGE_SCRIPT = `
(() => {
  const box = document.getElementById('find')
  if (!box) return
  const found = document.getElementById('found')
  const raw = document.getElementById('raw')
  const marks = globalThis.Highlight && CSS.highlights ? new Highlight() : null
  if (marks) CSS.highlights.set('found', marks)
  let pieces = null
  const read = () => [...document.querySelectorAll('[data-threads]')].map((element) => ({
    element, text: element.textContent.toLowerCase(), threads: Number(element.dataset.threads), raw: element.tagName === 'PRE' }))
  const mark = (piece, wanted) => {
    const node = piece.element.firstChild
    for (let at = piece.text.indexOf(wanted); at >= 0 && marks.size < 2000; at = piece.text.indexOf(wanted, at + wanted.length)) {
      if (at + wanted.length > node.length) return
      const range = new Range()
      range.setStart(node, at)
      range.setEnd(node, at + wanted.length)
      marks.add(range)
    }
  }
  const search = () => {
    const wanted = box.value.trim().toLowerCase()
    pieces ??= read()
    marks?.clear()
    let [hits, total] = [0, 0]
    const precise = pieces.some((piece) => piece.raw)
    for (const piece of pieces) {
      const hit = piece.text.includes(wanted)
      piece.element.hidden = !hit
      if (piece.raw === precise) total += piece.threads
      if (piece.raw === precise && hit) hits += piece.threads
      if (hit && wanted !== '' && piece.raw && marks) mark(piece, wanted)
    }
    if (raw && wanted !== '') raw.open = true
    found.textContent = wanted === '' ? '' : hits.toLocaleString() + ' of ' + total.toLocaleString() + ' threads'
  }
  box.addEventListener('input', search)
  box.closest('.tools').hidden = false
})()
`
