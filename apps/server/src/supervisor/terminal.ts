/** Lines for people. The replicas' own logs are in their folders. */
export interface Terminal {
  /** One event: who, and what happened. */
  event(who: string, what: string): void;
  line(text: string): void;
}

const WHO_WIDTH = 10;

export const standardOutput: Terminal = {
  event: (who, what) => {
    process.stdout.write(`${who.padEnd(WHO_WIDTH)} ${what}\n`);
  },
  line: (text) => {
    process.stdout.write(`${text}\n`);
  },
};
