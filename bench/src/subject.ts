/** What is measured: a group of three server processes, and clients in this one. */
export interface Subject {
  readonly name: string;
  /** Of the servers, for their CPU time. */
  readonly pids: readonly number[];
  /** One write by client `client`; `n` is another number for every write. */
  write(client: number, n: number): Promise<unknown>;
  stop(): Promise<unknown>;
}
