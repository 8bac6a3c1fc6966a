// The GraphQL documents of the commands fit the schema and its limits.
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../schema/limits.ts';
import * as documents from '../../services/cli/documents.ts';
import { KEY_DOCUMENTS } from '../../services/cli/key-commands.ts';

const ALL = [...KEY_DOCUMENTS, ...Object.values(documents).filter((document) => typeof document === 'string')];

describe('the documents of the commands', () => {
  it('are one for each key mutation, and the others', () => {
    expect(KEY_DOCUMENTS).toHaveLength(12);
    expect(ALL.length).toBeGreaterThan(KEY_DOCUMENTS.length + 8);
  });

  it.each(
    ALL.map((document) => [
      /(?:result: )?(\w+)\s*[({]/.exec(document.slice(document.indexOf('{') + 1))?.[1] ?? '',
      document,
    ]),
  )('%s is valid', (_, document) => {
    const checked = checkDocument(document);
    expect(checked.ok ? [] : checked.errors.map(({ message }) => message)).toEqual([]);
  });
});
