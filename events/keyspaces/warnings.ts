// Warnings: advice on a profile that is sound all the same.
import type { Warning } from '../decision.ts';
import { grantsOf, isGranted } from './permissions.ts';
import type { Profile } from './profile.ts';
import { secretPrefixes, tokenFormat } from './token-format.ts';
import { VENDORS } from './vendor-prefixes.ts';

export function profileWarnings(profile: Profile): readonly Warning[] {
  return [...vendorWarnings(profile), ...managementWarnings(profile)];
}

/** One warning for each prefix of the profile's keys that another vendor's keys have. */
function vendorWarnings(profile: Profile): readonly Warning[] {
  return secretPrefixes(tokenFormat(profile)).flatMap((prefix) => {
    const vendor = Object.hasOwn(VENDORS, prefix) ? VENDORS[prefix] : undefined;
    if (vendor === undefined) return [];
    const message = `keys of ${vendor} begin with ${prefix}_ as well: secret scanners will mistake one for the other`;
    return [{ code: 'VENDOR_PREFIX', message }];
  });
}

/** Whoever may not look at keys may do nothing with them. */
function managementWarnings({ managesKeys, permissions }: Profile): readonly Warning[] {
  if (managesKeys === false) return [];
  const { view, change } = managesKeys;
  if (isGranted(grantsOf({ scopes: [change], unrestricted: false }, permissions), view)) return [];
  const message = `keys with ${change} can do nothing with it without ${view}: let the one imply the other`;
  return [{ code: 'CHANGE_WITHOUT_VIEW', message }];
}
