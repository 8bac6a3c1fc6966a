// The page of every address that leads nowhere, or nowhere for this person: the two are answered alike.
import { ButtonLink } from '../components/button.tsx';
import { texts } from '../texts/texts.ts';
import { Page } from './page.tsx';

export function NotFound() {
  return (
    <Page title={texts.notFound.title}>
      <p>{texts.notFound.text}</p>
      <p>
        <ButtonLink href="/">{texts.notFound.home}</ButtonLink>
      </p>
    </Page>
  );
}
