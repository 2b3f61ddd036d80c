/** Shell completion: the shells' scripts ask `assay complete <words...>` for the candidates. */

import { catalog, findSystem } from '@assay/catalog';
import { describeFields, InputError, nearestName, show } from '@assay/contract';
import { sources } from '@assay/sources';
import type { Command } from 'commander';
import { print } from '../terminal.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
	bash: `_assay() {
  local IFS=$'\\n'
  COMPREPLY=($(assay complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _assay assay`,
	zsh: `#compdef assay
_assay() {
  local -a candidates
  candidates=("\${(@f)$(assay complete -- "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)}")
  compadd -a candidates
  _files
}
compdef _assay assay`,
	fish: `complete -c assay -a '(assay complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
};

/** `assay completion <shell>` */
export function printCompletion(shell: string): void {
	const script = SCRIPTS[shell];
	if (script === undefined) {
		const shells = Object.keys(SCRIPTS);
		throw new InputError({
			path: ['shell'],
			found: show(shell),
			expected: `one of ${shells.join(', ')}`,
			nearest: nearestName(shell, shells),
		});
	}
	print(script);
}

/** Candidates for the last of the words, one a line. */
export async function complete(words: readonly string[], program: Command): Promise<void> {
	const last = words.at(-1) ?? '';
	const candidates = await candidatesAfter(words.slice(0, -1), program);
	print(candidates.filter((candidate) => candidate.startsWith(last)).join('\n'));
}

async function candidatesAfter(before: readonly string[], program: Command): Promise<string[]> {
	let command = program;
	const rest = [...before];
	for (;;) {
		const next = command.commands.find((one) => one.name() === rest[0]);
		if (next === undefined) break;
		command = next;
		rest.shift();
	}
	const nested = command.commands.map((one) => one.name()).filter((name) => name !== 'complete');
	if (nested.length > 0) return nested;
	const options = command.options.map((option) => option.long ?? '').filter((name) => name !== '');
	const choices = command.options.find((option) => option.long === rest.at(-1))?.argChoices;
	if (choices !== undefined) return [...choices];
	const takesSystem = ['run', 'reproduce', 'sweep', 'show'].includes(command.name()) && command.parent?.name() !== 'runs';
	const [slug] = rest;
	if (takesSystem && slug === undefined && ['assay', 'systems'].includes(command.parent?.name() ?? ''))
		return [...catalog.map((entry) => entry.card.slug), ...options];
	if (command.parent?.name() === 'papers') return [...(await namesInFeed(command.name(), rest)), ...options];
	if (command.parent?.name() === 'data') return [...sources.map((source) => source.name), ...options];
	if (command.name() !== 'run' || slug === undefined) return options;
	const system = await findSystem(slug).load();
	const fields = describeFields(system.inputs).filter((field) => !field.nested);
	const field = fields.find((one) => `--${one.path.join('.')}` === rest.at(-1));
	if (rest.at(-1) === '--example') return system.examples.map((example) => example.name);
	if (field?.choices !== undefined) return [...field.choices];
	if (field?.kind === 'data') return sources.map((source) => source.name);
	return [...fields.map((one) => `--${one.path.join('.')}`), ...options];
}

/** Slugs of papers, topics, organisations or authors, where the word at hand is one. */
async function namesInFeed(verb: string, rest: readonly string[]): Promise<string[]> {
	const { newestSlugs, withFeed } = await import('./papers/feed.ts');
	const named = new Map([
		['--tag', 'tags'],
		['--topics', 'tags'],
		['--org', 'organisations'],
		['--author', 'authors'],
	] as const);
	const table = [...named].find(([option]) => option === rest.at(-1))?.[1];
	if (table !== undefined) return withFeed(({ database }) => newestSlugs(database, table));
	return ['show', 'vote'].includes(verb) && rest.length === 0 ? withFeed(({ database }) => newestSlugs(database, 'papers')) : [];
}
