// The contract of the ReadStore port: what every adapter guarantees, run against each of them.
import { afterEach, describe } from 'vitest';
import type { ContractOptions, OpenFixture, ReadStoreFixture } from './read-store-fixture.ts';
import { factTests } from './facts.ts';
import { checkpointTests } from './checkpoints.ts';
import { limitTests } from './limits.ts';
import { dataKeyWrapTests } from './data-key-wraps.ts';
import { generationTests } from './read-store-generations.ts';
import { hostileTextTests } from './read-store-hostile.ts';
import { leaseTests } from './leases.ts';
import { listTests } from './read-store-lists.ts';
import { publicationTests } from './publication.ts';
import { outsideTests } from './read-store-outside.ts';
import { readTests } from './reads.ts';
import { sessionTests } from './sessions.ts';
import { usageErasureTests } from './usage-erasure.ts';
import { usageTests } from './usage.ts';
import { writeTests } from './read-store-writes.ts';

export type { ReadStoreFixture } from './read-store-fixture.ts';

export function readStoreContract(name: string, open: OpenFixture, options: ContractOptions): void {
  describe(`the ReadStore port on ${name}`, () => {
    let fixture: ReadStoreFixture | undefined;
    const openFixture: OpenFixture = async () => (fixture = await open());

    afterEach(async () => {
      await fixture?.dispose();
      fixture = undefined;
    });

    writeTests(openFixture);
    generationTests(openFixture);
    outsideTests(openFixture);
    factTests(openFixture);
    dataKeyWrapTests(openFixture);
    leaseTests(openFixture);
    checkpointTests(openFixture);
    limitTests(openFixture, options);
    publicationTests(openFixture);
    usageTests(openFixture, options);
    readTests(openFixture);
    sessionTests(openFixture);
    usageErasureTests(openFixture);
    hostileTextTests(openFixture);
    listTests(openFixture, options);
  });
}
