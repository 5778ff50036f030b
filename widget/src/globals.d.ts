/** The configuration, put here by the server. */
declare const __CONSENT_CONFIGURATION__: import('./types.js').Configuration
