// The fingerprint of a command: what tells a retry from another command under the same commandId (W1).
// Private, since it would let a forgotten name be guessed.
import { canonical, sha256 } from './canonical.ts';

/** SHA-256 (hex) of the command's name and canonical input, the key's id included; absent members do not count. */
export function fingerprint(command: string, input: object): string {
  return sha256(canonical({ command, input }));
}
