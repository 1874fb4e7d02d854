/** Moves focus to the summary, and from its links to the fields (not only to their edge). */
export function focusErrorSummary (summary) {
  summary.focus()
  summary.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]')
    const field = link && document.getElementById(link.hash.slice(1))
    if (!field) return
    event.preventDefault()
    const label = field.closest('fieldset')?.querySelector('legend') ?? field.labels?.[0]
    label?.scrollIntoView()
    field.focus({ preventScroll: true })
  })
}
