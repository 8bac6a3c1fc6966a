// Parts of the console that are loaded when they are first asked for. One that does not come says why, and is asked for
// again; after an update of the server there is another console to load.
import { useEffect, useRef, useState, type ComponentType } from 'react';
import { Button } from '../components/button.tsx';
import { AlertDialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { texts } from '../texts/texts.ts';

const words = texts.failure;

/** `null`: the server cannot be reached; else whether it has another console than this one. */
async function isOutdated(): Promise<boolean | null> {
  const own = document.querySelector<HTMLScriptElement>('script[type=module]')?.getAttribute('src') ?? '';
  try {
    return !(await (await fetch('/', { cache: 'no-store' })).text()).includes(own);
  } catch {
    return null;
  }
}

/** Styles that did not come are loaded anew: the loader takes every sheet that it has named for one that is there. */
function reloadStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]'))
    if (link.sheet === null) link.replaceWith(link.cloneNode());
}

/** `broken`: asked for twice in vain. There are browsers that keep a script that did not come for as long as the page. */
type State = 'loading' | 'loaded' | 'away' | 'outdated' | 'broken';

/** With `onDone` it is a dialog, of which nothing is seen while it loads; else a page. */
export function part<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | null = null;
  return function Part(props: Props) {
    const [state, setState] = useState<State>(Loaded ? 'loaded' : 'loading');
    const failures = useRef(0);
    useEffect(() => {
      if (state !== 'loading') return undefined;
      let over = false;
      const ask = async (): Promise<void> => {
        let next: State = 'loaded';
        try {
          Loaded = (await load()).default;
        } catch {
          const outdated = await isOutdated();
          if (outdated === false) failures.current += 1;
          next = outdated === true ? 'outdated' : failures.current > 1 ? 'broken' : 'away';
        }
        if (!over) setState(next);
      };
      void ask();
      return () => {
        over = true;
      };
    }, [state]);
    const onDone = 'onDone' in props ? (props.onDone as () => void) : null;
    if (state === 'loaded') return Loaded && <Loaded {...props} />;
    if (state === 'loading') return onDone ? null : <LoadingPage />;
    const text = { away: words.network, outdated: words.outdated, broken: words.text }[state];
    const label = state === 'away' ? texts.retry : words.reload;
    const mend = (): void => {
      if (state !== 'away') window.location.reload();
      reloadStyles();
      setState('loading');
    };
    if (onDone)
      return (
        <AlertDialog open title={words.title} description={text} confirm={label} onConfirm={mend} onClose={onDone} />
      );
    return (
      <div role="alert">
        <EmptyState text={text}>
          <Button onClick={mend}>{label}</Button>
        </EmptyState>
      </div>
    );
  };
}
