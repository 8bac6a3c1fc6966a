// The five products whose rules are acceptance tests.
export const PRODUCTS = ['dronahq', 'voice-agent', 'dagen', 'ayra', 'project-admin'] as const;
export type ProductName = (typeof PRODUCTS)[number];
