// Copies of files that are in use, as embedded storage has them: what makes a backup of a running installation.

export interface BeginCopyOptions {
  /** The folder that the copy is made in, under the file's own name. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called now and then with how many bytes were copied so far. */
  readonly onBytes: (bytes: number) => void;
}

/** A copy that is being made. */
export interface LiveCopy {
  /** Copies what was written since, while everybody goes on; answers how many bytes that were. */
  follow(): Promise<number>;
  /** Copies the rest, and holds everybody who reads or writes the file until `work` ends: the copy is of that moment. */
  complete<T>(work: () => Promise<T>): Promise<T>;
  /** Lets the file go on as before; to be called whatever became of the copy. */
  end(): Promise<void>;
}

/** A file that can be copied while it is in use; its copy opens as after a crash at that moment. */
export interface CopySource {
  /** `log.db`, … */
  readonly name: string;
  /** Bytes that a copy takes about. */
  size(): Promise<number>;
  begin(options: BeginCopyOptions): Promise<LiveCopy>;
}
