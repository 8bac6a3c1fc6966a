// A record in Kafka's form and in ours: keys and headers are UTF-8 text, a value is bytes.
import type { KafkaMessage, Message } from 'kafkajs';
import type { LogRecord, NewRecord } from '../log.ts';

/** A record to send to a partition. */
export function toMessage({ key, value, headers }: NewRecord, partition: number): Message {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { key, value: bytes, headers: { ...headers }, partition };
}

/** A record as it was fetched; `partitionOf` says where its key belongs. Of a header that occurs more than once the last value counts; no value is an empty one. */
export function toLogRecord(partition: number, message: KafkaMessage, partitionOf: (key: string) => number): LogRecord {
  const key = message.key?.toString() ?? null;
  const headers = Object.entries(message.headers ?? {}).map(([name, value]) => {
    const last = Array.isArray(value) ? value.at(-1) : value;
    return [name, last?.toString() ?? ''] as const;
  });
  return {
    partition,
    offset: Number(message.offset),
    key,
    value: toBytes(message.value),
    headers: Object.fromEntries(headers),
    ...(key === null || partitionOf(key) === partition ? {} : { misplaced: true }),
  };
}

function toBytes(value: Buffer | null): Uint8Array {
  return value ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(0);
}
