/** The words of one language; the build puts them in. */
declare const __SIGNUP_WORDS__: import('./show.js').Words
