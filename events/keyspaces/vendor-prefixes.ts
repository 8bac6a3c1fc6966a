// Prefixes that other vendors' keys have. Secret scanners know them: a key of ours that begins like one is reported to
// that vendor, or taken for harmless. Sources: the vendors' documentation and GitHub's list of secret-scanning patterns.

/** Text before the last `_` → whose keys begin with it. */
export const VENDORS: Readonly<Record<string, string>> = {
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
