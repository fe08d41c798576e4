/** Messages of the skeleton. All of a turn in one: `[id, key, value]` each way there, ids back. */
export type Put = [id: number, key: string, value: string];
export type Prepare = [batchNumber: number, batch: Uint8Array];

export const SOCKET = {
  transports: ['websocket'] as 'websocket'[],
  perMessageDeflate: false,
};
