/**
 * What a page in TypeScript writes; never run, only checked by tsc. Each `@ts-expect-error`
 * is a mistake that the declarations must find.
 */
async function page(consent: Consent): Promise<void> {
  const stop: () => void = consent.on('change', (choices) => {
    const answer: 'granted' | 'refused' | undefined = choices['analytics']
    if (answer === 'granted' && consent.granted('analytics')) stop()
  })
  consent.on('problem', (error) => console.warn(error.name, error.message))
  // @ts-expect-error there is no such event
  consent.on('chnage', () => undefined)
  // @ts-expect-error answers are read, never written
  consent.choices = {}
  // @ts-expect-error an answer is one of two words, or true or false
  consent.save({ analytics: 'maybe' })
  // @ts-expect-error a purpose is named by its slug
  consent.granted(1)
  consent.save({ analytics: true, ads: 'refused' })
  const same: Consent = await consent.ready
  same.accept()
  same.refuse()
  same.open()
  same.reset()
}

document.addEventListener('consent:ready', ({ detail }) => {
  if (detail['analytics'] === 'granted' && window.consent) void page(window.consent)
})
// @ts-expect-error the script may not be there yet
window.consent.open()
