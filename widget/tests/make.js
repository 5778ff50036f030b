/** Things to test with; say only what matters, the rest has a sensible default. */
import words from '../words/en.json'

export const NOW = Date.UTC(2026, 10, 22, 10, 41)
export const VISITOR = 'vvvvvvvvvvvvvvvvvvvvvv'
export const DECISION = 'dddddddddddddddddddddd'

const WORDS = Object.fromEntries(
  Object.entries(words).map(([name, text]) => [`${name}_`, text]),
)

export function makePurpose(slug_, but = {}) {
  return { slug_, title_: slug_, ...but }
}

export function makeConfiguration(but = {}) {
  return {
    site_: 'site_1',
    url_: 'https://consent.example',
    script_: 'f00',
    notice_: 'ntv_3',
    version_: 3,
    lang_: 'en',
    purposes_: [
      makePurpose('analytics'),
      makePurpose('ads'),
      makePurpose('basket', { exempt_: 1 }),
    ],
    frame_:
      '<section><h2>Trackers?</h2></section>' +
      '<div><p role=status></p><button data-action=open></button></div>',
    second_: '<h2>Trackers?</h2><input name=analytics><input name=ads>',
    cookies_: [[], [], []],
    said_: [words.saved, words.reload_why],
    words_: WORDS,
    theme_: '.base{--a:#1d4fc4}',
    ...but,
  }
}

/** Kept answers from such as `{ analytics: 'g 3' }`: letter and version. */
export function makeAnswers(answers) {
  return new Map(
    Object.entries(answers).map(([slug, text]) => {
      const [letter, version] = text.split(' ')
      return [slug, [letter, Number(version)]]
    }),
  )
}

export function makeMemory(answers, but = {}) {
  return {
    visitor_: VISITOR,
    id_: DECISION,
    time_: NOW,
    receipt_: '',
    answers_: makeAnswers(answers),
    ...but,
  }
}

export function makeDecision(id, but = {}) {
  return { id, visitor: VISITOR, choices: { ads: 'refused' }, ...but }
}
