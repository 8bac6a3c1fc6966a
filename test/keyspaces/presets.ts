// The presets that ship, read as an operator's files are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { readSource } from '../../events/keyspaces/source.ts';
import { presetsFolder } from '../../services/api/presets.ts';

export const PRESETS = ['default', 'dronahq', 'voice-agent', 'dagen', 'ayra', 'project-admin'] as const;
export type Preset = (typeof PRESETS)[number];

export const presetSource = (slug: Preset): string => readFileSync(join(presetsFolder(), `${slug}.yaml`), 'utf8');

export function preset(slug: Preset): Profile {
  const read = readSource(presetSource(slug));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.profile;
}
