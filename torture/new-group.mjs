/**
 * Makes the folders of a new group as `npm start` does, and starts nothing: its argument is a `NewGroup` as JSON.
 * A program of its own, since what tortures the server knows none of its code.
 */
import { initGroup } from '../apps/server/dist/group-folder/init-group.js';

await initGroup(JSON.parse(process.argv[2]));
