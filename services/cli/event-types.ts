// The types of events as the API names them, out of the catalogue: what the shell takes and refuses without asking anybody.
import { catalogue } from '../../events/catalogue.ts';
import { keyFacts } from '../../events/key/facts.ts';

export const KeyEventTypes: readonly string[] = [...Object.keys(catalogue), ...Object.keys(keyFacts)].map((name) =>
  name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase(),
);
