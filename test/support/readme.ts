// The README, and pages like it, as tests read them: sections, and in them steps whose commands are run as they stand there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A document, by its path from the root of the repository. */
export function pageText(path: string): string {
  return readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8');
}

/** A `###` heading with one `sh` block of commands, and the `text` block of what they print, if there is one. */
export interface Step {
  readonly title: string;
  readonly commands: string;
  /** With … for what differs each time. */
  readonly outcome: string | null;
}

/** The steps of a `##` section; a heading without an `sh` block is none. */
export function stepsOf(section: string, page = 'README.md'): Step[] {
  const [, body] = new RegExp(`^## ${section}$([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(pageText(page)) ?? [];
  if (body === undefined) throw new Error(`${page} has no section "${section}"`);
  return body
    .split(/^### /m)
    .slice(1)
    .flatMap((part) => {
      const title = part.slice(0, part.indexOf('\n'));
      const blocks = [...part.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
      const of = (language: string) => blocks.flatMap(([, name, text = '']) => (name === language ? [text] : []));
      const [commands, ...more] = of('sh');
      const [outcome = null, ...others] = of('text');
      if (more.length + others.length > 0) throw new Error(`"${title}" has more than one block of a kind`);
      return commands === undefined ? [] : [{ title, commands, outcome }];
    });
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What a step may print: its text block, with … for anything within a line, and columns as wide as they are. */
export function pattern(outcome: string): RegExp {
  const lines = outcome.trim().split('\n');
  const escaped = lines.map((line) => line.trim().split('…').map(escape).join('\\S.*?').replace(/ {2,}/g, ' {2,}'));
  return new RegExp(`^${escaped.join('\\s*\\n\\s*')}$`);
}

/** Commands with other addresses and folders in them than those that the README names. */
export function replaced(commands: string, replacements: Readonly<Record<string, string>>): string {
  // In one pass: what one of them was replaced by, port 41007 say, is not what another one, port 4100, is looked for in.
  const names = new RegExp(Object.keys(replacements).map(escape).join('|'), 'g');
  return commands.replace(names, (found) => replacements[found] ?? found);
}
