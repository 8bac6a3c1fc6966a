// Documents that were parsed and found valid, the least recently used thrown away. Refused ones are not kept: nobody can
// push good ones out by sending bad ones.
import type { CheckedDocument } from '../../schema/limits.ts';

const MAX_DOCUMENTS = 512;
/** A longer text is checked each time: such are not the ones that programs send over and over. */
const MAX_LENGTH = 8192;

export function createDocumentCache(check: (query: string) => CheckedDocument): (query: string) => CheckedDocument {
  const documents = new Map<string, CheckedDocument>();
  return (query) => {
    const known = documents.get(query);
    if (known !== undefined) {
      documents.delete(query); // a Map keeps its order of insertion: the first is the one longest unused
      documents.set(query, known);
      return known;
    }
    const checked = check(query);
    if (checked.ok && query.length <= MAX_LENGTH) {
      documents.set(query, checked);
      if (documents.size > MAX_DOCUMENTS) for (const oldest of documents.keys()) if (documents.delete(oldest)) break;
    }
    return checked;
  };
}
