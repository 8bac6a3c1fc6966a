// Prefixes that other vendors' keys have. Secret scanners know them: a key of ours that begins like one is reported to
// that vendor, or taken for harmless. Sources: the vendors' documentation and GitHub's list of secret-scanning patterns.
import type { Warning } from '../decision.ts';
import type { Profile } from './profile.ts';
import { secretPrefixes, tokenFormat } from './token-format.ts';

const VENDORS: Readonly<Record<string, string>> = {
  sk: 'OpenAI and others',
  sk_live: 'Stripe',
  sk_test: 'Stripe',
  rk_live: 'Stripe',
  rk_test: 'Stripe',
  pk_live: 'Stripe',
  pk_test: 'Stripe',
  ghp: 'GitHub',
  gho: 'GitHub',
  ghu: 'GitHub',
  ghs: 'GitHub',
  ghr: 'GitHub',
  github_pat: 'GitHub',
  npm: 'npm',
  shpat: 'Shopify',
  shpss: 'Shopify',
  hf: 'Hugging Face',
  dop_v1: 'DigitalOcean',
  doo_v1: 'DigitalOcean',
  gsk: 'Groq',
  r8: 'Replicate',
  lin_api: 'Linear',
  figd: 'Figma',
  pscale_pw: 'PlanetScale',
  sntrys: 'Sentry',
  whsec: 'Stripe and Svix',
  xoxb: 'Slack',
  xoxp: 'Slack',
};

/** One warning for each prefix of the profile's keys that another vendor's keys have. */
export function vendorWarnings(profile: Profile): readonly Warning[] {
  return secretPrefixes(tokenFormat(profile)).flatMap((prefix) => {
    const vendor = Object.hasOwn(VENDORS, prefix) ? VENDORS[prefix] : undefined;
    if (vendor === undefined) return [];
    const message = `keys of ${vendor} begin with ${prefix}_ as well: secret scanners will mistake one for the other`;
    return [{ code: 'VENDOR_PREFIX', message }];
  });
}
