// What a key mutation came to, on standard output: the position always, the secret once; as lines, as JSON, or as
// variables that a shell can `eval`.
import { z } from 'zod';
import { fieldLines, shellLines, visible } from './format.ts';
import { print, printJson, remark, type Io } from './io.ts';
import { keyView } from './key-view.ts';
import type { MutationPayload } from './mutations.ts';

const payload = z.looseObject({
  position: z.string(),
  key: keyView.nullable(),
  secret: z.string().nullish(),
  predecessor: z.looseObject({ keyId: z.string() }).nullish(),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]),
});

export interface OutputOptions {
  readonly json?: boolean;
  readonly shell?: boolean;
}

export function printOutcome(io: Io, of: MutationPayload, { json = false, shell = false }: OutputOptions): void {
  const { key, position, secret = null, predecessor = null, warnings } = payload.parse(of);
  const keyId = key?.keyId ?? null;
  if (json) {
    printJson(io, { keyId, ...(secret === null ? {} : { secret }), position, predecessor, warnings, key });
    return;
  }
  for (const { code, message } of warnings) remark(io, `warning ${visible(code)}: ${visible(message)}`);
  if (shell) {
    print(io, ...shellLines({ KEY_ID: keyId, SECRET: secret, POSITION: position }));
    return;
  }
  print(io, ...fieldLines({ key: keyId, secret, status: key?.status, predecessor: predecessor?.keyId, position }));
  if (secret !== null) remark(io, 'The secret is shown this once: keep it now.');
}
