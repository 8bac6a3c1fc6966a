// The YAML of a source, JSON being some of it: read in time that grows with its length, and told of by places only. What a
// parser would merely warn of is a problem here, since nobody sees a warning.
import { Composer, LineCounter, Parser, Lexer, visit, type CST, type Document, type Node, type YAMLError } from 'yaml';
import type { Problem } from '../problem.ts';
import { problem } from './check/problems.ts';

/** Words and signs of a source; the largest profile has fewer, and what a parser needs grows with them. */
const MAX_TOKENS = 65_536;
/** A file says everything once: what stands for more than it is written as is refused. */
const MAX_ALIASES = 100;
/** Anchors, aliases and tags. */
const MAX_MARKS = 1000;
const MARK = /^[&*!]/;

/** No warnings of the parser's own: they quote the file. Keys are texts, and tags are those of JSON. */
const OPTIONS = {
  prettyErrors: false,
  version: '1.2',
  schema: 'core',
  resolveKnownTags: false,
  stringKeys: true,
  logLevel: 'error',
  // Told by `keyProblems`: the parser compares each key with all before it.
  uniqueKeys: false,
} as const;

interface Bad {
  readonly problems: readonly Problem[];
}
export type ReadYaml = { readonly value: unknown } | Bad;
/** `document`: as it is written, comments included; `null`: there is nothing in the source. */
export type ParsedYaml = { readonly document: Document | null; readonly value: unknown } | Bad;

type Report = (at: number, what: string) => void;

export function parseYaml(source: string): ParsedYaml {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const report: Report = (at, what) => {
    const { line, col } = lines.linePos(at);
    problems.push(problem([], `must be YAML or JSON: ${what} at line ${line}, column ${col}`));
  };
  const tokens = tokensOf(source, lines);
  if (tokens === null)
    return {
      problems: [
        problem([], `must have at most ${MAX_TOKENS} words and signs, and ${MAX_MARKS} anchors, aliases and tags`),
      ],
    };
  // What is no part of any document: nothing can be made of the rest.
  for (const token of tokens) if (token.type === 'error') report(token.offset, 'unexpected token');
  if (problems.length > 0) return { problems };

  const [document, second] = [...new Composer(OPTIONS).compose(tokens, true, source.length)];
  if (document === undefined) return { document: null, value: null };
  for (const error of [...document.errors, ...document.warnings]) report(error.pos[0], wordsOf(error));
  if (second) report(second.range[0], 'multiple docs');
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== OPTIONS.version) report(0, 'another version than 1.2');
  if (problems.length === 0) nodeProblems(document, report);
  if (problems.length > 0) return { problems };
  try {
    return { document, value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch {
    return { problems: [problem([], 'must not repeat itself by aliases so often')] };
  }
}

export const readYaml: (source: string) => ReadYaml = parseYaml;

/** `null`: there are too many. */
function tokensOf(source: string, lines: LineCounter): CST.Token[] | null {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let count = 0;
  let marks = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(source)) {
    count += 1;
    if (MARK.test(lexeme)) marks += 1;
    if (count > MAX_TOKENS || marks > MAX_MARKS) return null;
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** What the parser says, in words that quote nothing. */
const wordsOf = ({ code }: YAMLError): string => code.toLowerCase().replaceAll('_', ' ');

/** Keys that stand twice, and aliases of what they stand in. */
function nodeProblems(document: Document, report: Report): void {
  const anchored = new Map<string, Node>();
  const start = (node: Node): number => node.range?.[0] ?? 0;
  visit(document, {
    Node: (_, node) => {
      if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
    Alias: (_, node, above) => {
      const source = anchored.get(node.source);
      if (source !== undefined && above.includes(source)) report(start(node), 'alias of what it stands in');
    },
  });
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const { value } = key as { readonly value: unknown };
        if (seen.has(value)) report(start(key as Node), 'duplicate key');
        seen.add(value);
      }
    },
  });
}
