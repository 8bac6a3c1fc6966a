// What a key mutation came to, on standard output: the position always, the secret once; as lines, as JSON, or as
// variables that a shell can `eval`.
import { z } from 'zod';
import { fieldLines, shellLines, visible } from './format.ts';
import { print, printJson, remark, type Io } from './io.ts';
import { keyView } from './key-view.ts';
import type { MutationPayload } from './mutations.ts';

/** Which verifiers have folded a change; `null` where that was not asked for. */
export const enforcement = z
  .object({
    confirmed: z.number(),
    total: z.number(),
    confirmedAt: z.string().nullable(),
    verifiers: z.array(z.looseObject({ id: z.string(), confirmedAt: z.string().nullable() })),
  })
  .nullish();
type Enforcement = z.infer<typeof enforcement>;

/** A remark on a receipt that is not whole. */
export function remarkOn(io: Io, of: Enforcement): void {
  if (of?.confirmedAt !== null) return;
  const late = of.verifiers.filter(({ confirmedAt }) => confirmedAt === null).map(({ id }) => id);
  const whom = late.length === 0 ? 'the receipt is not known yet' : `not confirmed yet by ${late.join(', ')}`;
  remark(io, `${whom}: the change is made; ask for the enforcement of this version again`);
}

/** `3 of 3` */
export const confirmedBy = (of: Enforcement): string | undefined => (of ? `${of.confirmed} of ${of.total}` : undefined);

const payload = z.looseObject({
  position: z.string(),
  key: keyView.nullable(),
  secret: z.string().nullish(),
  predecessor: z.looseObject({ keyId: z.string() }).nullish(),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]),
  enforcement,
});

export interface OutputOptions {
  readonly json?: boolean;
  readonly shell?: boolean;
}

export function printOutcome(io: Io, of: MutationPayload, { json = false, shell = false }: OutputOptions): void {
  const { key, position, secret = null, predecessor = null, warnings, enforcement: receipt } = payload.parse(of);
  const keyId = key?.keyId ?? null;
  if (json) {
    const enforced = receipt ? { enforcement: receipt } : {};
    printJson(io, { keyId, ...(secret === null ? {} : { secret }), position, predecessor, warnings, ...enforced, key });
    return;
  }
  remarkOn(io, receipt);
  for (const { code, message } of warnings) remark(io, `warning ${visible(code)}: ${visible(message)}`);
  if (shell) {
    print(io, ...shellLines({ KEY_ID: keyId, SECRET: secret, POSITION: position }));
    return;
  }
  const confirmed = confirmedBy(receipt);
  print(
    io,
    ...fieldLines({ key: keyId, secret, status: key?.status, predecessor: predecessor?.keyId, position, confirmed }),
  );
  if (secret !== null) remark(io, 'The secret is shown this once: keep it now.');
}
