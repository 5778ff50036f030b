/** Things to test with; say only what matters, the rest has a sensible default. */

export const NOW = Date.UTC(2026, 10, 22, 10, 41)
export const VISITOR = 'vvvvvvvvvvvvvvvvvvvvvv'
export const DECISION = 'dddddddddddddddddddddd'

export function makePurpose(slug, but = {}) {
  return { slug, title: slug, text: '', exempt: false, floor: 1, trackers: [], ...but }
}

export function makeExperience(but = {}) {
  return {
    notice_version: 'ntv_3',
    version: 3,
    language: 'en',
    purposes: [
      makePurpose('analytics'),
      makePurpose('ads'),
      makePurpose('basket', { exempt: true }),
    ],
    trackers: [],
    words: {
      accept_all: 'Accept all',
      refuse_all: 'Refuse all',
      choose: 'Choose',
      title: 'Trackers?',
    },
    ask_again_after: 'P6M',
    ...but,
  }
}

/** A memory from answers such as `{ analytics: 'granted 3' }`: state and version. */
export function makeMemory(answers, but = {}) {
  const kept = Object.entries(answers).map(([slug, text]) => {
    const [state, version] = text.split(' ')
    return [slug, { state, version: Number(version) }]
  })
  return {
    visitor: VISITOR,
    decision: DECISION,
    decidedAt: NOW,
    receipt: '',
    answers: new Map(kept),
    ...but,
  }
}

export function makeDecision(id, but = {}) {
  return { id, visitor: VISITOR, choices: { ads: 'refused' }, ...but }
}
