// The source of a profile as it is printed: it means the same to the last character, and cannot steer a terminal.
import { parse } from 'yaml';
import { sourceText } from '../../events/keyspaces/source-text.ts';
import { visible } from './format.ts';

/** Lines to print; what a text could steer a terminal by stands within quotes there, and is escaped. */
export function sourceLines(source: string): string[] {
  const text = sourceText(parse(source) as object);
  return text.replace(/\n$/, '').split('\n').map(visible);
}
