// The page of somebody who is signed in and has no role anywhere.
import { texts } from '../texts/texts.ts';
import { Page } from './page.tsx';

export function NothingToSee() {
  return (
    <Page title={texts.product}>
      <p>{texts.navigation.none}</p>
    </Page>
  );
}
