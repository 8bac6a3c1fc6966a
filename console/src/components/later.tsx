// Dialogs that are not of the first page's weight: they are loaded right after it, before anybody asks for them, so that
// they open when the server is away, too.
import { lazy, useEffect, type ComponentType } from 'react';

export interface Later<Props> {
  readonly Component: ComponentType<Props>;
  /** In the component that will show it. */
  readonly usePreloaded: () => void;
}

/** Call it outside of components, and show the component in a `Suspense`. */
export function later<Props>(load: () => Promise<{ readonly default: ComponentType<Props> }>): Later<Props> {
  return {
    Component: lazy(load),
    usePreloaded: () =>
      useEffect(() => {
        // Whoever needs it then asks again.
        load().catch(() => undefined);
      }, []),
  };
}
