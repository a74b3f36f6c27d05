// Lints snippets, given as a JSON list of {name, path, code} on standard input, with the project's own configuration as if
// they stood at that path of the tree, and prints for each the messages of the determinism bans. A process of its own,
// since Jest cannot load ESLint's configuration, which is an ES module.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const snippets = JSON.parse(await text(process.stdin));
const eslint = new ESLint({
  // A snippet is no file of the TypeScript project, so rules that need types cannot run.
  overrideConfig: [
    {
      files: ['**/*.ts'],
      ...tseslint.configs.disableTypeChecked,
      languageOptions: { parserOptions: { projectService: false, program: null, project: false } },
    },
  ],
});
const results = [];
for (const { name, path, code } of snippets) {
  const [result] = await eslint.lintText(code, { filePath: path });
  const messages = result.messages.filter(
    ({ ruleId, fatal }) => fatal || ruleId?.startsWith('no-restricted-'),
  );
  results.push({ name, messages: messages.map(({ ruleId, message }) => `${ruleId}: ${message}`) });
}
console.log(JSON.stringify(results));
