// What is shown where a page fails by a fault of its own.
import { Component, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { texts } from '../texts/texts.ts';

interface Props {
  readonly children: ReactNode;
  /** Where it stands: another place is tried anew. */
  readonly place?: string;
}

/** React has no other way to catch than a class. */
export class ErrorBoundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate({ place }: Props): void {
    if (this.state.failed && place !== this.props.place) this.setState({ failed: false });
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <EmptyState title={texts.failure.title} text={texts.failure.text}>
        <Button kind="primary" onClick={() => window.location.reload()}>
          {texts.failure.reload}
        </Button>
      </EmptyState>
    );
  }
}
