// The part of autocannon's interface that the benchmarks use; the package has no types of its own.
declare module 'autocannon' {
  interface Result {
    readonly requests: { readonly average: number; readonly total: number };
    readonly errors: number;
    readonly non2xx: number;
  }
  interface Running extends PromiseLike<Result> {
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
    ): unknown;
    /** Ends it before its time; the result is of what was done. */
    stop(): void;
  }
  export default function autocannon(options: {
    readonly url: string;
    readonly connections: number;
    readonly duration: number;
    /** Requests a second, of all connections together; absent: as many as are answered. */
    readonly overallRate?: number;
    readonly requests: readonly {
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    }[];
  }): Running;
}
