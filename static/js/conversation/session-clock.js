/** Keeps "you are signed out at about …" true: sending a message starts the time anew. */
export class SessionClock {
  constructor (element) {
    this.element = element
    this.span = element && new Date(element.dateTime) - Date.now()
  }

  restart () {
    if (!this.element) return
    const end = new Date(Date.now() + this.span)
    this.element.dateTime = end.toISOString()
    this.element.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
      hour: 'numeric', minute: '2-digit', hour12: true, timeZone: 'Europe/London'
    }).format(end).toLowerCase().replace(/\s/g, '')
  }
}
