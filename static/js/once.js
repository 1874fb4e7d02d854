const ENOUGH = 3000 // ms in which a second press is taken for a slip

/** Lets a form that goes to the server as a whole be sent once, not twice by a double click. */
export function preventDoubleSubmit (button) {
  let last = -Infinity
  button.form?.addEventListener('submit', event => {
    if (event.timeStamp - last < ENOUGH) event.preventDefault()
    else last = event.timeStamp
  })
}
