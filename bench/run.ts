// npm run bench: compiles what is published, then every row in one run, with the machine, the versions, each round and the ratio. It asserts nothing.
// `npm run bench -- verify graphql` runs some of the groups; Kafka and MongoDB are started unless their addresses are set.
// `million` runs only where it is named: its folder takes 8 GB and a quarter of an hour.
import { cpus, totalmem } from 'node:os';
import { besideBetterAuth } from './better-auth.ts';
import { makeFolder, makeInstallation } from './environment.ts';
import { APPEND_MS, HMAC_US } from './floor.ts';
import { graphqlList } from './graphql.ts';
import { mutations } from './mutations.ts';
import { embeddedProjector, mongoProjector } from './projector.ts';
import { round, type Row } from './report.ts';
import { revocations, startEmbeddedVerifiers, startVerifierProcesses } from './revocation.ts';
import { startTimes } from './start.ts';
import { verifyAllInOne, verifyOverHttp } from './verify-http.ts';
import { verifyInProcess } from './verify.ts';
import { hasWrk } from './wrk.ts';

const KEYS = 100_000;
const MILLION = 1_000_000;
const chosen = process.argv.slice(2);
const runs = (group: string): boolean => chosen.length === 0 || chosen.includes(group);
const rows: Row[] = [];
const report = (...more: readonly Row[]): void => {
  for (const { what, measured, ratio, target, rounds } of more)
    console.log(`| ${what} | ${measured} | ${ratio ?? ''} | ${target} | ${rounds} |`);
  rows.push(...more);
};

const [cpu] = cpus();
const loads = hasWrk() ? 'wrk' : 'autocannon (install wrk for loads that are not limited by their sender)';
console.log(
  `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, loads by ${loads}`,
);
console.log('\n| what | measured (median) | ratio | target | rounds |\n|---|---|---|---|---|');

const embedded = ['projector', 'start', 'verify', 'better-auth', 'graphql', 'mutations', 'revocation'];
if (embedded.some(runs)) {
  const folder = await makeFolder(KEYS);
  if (runs('projector')) report(embeddedProjector(folder, KEYS));
  if (runs('start')) report(...(await startTimes(folder, KEYS)));
  if (runs('graphql')) report(await graphqlList(folder));
  if (runs('mutations')) {
    const targets = {
      latency: `p50 ≤ 5 ms where an append takes ${APPEND_MS} ms: ≤ ${round(5 / APPEND_MS, 0)}`,
      throughput: `≥ 1,000/s where an HMAC takes ${HMAC_US} µs: ≤ ${round(1000 / HMAC_US, 0)} a mutation`,
    };
    const empty = await makeFolder(0);
    report(...(await mutations('embedded', empty.environment, empty.token, targets)));
    await empty.remove();
    report(...(await mutations(`embedded, ${KEYS} keys`, folder.environment, folder.token, targets)));
  }
  if (runs('verify')) {
    report(...(await verifyInProcess(folder, KEYS)));
    report(...(await verifyOverHttp(folder, KEYS)));
    report(...(await verifyAllInOne(folder, KEYS)));
  }
  if (runs('better-auth')) report(...(await besideBetterAuth(folder, KEYS)));
  if (runs('revocation')) {
    const system = await startEmbeddedVerifiers(folder.environment);
    report(await revocations(`embedded, ${KEYS} keys`, system, folder.token));
  }
  await folder.remove();
}
if (chosen.includes('million')) {
  const folder = await makeFolder(MILLION);
  report(embeddedProjector(folder, MILLION));
  report(...(await verifyOverHttp(folder, MILLION)));
  await folder.remove();
}
if (runs('distributed')) {
  const filled = await makeInstallation();
  report(await mongoProjector(filled.environment));
  await filled.close();
  const empty = await makeInstallation();
  const targets = { latency: 'p50 ≤ 30 ms', throughput: '≥ 300/s' };
  report(...(await mutations('Kafka + MongoDB', empty.environment, empty.token, targets)));
  await empty.close();
}
if (runs('revocation')) {
  const installation = await makeInstallation();
  const system = await startVerifierProcesses(installation.environment);
  report(await revocations('Kafka + MongoDB', system, installation.token));
  await installation.close();
}
process.exit(rows.length > 0 ? 0 : 1);
