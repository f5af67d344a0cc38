import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/ipc/bindings.ts'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-console': 'error',
      // {' '} is how a space at an edge survives.
      'svelte/no-useless-mustaches': 'off',
      // Only ipc/commands.ts may know Tauri: everything else gets a Backend.
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tauri-apps/*'], message: 'Only ipc/commands.ts speaks to Tauri.' }] },
      ],
    },
  },
  { files: ['src/ipc/commands.ts', 'src/ipc/bindings.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    // Screens take props and callbacks; they know no ipc beyond its types.
    files: ['src/screens/**/*.svelte', 'src/components/**/*.svelte'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@tauri-apps/*', '**/ipc/commands', '**/ipc/fake*', '**/ipc/backend'],
              message: 'Screens know no ipc.',
            },
          ],
        },
      ],
      'svelte/no-at-html-tags': 'error',
    },
  },
  { files: ['*.mjs', '*.js'], rules: { 'no-console': 'off' } },
);
