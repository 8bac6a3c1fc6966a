// What a page's address holds behind its `?`, and how it is changed.
import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/** `null` and empty texts are taken out. @param replace leaves no page to go back to. */
export type ChangeAddress = (change: Readonly<Record<string, string | null>>, replace?: boolean) => void;

export function useAddress(): readonly [URLSearchParams, ChangeAddress] {
  const [params, setParams] = useSearchParams();
  const change = useCallback<ChangeAddress>(
    (changed, replace = false) =>
      setParams(
        (before) => {
          for (const [name, value] of Object.entries(changed))
            if (value === null || value === '') before.delete(name);
            else before.set(name, value);
          return before;
        },
        { replace },
      ),
    [setParams],
  );
  return [params, change];
}
