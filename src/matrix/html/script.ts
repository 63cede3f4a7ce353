/**
 * The page's only script: the filter of the table. Without it all rows are there; a cell's story opens by its link alone.
 */
export const COMPAT_SCRIPT = `
(() => {
  const box = document.getElementById('find')
  if (!box) return
  const found = document.getElementById('found')
  const buttons = [...document.querySelectorAll('.show button')]
  const rows = [...document.querySelectorAll('.map tbody tr')].map((row) => ({
    row, name: row.dataset.text, cells: [...row.querySelectorAll('td > a')].map((cell) => ({ cell, text: row.dataset.text + ' ' + cell.dataset.text, kinds: cell.dataset.kinds.split(' ') })) }))
  let kind = 'all'
  const filter = () => {
    const words = box.value.trim().toLowerCase().split(/\\s+/).filter(Boolean)
    let [hits, total] = [0, 0]
    for (const { row, cells } of rows) {
      let any = false
      for (const { cell, text, kinds } of cells) {
        const hit = words.every((word) => text.includes(word)) && (kind === 'all' || kinds.includes(kind))
        cell.classList.toggle('away', !hit)
        any ||= hit
        total += 1
        if (hit) hits += 1
      }
      row.hidden = !any
    }
    found.textContent = hits === total ? '' : hits.toLocaleString() + ' of ' + total.toLocaleString() + ' cells'
  }
  for (const button of buttons) button.addEventListener('click', () => {
    kind = button.value
    for (const other of buttons) other.setAttribute('aria-pressed', String(other === button))
    filter()
  })
  box.addEventListener('input', filter)
  box.closest('.tools').hidden = false
})()
`
