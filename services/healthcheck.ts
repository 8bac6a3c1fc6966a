// The container's health check: asks every service of this container for /healthz on its own port.
// Exits 0 when all of them answer 200 in time, else 1; reads the same settings as `keyfold serve`.

const TIMEOUT_MS = 4_000;

/** The ports that the chosen services listen on; a projector has one of its own only when it runs alone. */
function ports(environment: NodeJS.ProcessEnv): string[] {
  const chosen = (environment.KEYFOLD_SERVICES ?? 'all').split(',').map((service) => service.trim());
  const runs = (service: string): boolean => chosen.includes('all') || chosen.includes(service);
  const found = [
    ...(runs('api') ? [environment.API_PORT ?? '4000'] : []),
    ...(runs('verifier') ? [environment.VERIFIER_PORT ?? '4100'] : []),
  ];
  return found.length > 0 ? found : [environment.PROJECTOR_PORT ?? '4200'];
}

async function answers(port: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.status === 200;
  } catch {
    return false;
  }
}

const healthy = await Promise.all(ports(process.env).map(answers));
process.exitCode = healthy.every(Boolean) ? 0 : 1;
