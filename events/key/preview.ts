// The preview: what stays readable of a secret. Only the characters that the keyspace shows are ever kept.
import type { TokenFormat } from '../keyspaces/token-format.ts';
import type { Secret } from '../secret.ts';

/** `{prefix}_{first of the random part}{mask}{last of the key}`, as far as the format shows it: `sk_live_abc123...GHIJ`. */
export function previewOf({ preview }: TokenFormat, secret: Secret, keyId: string): string {
  const text = secret.reveal();
  const { prefix, first, last, mask, keyId: withId } = preview;
  const randomAt = text.lastIndexOf('_') + 1;
  const head = (prefix ? text.slice(0, randomAt) : '') + text.slice(randomAt, randomAt + first);
  const shown = `${head}${mask}${text.slice(text.length - last)}`;
  return withId ? `${shown} ${keyId}`.trim() : shown;
}
