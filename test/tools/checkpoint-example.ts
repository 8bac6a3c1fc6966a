// A checkpoint as it is published: an example for documents, signed with the key of RFC 8032, section 7.1, test 1.
import type { SignedCheckpoint } from '../../events/proof/checkpoint.ts';

export const CHECKPOINT_EXAMPLE: SignedCheckpoint = {
  checkpoint: {
    id: 'checkpoint@7',
    number: 7,
    source: '/keyfold',
    time: '2030-01-31T12:10:00.000Z',
    count: 1204,
    workspaces: 3,
    root: '89a087a4a09f36c58546f0464a14fd7047e459909cca6a38de83307e2788dffe',
    position: 'p1_0-5120',
    previous: 'aaca31af42ff403935778655785733af77ea32d647996099369a052f3a27340b',
  },
  signature:
    'eyJhbGciOiJFZERTQSIsImtpZCI6IjIwMzAtMDEiLCJqd2siOnsiY3J2IjoiRWQyNTUxOSIsImt0eSI6Ik9LUCIsIngiOiIxMXFZQVlLeENyZlZTXzdUeVdRSE9nN2hjdlBhcGlNbHJ3SWFhUGNIVVJvIn19..YHGSUGfgd_8ZlpuF2azzIxS2Wslw-NL6LMlQWWWAoGZsWeelC9VTtpr4A-kZjsr-qhFnaRCBgke4bY5t8N7tBA',
};
