// The keys that events speak of, by their ids, as they become known: without them events are shown all the same.
import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { AuditKeysDocument, type AuditKeysQuery } from '../api/generated/graphql.ts';
import { globalKeyId, isKeyId } from '../api/key-id.ts';

export type Subject = Extract<NonNullable<AuditKeysQuery['nodes'][number]>, { readonly __typename: 'ApiKey' }>;

/** What one answer may hold. */
const CHUNK = 100;

export function useSubjects(subjects: readonly string[]): ReadonlyMap<string, Subject> {
  const client = useClient();
  const [known, setKnown] = useState<ReadonlyMap<string, Subject>>(new Map());
  const ids = [...new Set(subjects)].filter((id) => isKeyId(id) && !known.has(id)).slice(0, CHUNK);
  const question = ids.map(globalKeyId).join(' ');
  useEffect(() => {
    if (question === '') return undefined;
    const subscription = client.query(AuditKeysDocument, { ids: question.split(' ') }).subscribe(({ data }) => {
      const found = (data?.nodes ?? []).flatMap((node) => (node?.__typename === 'ApiKey' ? [node] : []));
      if (found.length > 0)
        setKnown((before) => new Map([...before, ...found.map((key) => [key.keyId, key] as const)]));
    });
    return () => subscription.unsubscribe();
  }, [client, question]);
  return known;
}
