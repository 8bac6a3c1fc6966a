// The preview: what stays readable of a secret. Only the characters that the keyspace shows are ever kept.
import type { Profile } from '../keyspaces/profile.ts';
import type { Secret } from '../secret.ts';

/** `{prefix}_{first characters of the random part}...{last characters of the key}`: `sk_live_abc123...GHIJ`. */
export function previewOf({ credential }: Profile, secret: Secret): string {
  const text = secret.reveal();
  const { first, last } = credential.preview;
  const randomAt = text.lastIndexOf('_') + 1;
  return `${text.slice(0, randomAt + first)}...${text.slice(text.length - last)}`;
}
