// Counts as the server does: code points, blanks at both ends left out.

const SHOW_FROM = 0.8 // of the limit
const PAUSE = 1000 // ms without typing before the count is spoken

export class CharacterCount {
  constructor (form) {
    this.field = form.elements.namedItem('text')
    this.shown = form.querySelector('[data-count]')
    this.spoken = form.querySelector('[data-count-spoken]')
    this.limit = Number(this.field.dataset.limit)
    this.field.addEventListener('input', () => this.update())
    this.update()
  }

  update () {
    const used = [...this.field.value.trim()].length
    const left = this.limit - used
    this.shown.hidden = used < this.limit * SHOW_FROM
    this.shown.classList.toggle('app-count--over', left < 0)
    const pattern = left < 0 ? this.shown.dataset.over : this.shown.dataset.left
    this.shown.textContent = pattern.replace('{count}', Math.abs(left).toLocaleString('en-GB'))
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.spoken.textContent = this.shown.hidden ? '' : this.shown.textContent
    }, PAUSE)
  }
}
