// Where a keyspace's keys are sent: reading the key from its own headers, and telling a client which these are.
// What is told depends on the profile alone, so that "no key", "in the wrong place" and "no such form" are told alike.
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import { secretPrefixes } from '../../events/keyspaces/token-format.ts';
import { CHECKSUM_LENGTH, RANDOM_LENGTH } from '../../events/secret.ts';
import { bearerOf, createHeaderReader } from '../shared/headers.ts';
import { isWellFormed } from './credential.ts';

export interface CredentialHeaders {
  /**
   * The key that was sent, of whatever form; `''`, which is none, unless it was sent once, in one of the headers.
   *
   * @param path the client's, with its query: a key in it is in logs by now, and makes the request one without a key.
   */
  read(rawHeaders: readonly string[], path: string | null): string;
  /** What a client has to do, as a sentence. */
  readonly advice: string;
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
}

const known = new WeakMap<KeyspaceEntry, CredentialHeaders>();

/** Compiled once per version of a profile. */
export function credentialHeaders(keyspace: KeyspaceEntry): CredentialHeaders {
  let compiled = known.get(keyspace);
  if (compiled === undefined) known.set(keyspace, (compiled = compile(keyspace)));
  return compiled;
}

/** What may stand within a token: a key that begins behind one is another vendor's, whose prefix is longer. */
const isTokenCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[A-Za-z0-9_-]/.test(character);

const TAIL = RANDOM_LENGTH + CHECKSUM_LENGTH;

function compile({ profile: { slug, credential }, formats }: KeyspaceEntry): CredentialHeaders {
  const { headers } = credential;
  const names = [...new Set(headers.map(({ name }) => name.toLowerCase()))];
  const takes = (bearer: boolean) =>
    names.map((each) => headers.some((header) => header.name.toLowerCase() === each && header.bearer === bearer));
  const [bearer, plain] = [takes(true), takes(false)];
  const valuesOf = createHeaderReader(names);
  // Keys keep the form that they were made in, whatever the profile says now.
  const starts = [...new Set(formats.flatMap(({ format }) => secretPrefixes(format)))].map((prefix) => `${prefix}_`);

  function keyIn(value: string, place: number): string {
    const token = bearer[place] === true ? bearerOf(value) : null;
    return token ?? (plain[place] === true ? value : '');
  }

  /** Whether a key of this keyspace stands anywhere in a text: other vendors' tokens have the same form. */
  const holdsKey = (text: string): boolean =>
    starts.some((start) => {
      for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1))
        if (!isTokenCharacter(text[at - 1]) && isWellFormed(text.slice(at, at + start.length + TAIL))) return true;
      return false;
    });

  function isInQuery(path: string): boolean {
    const at = path.indexOf('?');
    return at >= 0 && [...new URLSearchParams(path.slice(at + 1))].flat().some(holdsKey);
  }

  return {
    read: (rawHeaders, path) => {
      const sent = valuesOf(rawHeaders);
      let place = -1;
      for (let i = 0; i < sent.length; i++) {
        if (sent[i] === null) continue;
        // Two credentials: whoever is behind the gateway might take the other one.
        if (place >= 0) return '';
        place = i;
      }
      const value = sent[place] ?? null;
      if (value === null) return '';
      return path !== null && isInQuery(path) ? '' : keyIn(value, place);
    },
    advice: `send the key once, as ${headers.map(({ name, bearer }) => `${name}: ${bearer ? 'Bearer ' : ''}<key>`).join(' or ')}`,
    challenge: headers.some((header) => header.bearer)
      ? `Bearer realm="${slug}"`
      : headers.map(({ name }) => `ApiKey realm="${slug}", header="${name}"`).join(', '),
  };
}
