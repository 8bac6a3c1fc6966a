// The JSON Schema of profiles as an output of code generation: docs/keyspace.schema.json, which editors complete from.
import { format, resolveConfig } from 'prettier';
import { profileJsonSchema } from '../../events/json-schema.ts';
import { pageOf } from './roles-page.ts';

export const PROFILE_SCHEMA = 'docs/keyspace.schema.json';

async function text(): Promise<string> {
  return format(JSON.stringify(profileJsonSchema()), { ...(await resolveConfig(PROFILE_SCHEMA)), parser: 'json' });
}

/** The file as an output of code generation. */
export const profileSchemaPreset = pageOf('profile-schema', text);
