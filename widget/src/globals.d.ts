/** The configuration, put here by the server. */
declare const __CONSENT_CONFIGURATION__: import('./types.js').Configuration
/** The modules this site uses, by name, put here by the server. */
declare const __CONSENT_MODULES__: Record<string, import('./types.js').Module>
/** `later/index.js`, put here by the build: parsed only when called. */
declare const __CONSENT_LATER__: (
  core: import('./types.js').Core,
  near?: Event,
) => import('./types.js').Later

/** A style sheet as text, minified when built. */
declare module '*.css?inline' {
  const text: string
  export default text
}
