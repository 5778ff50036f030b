import js from '@eslint/js'
import globals from 'globals'

export default [
  js.configs.recommended,
  {
    files: ['src/**/*.js', 'verify/src/*.js', 'signup/src/*.js'],
    languageOptions: {
      globals: {
        ...globals.browser,
        __CONSENT_CONFIGURATION__: 'readonly',
        __CONSENT_MODULES__: 'readonly',
        __CONSENT_LATER__: 'readonly',
        __SIGNUP_WORDS__: 'readonly',
      },
    },
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      // Text of the notice is text: a parser of markup has no place in this script.
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'setHTMLUnsafe'].map(
          (property) => ({ property }),
        ),
      ],
      'max-lines': ['error', 250],
      'max-lines-per-function': [
        'error',
        { max: 130, skipComments: true, skipBlankLines: true },
      ],
      complexity: ['error', 12],
      'no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  {
    files: ['*.mjs', 'verify/*.mjs', 'signup/*.mjs', 'tests/**/*.js'],
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
  },
]
