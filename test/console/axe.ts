// Accessibility as axe finds it, on the page as it stands, light and dark.
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const GRAVE = new Set(['serious', 'critical']);
/** WCAG 2.2 AA, and what axe holds to be good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What is wrong, `rule: element`; empty when all is well. */
export async function graveIssues(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await settled(page, colorScheme);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(
      (tags) =>
        (window as unknown as { axe: { run: (options: unknown) => Promise<AxeResults> } }).axe.run({ runOnly: tags }),
      TAGS,
    );
    for (const { id, impact, nodes } of violations)
      if (GRAVE.has(impact ?? ''))
        for (const node of nodes)
          found.push(`${colorScheme} ${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`);
  }
  return found;
}

/**
 * The page as a reader of this system sees it: with the colours of the scheme on every element (Chromium leaves those that
 * were made while the medium changed with the former one's until the scheme is set anew), and nothing in motion.
 */
export function settled(page: Page, colorScheme: 'light' | 'dark'): Promise<unknown> {
  return page.evaluate(async (scheme) => {
    document.documentElement.style.colorScheme = scheme;
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, colorScheme);
}
