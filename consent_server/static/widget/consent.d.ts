/**
 * `window.consent`: what a page may ask the banner and tell it. For pages in TypeScript:
 *
 *     /// <reference path="./consent.d.ts" />
 */

/** What a visitor said about one purpose. */
type ConsentAnswer = 'granted' | 'refused'

/** The answers that stand, by the purpose's slug; a purpose not answered is not there. */
type ConsentChoices = Readonly<Record<string, ConsentAnswer | undefined>>

interface ConsentEvents {
  /** Once on each page: the answers of earlier pages are known, `window.consent` is there. */
  ready: ConsentChoices
  /** The answers have changed: chosen, withdrawn, ended, or chosen in another tab. */
  change: ConsentChoices
  /** Something went wrong; its `name` says what. Nothing is ever thrown at the page. */
  problem: Error
}

interface Consent {
  /** The answers that stand now; a new object each time, `{}` before a choice. */
  readonly choices: ConsentChoices
  /** Kept as soon as the answers of earlier pages are known. */
  readonly ready: Promise<Consent>
  /** Tell whether a tracker of this purpose may run now; an unknown purpose may not. */
  granted(purpose: string): boolean
  /** Hear an event; the result stops it. */
  on<Type extends keyof ConsentEvents>(
    type: Type,
    listener: (detail: ConsentEvents[Type]) => void,
  ): () => void
  /** Record a yes to every purpose, as the visitor's own act: call it from their click. */
  accept(): void
  /** Record a no to every purpose. */
  refuse(): void
  /** Record these answers; a purpose not named keeps its own, and without one is refused. */
  save(choices: Readonly<Record<string, boolean | ConsentAnswer>>): void
  /** Show the second layer, with the answers that stand. */
  open(): void
  /** Withdraw what was granted, forget this visitor on this device, and ask again. */
  reset(): void
}

interface Window {
  /** Not there before the banner's script has run; wait for `consent:ready`. */
  readonly consent?: Consent
}

interface DocumentEventMap {
  'consent:ready': CustomEvent<ConsentChoices>
  'consent:change': CustomEvent<ConsentChoices>
  'consent:problem': CustomEvent<Error>
}
