// Stands in for a replica process: says what a replica says, and keeps a diary of its ends.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const folder = process.argv[process.argv.indexOf('--data') + 1];
const number = Number(basename(folder).split('-')[1]);
const diary = join(dirname(folder), 'diary');
const note = (what) => appendFileSync(diary, `replica ${number} ${what}\n`);

if (existsSync(join(folder, 'refuse'))) {
  process.send({ kind: 'farewell', line: 'it will not start' }, () => process.exit(2));
} else if (existsSync(join(folder, 'fail'))) {
  process.send({ kind: 'farewell', line: 'its disk is full' }, () => process.exit(70));
} else {
  note('starts');
  const lives = readFileSync(diary, 'utf8')
    .split('\n')
    .filter((line) => line === `replica ${number} starts`).length;
  process.on('message', ({ kind }) => note(kind));
  process.on('SIGTERM', () => {
    if (existsSync(join(folder, 'deaf'))) return;
    note('stops');
    process.exit(0);
  });
  process.on('disconnect', () => {
    note('is alone');
    process.exit(0);
  });
  process.send({ kind: 'listening', url: `http://127.0.0.1:${7400 + number}` });
  process.send({
    kind: 'state',
    status: 'normal',
    role: existsSync(join(folder, 'witness')) ? 'witness' : 'active',
    epoch: 0,
    view: lives - 1,
    primary: 1,
    serving: number === 1,
  });
  setInterval(() => undefined, 1_000);
}
