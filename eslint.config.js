import checkFile from 'eslint-plugin-check-file';
import reactHooks from 'eslint-plugin-react-hooks';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/**
 * What a file looks like. Which file may import which is the dependency rules' part (.dependency-cruiser.mjs), what
 * nobody uses is knip's (knip.config.js); `npm test` asks all three.
 */

/** AssemblyScript looks like TypeScript and has a compiler of its own. */
const assemblyScript = 'workers/**/wasm/*.ts';
/** How an expression is spelled, where both spellings mean the same. */
const spelling = [
  ...[
    'no-control-regex',
    'regexp/match-any',
    'regexp/no-unused-capturing-group',
    'regexp/prefer-character-class',
  ],
  ...['regexp/prefer-d', 'regexp/prefer-w', 'regexp/use-ignore-case', 'regexp/no-useless-character-class'],
];
const named = '**/*.{ts,tsx,js,mjs,css,html,py}';

export default tseslint.config(
  {
    ignores: ['dist/', 'dist-cli/', 'node_modules/', 'public/', 'test-results/', '.ci/', '.venv/'],
  },
  ...tseslint.configs.recommended.map((config) => ({ ...config, ignores: [assemblyScript] })),
  {
    files: ['**/*.{ts,tsx}'],
    ignores: [assemblyScript],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['scripts/**', 'test/**', 'e2e/**', '*.config.*'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    ignores: [assemblyScript],
    rules: { 'max-lines': ['error', 300] },
  },
  // Texts of other people's files go through these expressions: none may take longer than in proportion to the text.
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    ignores: [assemblyScript],
    plugins: { regexp },
    rules: {
      ...regexp.configs.recommended.rules,
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
      ...Object.fromEntries(spelling.map((rule) => [rule, 'off'])),
    },
  },
  // Names of files of other languages are looked at too; the processor gives ESLint nothing else of them.
  {
    files: ['**/*.{css,html,py}', assemblyScript],
    plugins: { 'check-file': checkFile },
    processor: 'check-file/eslint-processor-check-file',
  },
  {
    files: [named],
    plugins: { 'check-file': checkFile },
    rules: {
      'check-file/filename-naming-convention': [
        'error',
        { '**/*.{ts,tsx,js,mjs,css,html}': 'KEBAB_CASE', '**/*.py': '?(__)+([a-z0-9])*(_+([a-z0-9]))?(__)' },
        { ignoreMiddleExtensions: true },
      ],
      'check-file/folder-naming-convention': [
        'error',
        { '{core,protocol,workers,src,cli,scripts,test,e2e,bench}/**/': 'KEBAB_CASE' },
      ],
    },
  },
);
